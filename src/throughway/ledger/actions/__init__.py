"""Acts on the ledger other than writing an entry: redisclosure, verification and proofs, who saw one student, statements of use."""
