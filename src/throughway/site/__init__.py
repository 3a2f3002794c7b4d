"""Where the rooms meet: the settings."""
