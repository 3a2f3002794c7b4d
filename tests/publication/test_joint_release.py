"""A release is protected together with every earlier one about the same students: what stays, what is withheld, what is forgotten."""

import csv
import io
import random
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest

from tests.publication.test_earlier_releases import BY, read
from throughway.agreements.enums import PublicationRule
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.gate.actions import links_in_force
from throughway.partners import OPERATOR
from throughway.publication import RawCell, RawTable, actions
from throughway.publication.actions import RegistryChanged, forget_members
from throughway.publication.certified_tables import certified_tables
from throughway.publication.joint_release import CountedTables, joint_tables
from throughway.publication.members import FigureMembers
from throughway.publication.models import ReleaseMembers
from throughway.publication.policy import RULES
from throughway.publication.release_document import digest
from throughway.publication.report_files import as_csv, as_html, facts
from throughway.publication.selectors import joint_notes, published, release_to_json, verification
from throughway.publication.states import ReleaseAct
from throughway.publication.tables import ALONE, Place, Relation, place

ON = date(2026, 6, 30)
OUTCOMES = ("reached", "lost")


def counted(**classes: tuple[range | list[int], range | list[int]]) -> CountedTables:
    """Of each class those who reached the milestone, and those who were lost."""
    cells = []
    for name, outcomes in classes.items():
        sets = [np.array(sorted(each), np.int64) for each in outcomes]
        every = np.sort(np.concatenate(sets))
        cells.append(RawCell({"milestone": name}, count=every.size, persons=every))
        cells += [
            RawCell({"milestone": name, "outcome": outcome}, count=persons.size, persons=persons)
            for outcome, persons in zip(OUTCOMES, sets, strict=True)
        ]
    table = RawTable("Students at each milestone", ("milestone", "outcome"), tuple(cells))
    return CountedTables((table,), 10, classes={("milestone", name): f"{name} 2026" for name in classes})


def publish(
    tables: CountedTables, *, purpose: str = "report", review_days: int = 0, report: str = "pipeline"
) -> str:
    entry = read(*sorted({int(n) for persons in tables.persons.values() for n in persons}))
    joint = joint_tables(tables, report=report, purpose=purpose, disclosures=[entry])
    return actions.publish(
        report=report, title="Where students are lost", tables=joint.tables, purpose=purpose, on=ON, joint=joint,
        agreements=[("riverbend-2026", "f" * 64)], minimum_cell=10, review_days=review_days, disclosures=[entry], by=BY,
    ).id  # fmt: skip


def shown(release: str) -> dict[tuple[str, str], object]:
    (table,) = published(release, OPERATOR).tables
    return {(c.at["milestone"], c.at.get("outcome", "")): c.shown for c in table.cells}


BOTH = {"graduate": (range(100), range(100, 140)), "enroll": (range(200, 260), range(260, 290))}
LATE = {"graduate": (range(101), range(101, 140)), "enroll": (range(200, 275), range(275, 305))}


@pytest.mark.django_db
class TestASecondRelease:
    def test_a_class_with_a_late_record_stays_and_another_changes(self, community):
        first = publish(counted(**BOTH))
        second = publish(counted(**LATE))
        before, after = shown(first), shown(second)
        assert {k: v for k, v in after.items() if k[0] == "graduate"} == {
            k: v for k, v in before.items() if k[0] == "graduate"
        }
        assert (after["enroll", ""], after["enroll", "reached"]) == (105, 75)
        (note,) = joint_notes(published(second, OPERATOR).about)
        assert note.startswith(f"graduate: as published in release {first} of ")
        assert note.endswith("with the first report in which 10 or more students have changed.")
        assert release_to_json(published(second, OPERATOR))["notes"] == [note]

    def test_without_a_change_nothing_is_published(self, community):
        first = publish(counted(**BOTH))
        few = BOTH | {"graduate": LATE["graduate"]}
        for again in (BOTH, few):
            with pytest.raises(Refused, match=f"as in release {first}") as refused:
                publish(counted(**again))
            assert refused.value.code == "covered"

    @pytest.mark.parametrize("change", ["purpose", "review", "withdrawn", "report"])
    def test_where_nothing_may_be_repeated_the_figure_is_withheld(self, community, change):
        first = publish(counted(**BOTH), review_days=14 if change == "review" else 0)
        if change == "withdrawn":
            actions.act_on(ReleaseAct.WITHDRAW, release=first, reason="A wrong year", by=OPERATOR)
        more = {"purpose": {"purpose": "another"}, "report": {"report": "question"}}.get(change, {})
        after = shown(publish(counted(**LATE), **more))
        assert [after["graduate", o] for o in OUTCOMES] == [None, None]
        assert after["graduate", ""] == 140
        assert after["enroll", "reached"] == 75

    def test_twenty_releases_with_one_late_record_each_say_one_thing(self, community):
        first = publish(counted(**BOTH))
        for late in range(1, 20):
            tables = {**BOTH, "graduate": (range(100 + late), range(100 + late, 140))}
            with suppress(Refused):  # where no class changed enough
                reached = shown(publish(counted(**tables)))["graduate", "reached"]
                assert reached in (100, 110), late  # ten late records are enough to be told once
        assert shown(first)["graduate", "reached"] == 100

    def test_a_release_that_was_audited_before_another_is_not_registered(self, community):
        tables, entry = counted(**BOTH), read(1, 2)
        joint = joint_tables(tables, report="pipeline", purpose="report", disclosures=[entry])
        publish(counted(other=(range(500, 550), range(550, 580))))
        with pytest.raises(RegistryChanged):
            actions.publish(
                report="pipeline", title="Late", tables=joint.tables, purpose="report", on=ON, agreements=[], joint=joint,
                minimum_cell=10, review_days=0, disclosures=[entry], by=BY,
            )  # fmt: skip

    def test_records_of_releases_without_persons_still_block(self, community):
        first = publish(counted(**BOTH))
        ReleaseMembers.objects.all().delete()
        for report in ("pipeline", "question"):
            with pytest.raises(Refused, match=f"release {first}"):
                publish(counted(**LATE), report=report)


def by_sex(sets: Mapping[tuple[str, str, str], Collection[int]]) -> CountedTables:
    """Every count by milestone, sex and outcome, with all totals. `sets`: the persons of each."""
    places: dict[Place, set[int]] = {}
    for (milestone, sex, outcome), persons in sets.items():
        here = {"milestone": milestone}
        for more in ({}, {"sex": sex}, {"outcome": outcome}, {"sex": sex, "outcome": outcome}):
            places.setdefault(place(here | more), set()).update(persons)
    cells = [
        RawCell(dict(at), count=len(persons), persons=np.array(sorted(persons), np.int64))
        for at, persons in places.items()
    ]
    table = RawTable("Students", ("milestone", "sex", "outcome"), tuple(cells))
    classes = {("milestone", milestone): f"{milestone} 2026" for milestone, _, _ in sets}
    return CountedTables((table,), 10, classes=classes)


# 50 and 60 lost, 400 and 380 reached, 1 and 2 not seen.
HALVED = {
    ("a", sex, outcome): range(1000 * n, 1000 * n + size)
    for n, (sex, outcome, size) in enumerate([
        ("F", "lost", 50), ("M", "lost", 60), ("F", "reached", 400), ("M", "reached", 380), ("F", "not seen", 2), ("M", "not seen", 1),
        ("N", "lost", 1), ("N", "reached", 0), ("N", "not seen", 0),
    ])
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 3, 46])
def test_the_counts_withheld_beside_an_earlier_release_are_recounted(community, seed):
    """By comparing what is shown with what the same counts would show alone: also those that are withheld for the sake of others."""
    chance = random.Random(seed)
    first: dict[tuple[str, str, str], set[int]] = {}
    start = 0
    for which in product(("a", "b"), ("F", "M"), ("reached", "lost", "not seen")):
        size = chance.choice([12, 20, 35, 60, 100])
        first[which] = set(range(start, start + size))
        start += size + 100
    later = {which: set(persons) for which, persons in first.items()}
    for persons in later.values():
        what = chance.random()
        if what < 0.3:
            persons |= {max(persons) + i for i in range(1, chance.choice([2, 3, 20, 40]))}
        elif what < 0.4:
            persons.discard(min(persons))
    alone = [c for t in by_sex(later).protected(ranges=False) for c in t.cells]
    release = publish(by_sex(first))
    found = published(publish(by_sex(later), report="question"), OPERATOR)
    now = [c for t in found.tables for c in t.cells]
    assert [c.at for c in alone] == [c.at for c in now]
    many = sum(
        before.shown is not None and (after.withheld or after.ranged)
        for before, after in zip(alone, now, strict=True)
    )
    assert many > 10
    first_note, *ranges = joint_notes(found.about)
    assert first_note.startswith(f"{many} counts withheld, because together with release {release} ")
    ranged = sum(c.ranged for c in now)
    assert ranges == [f"{ranged} ranges say no more than follows from the figures that are shown."] * bool(
        ranged
    )


@pytest.mark.django_db
class TestForgetting:
    def test_an_ended_agreement_takes_the_persons_with_it(self, community):
        publish(counted(**BOTH))
        gone = Gone("riverbend-2026", {}, frozenset(), frozenset())
        assert forget_members(gone) == {"releases whose counted students were forgotten": 1}
        assert not ReleaseMembers.objects.exists()

    def test_a_forgotten_student_can_be_found_in_no_figure(self, community):
        publish(counted(**BOTH))
        forget_members(Gone(None, {"north": frozenset({7})}, frozenset(), frozenset()))
        (row,) = ReleaseMembers.objects.all()
        members = FigureMembers.unpacked(bytes(row.packed))
        persons, unknown = members.persons(links_in_force())
        assert unknown == 1
        assert 7 not in persons[place({"milestone": "graduate", "outcome": "reached"})]
        assert len(members.records) == len(set(members.owners.tolist())) == 229
        assert forget_members(Gone(None, {"north": frozenset({7})}, frozenset(), frozenset())) == {}

    @pytest.mark.parametrize("purpose", ["report", "another"])
    def test_a_later_figure_does_not_tell_of_a_forgotten_student(self, community, purpose):
        """100 reached it, then 99 of the others: whoever knows whose records were destroyed would know what became of that student."""
        first = publish(counted(**BOTH))
        forget_members(Gone(None, {"north": frozenset({7})}, frozenset(), frozenset()))
        left = [n for n in range(100) if n != 7]
        after = shown(publish(counted(**LATE | {"graduate": (left, range(100, 140))}), purpose=purpose))
        before = shown(first)
        for outcome in ("reached", "lost", ""):
            assert after["graduate", outcome] in (None, before["graduate", outcome])

    def test_releases_of_others_stay(self, community):
        publish(counted(**BOTH))
        assert forget_members(Gone("another", {"north": frozenset({9_999})}, frozenset(), frozenset())) == {}


@pytest.mark.django_db
def test_tables_that_can_be_spared_are_left_out_where_all_together_cannot_be_protected(
    community, monkeypatch
):
    base = counted(reading=(range(100, 140), range(200, 230)))
    groups = {"one": np.arange(100, 140), "two": np.arange(200, 230)}
    by_sex, by_race = (
        RawTable(f"By {kind}", ("milestone", kind), tuple(
            RawCell({"milestone": "reading", kind: name}, count=persons.size, persons=persons) for name, persons in groups.items()
        ))
        for kind in ("sex", "race")
    )  # fmt: skip
    tables = replace(base, tables=(*base.tables, by_sex, by_race), spare=("By race", "By sex"))
    refused = {"By race"}

    def certified(found, **known):
        if refused & {table.title for table in found}:
            raise Refused("These tables cannot be protected.", code="cannot_protect")
        return certified_tables(found, **known)

    monkeypatch.setattr("throughway.publication.joint_release.certified_tables", certified)
    entry = read(*(int(n) for n in np.unique(np.concatenate(list(tables.persons.values())))))
    found = joint_tables(tables, report="pipeline", purpose="report", disclosures=[entry])
    assert [table.title for table in found.tables] == ["Students at each milestone", "By sex"]
    assert joint_notes(found.about()) == [
        "Left out, because it could not be protected together with the other tables: By race."
    ]
    assert place({"milestone": "reading", "race": "one"}) not in found.members.persons(links_in_force())[0]
    refused.add("Students at each milestone")
    with pytest.raises(Refused, match="cannot be protected"):
        joint_tables(tables, report="pipeline", purpose="report", disclosures=[entry])


@pytest.mark.django_db
@pytest.mark.parametrize("takes_a_figure", [False, True])
def test_an_extra_table_is_shown_only_where_it_takes_no_figure(community, monkeypatch, takes_a_figure):
    base = counted(reading=(range(100, 140), range(200, 230)))
    halves = {"July": np.arange(100, 140), "August": np.arange(200, 230)}
    by_month = RawTable("By month", ("milestone", "month"), tuple(
        RawCell({"milestone": "reading", "month": name}, count=persons.size, persons=persons) for name, persons in halves.items()
    ))  # fmt: skip
    tables = replace(base, tables=(*base.tables, by_month), extra=("By month",))

    def certified(found, **known):
        made = certified_tables(found, **known)
        if takes_a_figure and len(made) > 1:
            first = replace(made[0], cells=tuple(replace(c, shown=None) for c in made[0].cells))
            return (first, *made[1:])
        return made

    monkeypatch.setattr("throughway.publication.joint_release.certified_tables", certified)
    entry = read(*(int(n) for n in np.unique(np.concatenate(list(tables.persons.values())))))
    found = joint_tables(tables, report="pipeline", purpose="report", disclosures=[entry])
    every = [base.tables[0].title, "By month"]
    assert [table.title for table in found.tables] == (every[:1] if takes_a_figure else every)
    assert list(found.left_out) == (["By month"] if takes_a_figure else [])
    assert all(isinstance(cell.shown, int) for cell in found.tables[0].cells)


def test_rates_and_relations_go_with_the_table_of_their_counts():
    count = RawTable("Counts", ("a",), (RawCell({"a": "x"}, count=20, persons=np.arange(20)),))
    at = place({"a": "x"})
    rate = RawTable("Shares", ("a", "share"), (RawCell({"a": "x", "share": "s"}, "rate", numerator=20, denominator=20, of=(at,), among=(at,)),))  # fmt: skip
    whole = RawTable("All", (), (RawCell({}, count=20, persons=np.arange(20)),))
    found = CountedTables((whole, count, rate), 10, (Relation({}, [{"a": "x"}]),)).without_table("Counts")
    assert [table.title for table in found.tables] == ["All"]
    assert found.relations == ()


def test_members_are_packed_without_the_order_of_persons():
    class Alone:
        def persons_of(self, records):
            return records

        def records_by_person(self, persons):
            return np.arange(len(persons)), persons

    figures = {place({"a": "x"}): np.arange(50), place({"a": "y"}): np.array([], np.int64)}
    members = FigureMembers.of(figures, Alone())
    again = FigureMembers.unpacked(members.packed())
    persons, unknown = again.persons(Alone())
    assert unknown == 0
    assert {at: p.tolist() for at, p in persons.items()} == {at: p.tolist() for at, p in figures.items()}
    by_ordinal = again.records[np.argsort(again.owners)]
    assert by_ordinal.tolist() != sorted(by_ordinal.tolist())


@pytest.mark.django_db
def test_beside_an_earlier_release_a_range_says_only_what_follows(community):
    """Of 32, none to all were reached: whoever reads the 32 knows it."""
    first = {"graduate": (range(20), range(20, 60)), "enroll": (range(200, 208), range(290, 298))}
    later = {**first, "enroll": ([*range(200, 208), *range(400, 415), 297], [*range(290, 297), 298])}
    publish(counted(**first))
    second = publish(counted(**later))
    assert [shown(second)["enroll", outcome] for outcome in ("", *OUTCOMES)] == [32, "0–32", "0–32"]
    assert [shown(second)["graduate", outcome] for outcome in ("", *OUTCOMES)] == [60, 20, 40]
    assert joint_notes(published(second, OPERATOR).about)[-1].startswith("2 ranges say no more than follows")


@pytest.mark.django_db
def test_beside_another_release_no_range_is_found_by_halving(community):
    halved = by_sex(HALVED)
    assert "92–114" in [c.shown for t in halved.protected() for c in t.cells]
    publish(halved, purpose="another")
    beside = published(publish(halved), OPERATOR)
    alone = [c for t in halved.protected(ranges=False) for c in t.cells]
    now = [c for t in beside.tables for c in t.cells]
    assert [c.shown for c in alone] == [c.shown for c in now]  # what follows is too wide to be useful


@pytest.mark.django_db
class TestAPublicationRule:
    """The rule that an agreement names codes every share, and each release and each of its files names it."""

    @pytest.fixture
    def two_classes(self):
        tables = counted(graduate=(range(100), range(100, 120)), enroll=(range(200, 260), range(260, 290)))
        (table,) = tables.tables
        sizes = {"graduate": (20, 120), "enroll": (30, 90)}
        shares = tuple(
            RawCell(
                {"milestone": name, "share": "lost"}, "rate", numerator=lost, denominator=every,
                of=(place({"milestone": name, "outcome": "lost"}),),
                among=tuple(place({"milestone": name, "outcome": outcome}) for outcome in OUTCOMES),
            )
            for name, (lost, every) in sizes.items()
        )  # fmt: skip
        return replace(tables, tables=(RawTable(table.title, (*table.by, "share"), (*table.cells, *shares)),))

    @pytest.mark.parametrize(
        ("rule", "shares", "name"),
        [
            (None, [17, 33], "minimum cell"),
            (PublicationRule.NCES_2011, [17, "30–34%"], "NCES 2011-603"),
            (PublicationRule.EDFACTS, ["15–19%", "30–34%"], "EDFacts"),
        ],
    )
    def test_it_is_named_in_every_file_and_verified(self, community, two_classes, rule, shares, name):
        release = publish(replace(two_classes, rule=rule))
        found = published(release, OPERATOR)
        (table,) = found.tables
        assert [cell.shown for cell in table.cells if cell.statistic == "rate"] == shares
        document = release_to_json(found)
        assert document["rule"] == {"name": name, "source": RULES[rule].source}
        checked = verification(release, OPERATOR)
        assert checked["ok"], checked["problems"]
        said = f"{name}. {RULES[rule].sentence} Source: {RULES[rule].source}."
        assert facts(found)["Publication rule"] == said
        assert said.replace("&", "&amp;") in as_html(found).decode()
        rows = list(csv.DictReader(io.StringIO(as_csv(found).decode())))
        assert {row["publication_rule"] for row in rows} == {name}

    def test_it_is_part_of_what_is_sealed(self, community, two_classes):
        found = published(publish(replace(two_classes, rule=PublicationRule.NCES_2011)), OPERATOR)
        assert digest(found.document) != digest(found.document | {"rule": RULES[None].to_json()})


def two_shares(first: set[int], second: set[int]) -> CountedTables:
    """A question that asks two things of 200 students."""
    everyone = set(range(200))

    def cell(at, persons):
        return RawCell(at, count=len(persons), persons=np.array(sorted(persons), np.int64))

    tables = [RawTable("Students", (), (cell({}, everyone),))]
    for name, yes in (("first", first), ("second", second)):
        cells = (cell({name: "Yes"}, yes), cell({name: "No"}, everyone - yes))
        rate = RawCell({"measure": name}, "rate", numerator=len(yes), denominator=200, of=(cells[0].place,),
                       among=tuple(c.place for c in cells))  # fmt: skip
        tables += [
            RawTable(f"Students: {name}", (name,), cells),
            RawTable(f"Share: {name}", ("measure",), (rate,)),
        ]
    return CountedTables(tuple(tables), 10, subject="two shares")


@pytest.mark.django_db
@pytest.mark.parametrize("fewer", [1, 9, 10])
def test_two_figures_of_one_question_that_differ_in_a_few_students_are_not_both_shown(community, fewer):
    release = publish(two_shares(set(range(100)), set(range(100 - fewer))), report="question")
    found = published(release, OPERATOR)
    counts = {name: found.tables[n].shown({name: "Yes"}) for n, name in ((1, "first"), (3, "second"))}
    rates = [found.tables[n].shown({"measure": name}, "rate") for n, name in ((2, "first"), (4, "second"))]
    if fewer == 10:
        assert (counts, joint_notes(found.about)) == ({"first": 100, "second": 90}, [])
        return
    assert counts == {"first": None, "second": 100 - fewer}
    assert [rate is None for rate in rates] == [True, False]
    assert joint_notes(found.about) == [
        "2 figures withheld, because other figures of this release differ from them in fewer than 10 students."
    ]
    assert release_to_json(found)["beside"] == [release]


GROUPS = {"A": range(6), "B": range(100, 130), "C": range(200, 240)}


def pooled(pool: str, *, alone: bool = True) -> CountedTables:
    """Students of two groups together, and of nobody else."""
    persons = {name: np.array(GROUPS[name], np.int64) for name in pool}
    together = np.sort(np.concatenate(list(persons.values())))
    cells = [RawCell({"school": pool}, count=together.size, persons=together)]
    if alone:
        cells += [
            RawCell({"school": pool, f"school{ALONE}": name}, count=each.size, persons=each)
            for name, each in persons.items()
        ]
    return CountedTables(
        (RawTable("Students", ("school", f"school{ALONE}"), tuple(cells)),), 10, subject=pool
    )


@pytest.mark.django_db
class TestPools:
    """A and B are 36, A and C 46, B and C 70: half of 36 + 46 - 70 are the six of A."""

    def shown(self, pool: str, **more: bool) -> object:
        (table,) = published(publish(pooled(pool, **more), report="question"), OPERATOR).tables
        return table.shown({"school": pool})

    def test_a_group_does_not_follow_from_three_pools(self, community):
        assert [self.shown(pool) for pool in ("AB", "AC", "BC")] == [36, 46, None]

    def test_nor_from_three_unions_written_by_hand_that_keep_no_single_group(self, community):
        assert [self.shown(pool, alone=False) for pool in ("AB", "AC", "BC")] == [36, 46, None]

    def test_each_group_is_withheld_and_nothing_says_that_one_is_small(self, community):
        found = published(publish(pooled("BC"), report="question"), OPERATOR)
        assert [c.shown for t in found.tables for c in t.cells if len(c.at) == 2] == [None, None]
        assert joint_notes(found.about) == []
        assert found.about["beside"] == [found.id]
        assert verification(found.id, OPERATOR)["problems"] == []
