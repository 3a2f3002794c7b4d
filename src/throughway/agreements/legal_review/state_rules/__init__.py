"""Rules of States that come with the platform, as examples for counsel to confirm."""
