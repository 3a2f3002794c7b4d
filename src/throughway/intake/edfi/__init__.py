"""Ed-Fi, as bulk XML and as JSON lines: one declarative map for both."""
