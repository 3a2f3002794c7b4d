"""OneRoster 1.1 and 1.2 bundles: validation against the standard, and reading the rosters."""
