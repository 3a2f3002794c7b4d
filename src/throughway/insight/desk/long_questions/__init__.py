"""Questions of the desk that take longer than a page waits: counted in the background, and their answers kept for a day, sealed."""
