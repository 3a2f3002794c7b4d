"""Persons in the browser: how records became persons, pairs that people look at, and how right linkage is."""
