"""What stands of sessions: for who writes it (`entries`), and for who reads it (`rosters`)."""
