"""Privacy-preserving record linkage: partners make keys of their records, and the steward links keys without names. Optional."""
