"""What a report says of records that it could not join: protected like its figures, and told from the release alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.publication.attacker import printed
from throughway.gate.linkage_coverage import LinkageCoverage, Unlinked
from throughway.gate.linkage_recall import Recall
from throughway.insight.unlinked_records import about, linkage_tables, sentences

NAMES = {"north": "North", "harbor": "Harbor", "college": "College"}


def found(*counts: tuple[str, int, int], apart: tuple[str, ...] = ()) -> LinkageCoverage:
    return LinkageCoverage(tuple(Unlinked(*count) for count in counts), apart, "counting", 10, ran=True)


def told(joining: LinkageCoverage | None, recall: Recall | None = None) -> list[str]:
    return list(sentences(about(joining, recall, NAMES), linkage_tables(joining, NAMES)))


def test_counts_and_recall_are_told() -> None:
    joining = found(("harbor", 90, 30), ("north", 3000, 2920))
    assert told(joining, Recall("97%", "95% to 99%")) == [
        "Records not linked to any other partner’s record, so the students cannot be followed between partners: 30 of 90 records of Harbor and "
        "2,920 of 3,000 records of North.",
        "According to a sample of pairs that people reviewed, linkage finds 97% (95% to 99%) of the "
        "pairs of records that are one person.",
    ]


def test_small_counts_are_withheld_with_what_reveals_them() -> None:
    (table,) = linkage_tables(found(("harbor", 90, 8), ("north", 3000, 2918)), NAMES)
    shown = {(c.at["records of"], c.at.get("linked to another partner’s")): c.shown for c in table.cells}
    # As many are linked on either side: one exact count would tell the eight.
    assert [shown[p, a] for p in ("Harbor", "North") for a in ("yes", "no")] == [
        None,
        None,
        None,
        "2910–3000",
    ]
    (_, withheld, _) = told(found(("harbor", 90, 8), ("north", 3000, 2918)))
    assert "is withheld for Harbor:" in withheld
    assert {cell.statistic for cell in table.cells} == {"sum"}


def test_linkage_notes_of_one_partner_or_without_linkage() -> None:
    assert told(None) == []
    (apart,) = told(found(apart=("harbor", "north")))
    assert apart.startswith("Records of Harbor and North are not joined with those of others here")
    assert list(sentences({}, ())) == []  # a release that was made before it was told


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=2, max_size=3))
def test_no_small_count_is_ever_shown(counts: list[tuple[int, int]]) -> None:
    each = [(p, max(n), min(n)) for p, n in zip(NAMES, counts, strict=False)]
    for table in linkage_tables(found(*each), NAMES):
        for cell in table.cells:
            low, high = printed(cell.shown)
            assert cell.withheld or (low >= 10 if low == high else high - low >= 10)


@pytest.mark.parametrize("recall", [None, Recall("9%", "8% to 10%")])
def test_what_is_kept_with_a_release_is_plain(recall: Recall | None) -> None:
    kept = json.loads(json.dumps(about(found(("harbor", 90, 30), ("north", 300, 240)), recall, NAMES)))
    assert kept["purpose"] == "counting"
