"""Files that people upload on the site: readable only by the program until a worker has loaded them, then removed."""
