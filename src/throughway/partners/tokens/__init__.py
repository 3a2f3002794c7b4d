"""Tokens, with which a program acts for one user without a passphrase."""
