"""How much of an answer the desk takes, and how much of it its page shows."""

MOST = 10_000  # rows that an answer on the page may have
SHOWN = 200  # rows of them that are shown
COLUMNS = 60  # columns that are shown
LONGEST = 300  # characters of one cell that are shown
