"""The pages of agreements: the list, one agreement, its SQL and papers, an act on it, and the review of a draft."""
