"""Needs against help: of students with a need, who is served, who waits, who got no answer, and who was never referred."""
