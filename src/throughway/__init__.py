"""Throughway: student data shared exactly as signed agreements say."""

__version__ = "0.1.0"
