"""Rewrites a reader's SQL so that errors, order, timing and statistics say nothing of rows that are not shown."""
