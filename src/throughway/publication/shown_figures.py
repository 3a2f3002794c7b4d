"""How a range is printed; and a printed figure read back into what it says: a count, a range of a count, or the range of a rate."""

import re
from collections.abc import Iterator
from fractions import Fraction

RANGE = re.compile(r"(\d+)–(\d+)")
Shown = int | str


def count_between(shown: Shown) -> tuple[int, int]:
    """The smallest and largest count that is printed so: `25` is 25 to 25, `10–19` is 10 to 19. ValueError for anything else."""
    if isinstance(shown, int):
        return shown, shown
    found = RANGE.fullmatch(shown)
    if found is None:
        raise ValueError(f"{shown!r} is no count and no range of a count")
    return int(found[1]), int(found[2])


def range_words(low: int, high: int) -> str:
    """A range of a count as it is printed: "0–20", both ends included."""
    return f"{low}–{high}"


def range_ends(shown: Shown | None) -> tuple[int, int] | None:
    """The ends of a printed range of a count; None for any other figure."""
    found = RANGE.fullmatch(shown) if isinstance(shown, str) else None
    return (int(found[1]), int(found[2])) if found else None


def least(shown: Shown | None) -> int:
    """The smallest count that a figure allows; 0 of a withheld one."""
    return 0 if shown is None else count_between(shown)[0]


def count_words(shown: Shown) -> str:
    """A printed count or range in text: 12,345."""
    return f"{shown:,}" if isinstance(shown, int) else shown


def out_of(part: Shown | None, whole: Shown | None) -> str:
    """`12 of 84`, or `at least 10 of 25`; empty where the whole is not shown as a number, or the part is withheld or may be none."""
    if not isinstance(whole, int) or part is None or not (least := count_between(part)[0]):
        return ""
    return f"{'' if isinstance(part, int) else 'at least '}{least:,} of {whole:,}"


def rate_between(shown: Shown) -> tuple[Fraction, bool, Fraction, bool]:
    """The rates in percent that are printed so: the lower end and whether it is included, the upper end and whether it is included.

    A whole percent is rounded half up, but never to 0 or 100, and the last before a top code reaches up to it. A step such as `21–29%`
    is above 20 and below 30; one that begins with a multiple of five, such as `30–39%`, includes its lower end. ValueError for anything else.
    """
    if isinstance(shown, int):
        low = Fraction(0) if shown <= 1 else shown - Fraction(1, 2)
        high = shown + (Fraction(1) if shown >= 97 else Fraction(1, 2))
        return low, True, high, shown >= 99
    body = shown.removesuffix("%")
    if body[:1] == "≤" and body[1:].isdigit():
        return Fraction(0), True, Fraction(int(body[1:])), True
    if body[:1] == "<" and body[1:].isdigit():
        return Fraction(0), True, Fraction(int(body[1:])), False
    if body[:1] == "≥" and body[1:].isdigit():
        return Fraction(int(body[1:])), True, Fraction(100), True
    found = RANGE.fullmatch(body)
    if found is None:
        raise ValueError(f"{shown!r} is no rate")
    first = int(found[1])
    above = first % 5 != 0
    return Fraction(first - above), not above, Fraction(int(found[2]) + 1), False


def rate_rows(shown: Shown) -> Iterator[tuple[int, int, float, float]]:
    """What a printed rate says of its numerator N and denominator D, as rows `low <= n * N + d * D <= high` of (n, d, low, high)."""
    low, with_low, high, with_high = rate_between(shown)
    yield 0, 1, 1, float("inf")  # there is no rate of nobody
    yield 100 * low.denominator, -low.numerator, 0 if with_low else 1, float("inf")
    yield 100 * high.denominator, -high.numerator, float("-inf"), 0 if with_high else -1
