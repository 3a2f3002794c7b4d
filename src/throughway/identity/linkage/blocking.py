"""Which records are worth comparing: those that share every part of one rule (blocking). A full run finds its pairs by these
rules, and so does a run over a few records, by keys.

A part in brackets is a list, of which one member shared is enough. Two columns with a bar between them may be shared crosswise,
what one record has in the first and the other in the second. What is not known is shared with nobody.
"""

Rule = tuple[str, ...]

MANY = 30_000  # records beyond which a birth date alone makes too many pairs
ALWAYS: tuple[Rule, ...] = (
    ("[forms]", "[surnames]"),
    ("birthdate|swapped", "initial"),
    ("first|spelled",),
    ("surname", "middle"),
    ("first", "middle"),
    ("[streets]", "initial"),
    ("[streets]", "middle"),
    ("[phones]", "initial"),
    ("[emails]",),
    ("[wide]",),
    ("[local]",),
)
OF_FEW: tuple[Rule, ...] = (("birthdate",), ("first", "year", "month"), ("surname", "year", "month"))
OF_MANY: tuple[Rule, ...] = (
    ("birthdate", "initial"),
    ("birthdate", "surname"),
    ("birthdate", "sex", "middle"),
)


def rules(records: int) -> tuple[Rule, ...]:
    """The rules for a community of so many records."""
    return (*(OF_FEW if records <= MANY else OF_MANY), *ALWAYS)


def is_list(part: str) -> bool:
    return part.startswith("[")


def columns(part: str) -> list[str]:
    """The column of a part, or the two that may be shared crosswise."""
    return part.strip("[]").split("|")
