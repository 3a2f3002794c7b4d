"""Extracts for research: rows under one agreement with that agreement's own codes, as files with a codebook and a manifest."""
