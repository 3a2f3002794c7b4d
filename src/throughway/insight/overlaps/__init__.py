"""Overlaps to look at: students who had the same kind of support from two providers on the same days."""
