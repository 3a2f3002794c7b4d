"""Loads a partner's file: read, checked against agreements, mapped, cleaned, landed."""
