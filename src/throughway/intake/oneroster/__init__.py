"""OneRoster 1.1 and 1.2 bundles: the verdict of the standard, and the rosters in them."""
