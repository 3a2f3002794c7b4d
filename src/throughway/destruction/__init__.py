"""Destruction of the data of an agreement, a partner, a person or a consent: what is destroyed, what is kept and why, and the
certificate."""
