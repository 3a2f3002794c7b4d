"""Whom each open step waits for, since when and until when; and the reminders."""
