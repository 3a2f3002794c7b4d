"""Who is who: one person recognised in the records of several partners."""
