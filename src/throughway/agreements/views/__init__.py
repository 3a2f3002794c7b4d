"""The screens of agreements: all of them, one of them, its SQL and papers, an act on it, and the review of a draft."""
