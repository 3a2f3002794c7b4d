"""Extracts for research: what one agreement gives under codes of its own, as files with a codebook and a manifest."""
