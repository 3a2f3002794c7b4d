"""Measures, the pipeline and its leaks, and reports."""
