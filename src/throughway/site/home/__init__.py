"""A home page for each role: open tasks, and links to continue."""
