"""Which help works: the estimator of a program's effect on a plain table, and the verdict that its figures support."""
