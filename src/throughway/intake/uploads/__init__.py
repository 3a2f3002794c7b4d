"""Files that people send through the site: kept closed until a worker has loaded them, then removed."""
