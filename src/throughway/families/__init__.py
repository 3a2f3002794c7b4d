"""Families' requests to those who keep records: to inspect, to amend, limits, opt-out windows and incidents."""
