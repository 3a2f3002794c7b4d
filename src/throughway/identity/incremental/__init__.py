"""What linkage keeps between its runs: records as they are compared, their blocking keys, pairs, and what was learned."""
