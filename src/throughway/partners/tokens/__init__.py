"""Tokens: what a program shows, instead of a passphrase, to ask in the name of one user."""
