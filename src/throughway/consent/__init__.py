"""Who holds the right to consent, what was consented to or refused, and directory opt-outs, as events."""
