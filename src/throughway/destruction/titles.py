"""What a destruction is called, and in words what it is of."""

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is mistaken for another when read aloud
LENGTH = 8

ORDERED, LANDED, FORGOTTEN, DONE = "ordered", "landed", "forgotten", "done"


def in_words(kind: str, subject: str) -> str:
    """Never a person's name: the platform's own number stands for one."""
    return {
        "agreement": f"the data of {subject}",
        "partner": f"the records of {subject}",
        "person": "one person's records",
        "consent": "rows that a consent housed",
    }[kind]
