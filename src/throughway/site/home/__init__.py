"""A home for each role: what waits, and where it goes on."""
