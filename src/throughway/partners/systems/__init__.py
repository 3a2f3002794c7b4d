"""The data systems of each partner: their contents, location, period, and responsible offices."""
