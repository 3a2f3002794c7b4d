"""The rules of clerical review, in which people judge pairs of records. Nothing here reads or writes."""
