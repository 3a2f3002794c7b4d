"""Courses that readers must hold, and who completed which when."""
