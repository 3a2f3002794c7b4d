"""Families' rights as events: holders of the right to consent, consents, refusals, directory opt-outs, requests and limits."""
