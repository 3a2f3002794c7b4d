"""The state of linkage between runs, and how new or changed records are linked with it without comparing all records again."""
