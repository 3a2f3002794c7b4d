"""Work that somebody asks for on the site and that can take minutes: the background process carries it out, one of a kind at a time."""
