"""Papers to sign and to keep, set as PDF."""
