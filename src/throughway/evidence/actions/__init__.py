"""Every write of studies and of what follows them."""
