"""Which records are one person: the comparisons, the weights of agreements, and the decision."""
