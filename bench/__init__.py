"""Ratios that the project promises, measured in one run against a named peer on the same rows and machine."""
