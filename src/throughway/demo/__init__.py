"""Riverbend, a fictional community."""
