"""Pairs scored on Spark, for batches past one machine: the ladders of `linkage`, on a cluster of the operator's."""
