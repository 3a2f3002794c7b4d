"""Every write of this room: linking records, reviewing pairs, undoing a merge or a split; and reads that the ledger records."""
