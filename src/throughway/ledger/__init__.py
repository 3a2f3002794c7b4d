"""The ledger of disclosures: entries, the Merkle tree and its signed heads, verification, proofs, who may see which entry."""
