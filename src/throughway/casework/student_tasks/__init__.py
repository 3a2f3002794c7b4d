"""Tasks about students: what is to be done, by when and by whom."""
