"""Needs of students that people know of."""
