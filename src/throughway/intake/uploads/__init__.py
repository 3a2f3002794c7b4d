"""Files that people send through the site: readable by the program alone until a worker has loaded them, then removed."""
