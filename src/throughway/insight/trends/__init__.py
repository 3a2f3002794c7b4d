"""Trends: what share of each class reached an outcome, year after year, with targets, gaps and what students say in surveys."""
