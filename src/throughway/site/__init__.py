"""Where the rooms meet: settings and the addresses of pages."""
