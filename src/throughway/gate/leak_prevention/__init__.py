"""Rewrites a reader's SQL so that errors, order, timing and statistics reveal nothing about rows that are not shown."""
