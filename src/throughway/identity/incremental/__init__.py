"""What linkage keeps between its runs, and how new or changed records are linked with it, without comparing all records again."""
