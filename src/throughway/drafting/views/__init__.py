"""The screens of drafting."""
