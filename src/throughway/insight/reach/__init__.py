"""Reach: each program's participants beside those who could come, its applicants and its waiting list, and what it costs."""
