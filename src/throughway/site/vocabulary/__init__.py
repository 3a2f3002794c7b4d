"""The vocabulary on the site: for whoever sends a file, asks a question or writes an agreement."""
