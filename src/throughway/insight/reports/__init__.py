"""The frame of the reports on help: one command, one page and one registration for each kind."""
