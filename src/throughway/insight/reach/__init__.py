"""Reach: each program's participants beside those who are eligible, its applicants and its waiting list, and what it costs."""
