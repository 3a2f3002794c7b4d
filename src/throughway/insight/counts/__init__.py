"""Counts that are asked for on the site: they can take minutes, so the background process carries them out."""
