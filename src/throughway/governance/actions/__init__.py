"""Every write to governance. Each act records one event with what it changes."""
