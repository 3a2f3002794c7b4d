"""Families' rights as events: who holds the right to consent, consents, refusals, directory opt-outs, requests and limits."""
