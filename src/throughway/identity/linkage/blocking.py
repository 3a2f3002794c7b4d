"""Which records are worth comparing: those that share every part of one rule (blocking). A full run finds its pairs by these
rules, and so does a run over a few records, by keys.

A part in brackets is a list, of which one member shared is enough. Two columns with a bar between them may be shared crosswise,
what one record has in the first and the other in the second. What is not known is shared with nobody.
"""

Rule = tuple[str, ...]

MANY = 30_000  # records beyond which a birth date alone makes too many pairs
CROWDED = 300_000  # records beyond which a birth date with an initial, or two names that need not be rare, makes too many
MOST_OF_KEY = 400  # records of one key beyond which it tells nothing
MOST_IN_CROWDS = (
    25  # where so many records are held against one another, namesakes must share something else too
)
ALWAYS: tuple[Rule, ...] = (
    ("[forms]", "[surnames]"),
    ("first|spelled",),
    ("[streets]", "initial"),
    ("[streets]", "middle"),
    ("[phones]", "initial"),
    ("[emails]",),
    ("[wide]",),
    ("[local]",),
)
BUT_IN_CROWDS: tuple[Rule, ...] = (
    ("birthdate|swapped", "initial"),
    ("surname", "middle"),
    ("first", "middle"),
    ("[streets]", "surname"),
    ("sound", "sounded"),
)
OF_FEW: tuple[Rule, ...] = (
    ("birthdate",),
    ("first", "year", "month"),
    ("surname", "year", "month"),
    ("sounded", "initial"),
)
OF_MANY: tuple[Rule, ...] = (
    ("birthdate", "initial"),
    ("birthdate", "surname"),
    ("birthdate", "sex", "middle"),
)
OF_CROWDS: tuple[Rule, ...] = (
    ("birthdate", "[forms]"),
    ("birthdate", "[surnames]"),
    ("birthdate", "sex", "middle"),
    ("birthdate|swapped", "first"),
    ("birthdate|swapped", "surname"),
    ("surname", "middle", "year"),
    ("first", "middle", "year"),
)


def rules(records: int) -> tuple[Rule, ...]:
    """The rules for a community of so many records."""
    if records > CROWDED:
        return (*OF_CROWDS, *ALWAYS)
    return (*(OF_FEW if records <= MANY else OF_MANY), *BUT_IN_CROWDS, *ALWAYS)


def is_list(part: str) -> bool:
    return part.startswith("[")


def columns(part: str) -> list[str]:
    """The column of a part, or the two that may be shared crosswise."""
    return part.strip("[]").split("|")
