"""Clerical review: people look at pairs of records. Rules alone; nothing here reads or writes."""
