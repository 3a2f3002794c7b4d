"""Every write to the store."""
