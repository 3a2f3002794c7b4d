"""Which records are one person: what is compared, what an agreement is worth, and the decision."""
