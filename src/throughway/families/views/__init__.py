"""The screens of families' rights. No page names a student."""
