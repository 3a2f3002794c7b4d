"""What an answer says of records that it could not join: counted another way, withheld where small, and nothing of hidden rows."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gate import making
from throughway.gate import linkage_recall
from throughway.gate.actions import enter, land_person_links
from throughway.gate.linkage_coverage import LinkageCoverage, Unlinked, linkage_coverage, sentences
from throughway.gate.linkage_recall import Recall
from throughway.partners import OPERATOR
from throughway.store.links import Links

PERSONS = 2**41
NAMES = {"north": "North", "harbor": "Harbor"}


def numbers(*given: int) -> np.ndarray:
    return np.array(given, dtype=np.int64)


RECORDS = {"north": range(10, 20), "harbor": range(20, 30), "college": range(30, 40)}


@given(
    st.dictionaries(st.sampled_from(range(10, 40)), st.integers(PERSONS, PERSONS + 6)),
    st.dictionaries(st.sampled_from(sorted(RECORDS)), st.sets(st.integers(0, 9)), min_size=2),
    st.sets(st.sampled_from(sorted(RECORDS))),
)
def test_counts_are_those_of_one_look_at_each_record(
    links: dict[int, int], held: dict[str, set[int]], linked: set[str]
) -> None:
    of = {p: [RECORDS[p][i] for i in sorted(places)] for p, places in held.items()}
    found = linkage_coverage(
        {p: numbers(*records) for p, records in of.items()},
        linked=linked,
        links=Links(numbers(*links), numbers(*links.values())),
        purpose="planning",
        minimum_cell=10,
    )
    assert found is not None
    joined = sorted(of.keys() & linked)
    if len(joined) < 2:
        assert (found.counts, found.apart) == ((), tuple(sorted(of)))
        return
    for count in found.counts:
        alone = sum(
            not any(
                links.get(own, own) == links.get(other, other)
                for p in joined
                if p != count.partner
                for other in of[p]
            )
            for own in of[count.partner]
        )
        assert (count.records, count.unlinked) == (len(of[count.partner]), alone)
    assert set(found.apart) == of.keys() - set(joined)


def told(*counts: tuple[int, int], recall: Recall | None = None) -> str:
    partners = ("harbor", "north")
    each = tuple(Unlinked(p, n, u) for p, (n, u) in zip(partners, counts, strict=False))
    return " ".join(sentences(LinkageCoverage(each, (), "planning", 10, ran=True), NAMES, recall))


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (((90, 12), (3000, 2922)), "12 of 90 records of Harbor; 2,922 of 3,000 records of North."),
        # With one of them withheld, the other exact would give it away: as many are linked on either side.
        (((90, 8), (3000, 2918)), "fewer than 10 of 90 records of Harbor; about 2,920 of 3,000 records of North."),
        (((90, 0), (3000, 2910)), "fewer than 10 of 90 records of Harbor; about 2,910 of 3,000 records of North."),
        (((90, 84), (3000, 2994)), "all but fewer than 10 of 90 records of Harbor; all but fewer than 10 of 3,000"),
        (((9, 4), (300, 295)), "Harbor has fewer than 10 records, so its number is withheld; all but"),
        (((0, 0), (300, 100)), "joined: 100 of 300 records of North."),
    ],
)  # fmt: skip
def test_small_counts_are_withheld_at_both_ends(counts: tuple[tuple[int, int], ...], said: str) -> None:
    assert said in told(*counts)


def test_the_recall_is_told() -> None:
    text = told((94, 12), (2996, 2914), recall=Recall("97.3%", "95.1% to 98.9%"))
    assert "linkage finds 97.3% (95.1% to 98.9%) of the pairs of records that are one person." in text
    assert "too few pairs of a sample have been reviewed" in told((94, 12), (2996, 2914))


@pytest.mark.usefixtures("community")
@pytest.mark.django_db(transaction=True)
class TestAtSignIn:
    QUESTION = (
        "SELECT count(DISTINCT s.person_id) FROM service_received s JOIN attendance_day a USING (person_id)"
    )

    def settle(self, *, linkage: bool = True, hidden: bool = False) -> None:
        """North has 40 learners, harbor 30; of harbor's 14 are linked to nobody. `hidden`: rows that no purpose shows too."""
        document = making.sharing()
        document["records"] = {"from": "2026-01-01"}
        if not linkage:
            for purpose in document["purposes"]:
                if purpose["kind"] == "linkage":
                    purpose["serves"] = ["counting"]
        making.register()
        making.in_effect(document)
        day, old = date(2026, 9, 1), date(2019, 9, 1)
        north = [(n, day) for n in range(100, 140)] + [(n, old) for n in range(140, 190) if hidden]
        harbor = [(n, day) for n in range(200, 230)] + [(n, old) for n in range(230, 290) if hidden]
        making.land("attendance_day", "north", [
            {"person_record": n, "record": n, "attendance_event_date": on, "attendance_status": "Present"} for n, on in north
        ])  # fmt: skip
        making.land("service_received", "harbor", [
            {"person_record": n, "record": n, "service_date": on, "service_quantity": 1.0} for n, on in harbor
        ])  # fmt: skip
        links = {100 + n: PERSONS + n for n in range(16)} | {200 + n: PERSONS + n for n in range(16)}
        if hidden:
            links |= {140 + n: PERSONS + 50 + n for n in range(50)} | {
                230 + n: PERSONS + 50 + n for n in range(50)
            }
            links |= {216: PERSONS + 60}
        land_person_links(
            links=pa.table({"record": list(links), "person": list(links.values())}), by=OPERATOR
        )

    def notes(self, sql: str = QUESTION) -> list[str]:
        return enter(actor=making.reader("evaluator@hub.example"), purpose="planning").query(sql).notes

    def test_answer_across_partners_notes_unlinked_records(self) -> None:
        self.settle()
        access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
        answer = access.query(self.QUESTION)
        (joined,) = answer.rows[0]
        alone = access.query(
            "SELECT count(DISTINCT person_id) FROM service_received s"
            " WHERE NOT EXISTS (SELECT 1 FROM attendance_day a WHERE a.person_id = s.person_id)"
        ).rows[0][0]
        assert (joined, alone) == (16, 14)
        assert f"{alone} of 30 records of Harbor; 24 of 40 records of North." in answer.notes[0]
        assert "too few pairs of a sample" in answer.notes[1]
        narrowed = f"{self.QUESTION} WHERE a.attendance_status = 'ExcusedAbsence'"
        assert self.notes(narrowed) == answer.notes  # the records are the same for every query
        for one_partner in (
            "SELECT count(DISTINCT person_id) FROM attendance_day",
            "SELECT count(*) FROM attendance_day",
            f"{self.QUESTION} WHERE s.person_id = {PERSONS + 1}",
        ):
            assert self.notes(one_partner) == []

    def test_a_report_is_told_the_same_counts(self) -> None:
        self.settle(hidden=True)
        found = enter(actor=making.reader("evaluator@hub.example"), purpose="counting").joining(
            {"attendance_day", "service_received"}
        )
        assert found is not None
        assert found.counts == (Unlinked("harbor", 30, 14), Unlinked("north", 40, 24))

    def test_hidden_rows_change_nothing_of_it(self) -> None:
        self.settle(hidden=True)
        assert "14 of 30 records of Harbor; 24 of 40 records of North." in self.notes()[0]

    def test_a_purpose_without_linkage_says_that_it_joins_nobody(self) -> None:
        self.settle(linkage=False)
        access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
        answer = access.query(self.QUESTION)
        assert answer.rows == [(0,)]
        (note,) = answer.notes
        assert note.startswith("Records of Harbor and North are not joined with those of others here")
        assert "no purpose of kind linkage in effect serves planning" in note

    def test_before_the_first_linkage_it_says_so(self) -> None:
        making.register()
        making.in_effect(making.sharing())
        making.people()
        assert self.notes() == [
            "No records are linked yet, so a query that joins partners finds nobody; run `throughway link`."
        ]

    def test_the_recall_is_asked_of_the_room_that_links(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert linkage_recall.SOURCES  # registered by identity
        monkeypatch.setattr(linkage_recall, "SOURCES", [lambda: Recall("91%", "88% to 94%")])
        self.settle()
        assert "linkage finds 91% (88% to 94%)" in self.notes()[1]
        assert json.dumps(self.notes())
