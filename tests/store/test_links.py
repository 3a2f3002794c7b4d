"""From record to person and back, where many, one or none are linked."""

import numpy as np
import pytest

from throughway.store.links import Links
from throughway.store.record_numbers import Numbers

ONE, OTHER = 2**41, 2**41 + 1
LARGEST = 2**63 - 1  # a number that a database can hold


def numbers(*found: int) -> Numbers:
    return np.array(found, dtype=np.int64)


# 11 and 13 are one person with 21, 12 is another; 14 has no link.
LINKS = Links(numbers(13, 21, 11, 12), numbers(ONE, ONE, ONE, OTHER))
NONE = Links(numbers(), numbers())


@pytest.mark.parametrize(
    ("links", "records", "persons"),
    [
        (LINKS, [10, 11, 12, 13, 14, 21, 22], [10, ONE, OTHER, ONE, 14, ONE, 22]),
        (LINKS, [], []),
        (NONE, [10, 11], [10, 11]),
    ],
)
def test_the_person_of_each_record(links: Links, records: list[int], persons: list[int]) -> None:
    assert links.persons_of(numbers(*records)).tolist() == persons


@pytest.mark.parametrize(
    ("persons", "records"),
    [
        ([ONE], [11, 13, 21, ONE]),
        ([OTHER, ONE], [11, 12, 13, 21, ONE, OTHER]),
        ([14], [14]),
        ([OTHER + 1], [OTHER + 1]),
        ([LARGEST], [LARGEST]),
        ([LARGEST + 1], []),  # names nobody
        ([LARGEST + 1, 14, 14], [14]),
        ([], []),
    ],
)
def test_the_records_that_may_be_shown_under_a_number(persons: list[int], records: list[int]) -> None:
    assert LINKS.records_of(persons).tolist() == records


@pytest.mark.parametrize(
    ("links", "records", "together"),
    [
        (LINKS, [11], [11, 13, 21]),
        (LINKS, [12, 14], [12, 14]),
        (LINKS, [13, 12, 11], [11, 12, 13, 21]),
        (LINKS, [10, 22], [10, 22]),
        (LINKS, [], []),
        (NONE, [10, 11], [10, 11]),
    ],
)
def test_all_records_of_the_same_persons(links: Links, records: list[int], together: list[int]) -> None:
    assert links.together(numbers(*sorted(records))).tolist() == together
