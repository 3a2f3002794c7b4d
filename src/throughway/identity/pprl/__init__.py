"""Linking without names: a partner makes keys of its records, and the steward links keys (privacy-preserving record linkage)."""
