"""Linkage: finds the records of one person across partners."""
