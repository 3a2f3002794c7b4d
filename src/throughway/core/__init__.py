"""Shared by all rooms: refusals, days and lists in words, caches, JSON."""
