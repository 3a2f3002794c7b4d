"""Acts on the ledger beside writing an entry: redisclosure, proofs, and who has seen one student."""
