"""What of a partner's data has landed, as elements and days, for its register of data systems."""
