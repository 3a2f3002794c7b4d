"""Changing an agreement's text together: proposals element by element, comments, answers."""
