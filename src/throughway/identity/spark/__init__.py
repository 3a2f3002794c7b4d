"""Linkage on a Spark cluster, for more records than one machine can compare: the comparisons of `linkage` in Spark SQL. Optional."""
