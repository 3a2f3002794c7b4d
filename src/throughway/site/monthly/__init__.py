"""The page of the month: what changed, three things to talk about, and what is due; on one sheet, for a meeting."""
