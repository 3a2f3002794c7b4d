"""School and grade as evidence: on which rung two records stand, what they may do, and that they are read only where granted."""

import random
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.gate import making
from tests.identity import arriving_batches
from tests.identity.fictional_community import Community as Fiction
from tests.identity.fictional_community import community, schooling
from tests.identity.incremental_community import Community as Town
from tests.identity.incremental_community import differ
from tests.identity.test_linkage_examples import HOME, named, persons, records
from throughway.gate.actions import person_links
from throughway.identity.actions.linking import link
from throughway.identity.actions.lookup import look_up
from throughway.identity.linkage import candidate_pairs, comparison_levels, label_model, match_weights
from throughway.identity.linkage.accuracy import judge
from throughway.identity.linkage.candidate_pairs import compare_these
from throughway.identity.linkage.comparisons import CLASS, COMPARISONS, SCHOOL, column
from throughway.identity.linkage.prepared_statements import rows_of
from throughway.identity.linkage.resolution import Resolved, resolve
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.actions import landing
from throughway.store.record_numbers import unpack
from throughway.store.selectors import snapshot

BORN = date(2012, 3, 4)


def stay(
    school: str | None, year: str | None, grade: str | None, entry: date | None = None, partner: str = ""
) -> dict[str, Any]:
    return {"school": school, "school_year": year, "entry_grade_level": grade, "enrollment_entry_date": entry, "of": partner}  # fmt: skip


def enrolled(*stays: tuple[int, dict[str, Any]]) -> pa.Table:
    """Rows of school_enrollment; of odd records partner `school`, of even ones `club`, as `records` has it."""
    rows = []
    for record, said in stays:
        partner = said["of"] or ("school" if record % 2 else "club")
        rows.append({
            "person_record": record, "partner": partner, "organization_id": said["school"] and f"{partner}/{said['school']}",
            "school_year": said["school_year"], "enrollment_entry_date": said["enrollment_entry_date"],
            "entry_grade_level": said["entry_grade_level"],
        })  # fmt: skip
    return pa.Table.from_pylist(rows)


def rungs_of(
    one: dict[str, Any], other: dict[str, Any], *stays: tuple[int, dict[str, Any]]
) -> dict[str, str]:
    """The rungs of school and class of two records, those that can be climbed."""
    rows = rows_of({**records(one, other), "school_enrollment": enrolled(*stays)})
    rungs = compare_these(rows, np.array([0]), np.array([1])).rungs[0].tolist()
    return {
        c.name: c.levels[len(c.levels) - 1 - rungs[column(c)]].name
        for c in (SCHOOL, CLASS)
        if rungs[column(c)] >= 0
    }


ANA, UNBORN = named("Ana", "Tarrow", birthdate=BORN), named("Ana", "Tarrow", birthdate=None)
FIFTH, NEXT_YEAR = stay("255100041", "2024", "05"), stay("255100041", "2025", "06")
PAIRS = [
    # the same years of birth: the class is told by these, and the school alone says something
    pytest.param(ANA, ANA, FIFTH, FIFTH, {"school": "same"}, id="one birth date"),
    pytest.param(ANA, ANA, FIFTH, stay("255100042", "2024", "05"), {"school": "another"}, id="another school"),
    pytest.param(ANA, ANA, FIFTH, NEXT_YEAR, {}, id="no year in common"),
    pytest.param(ANA, ANA, FIFTH, stay("255100041", "2024", "07"), {"school": "same"}, id="a grade that a birth date outweighs"),
    # no birth date on a side, or another year of birth: the class speaks
    pytest.param(ANA, UNBORN, FIFTH, FIFTH, {"school": "same", "class": "same"}, id="no birth date"),
    pytest.param(ANA, UNBORN, FIFTH, NEXT_YEAR, {"class": "same"}, id="a year later, a grade higher"),
    pytest.param(ANA, UNBORN, FIFTH, stay(None, "2024", "06"), {"class": "next"}, id="a grade beside"),
    pytest.param(ANA, UNBORN, FIFTH, stay(None, "2026", "06"), {"class": "next"}, id="held back"),
    pytest.param(ANA, UNBORN, FIFTH, stay("255100041", "2024", "07"), {"class": "another"}, id="two grades apart"),
    pytest.param(ANA, UNBORN, FIFTH, stay(None, "2019", "KG"), {"class": "same"}, id="kindergarten"),
    pytest.param(ANA, UNBORN, FIFTH, stay(None, "2024", "UG"), {}, id="ungraded"),
    pytest.param(ANA, UNBORN, FIFTH, stay(None, None, "05", date(2023, 8, 21)), {"class": "same"}, id="first day in August"),
    pytest.param(ANA, UNBORN, FIFTH, stay(None, None, "05", date(2024, 2, 1)), {"class": "same"}, id="first day in February"),
    pytest.param(ANA, UNBORN, FIFTH, stay("255100041", "2024", None), {}, id="a school without an age says nothing"),
    pytest.param(ANA, named("Ana", "Tarrow", birthdate=date(2013, 3, 4)), FIFTH, FIFTH, {"school": "same", "class": "same"}, id="a slip in the year"),
    # what a school is called
    pytest.param(ANA, ANA, stay("Mill Creek Middle", "2024", "05"), stay("MILL CREEK  middle", "2024", "05"), {"school": "same"}, id="by name"),
    pytest.param(ANA, ANA, stay("Mill Creek Middle", "2024", "05"), FIFTH, {}, id="name and number cannot be compared"),
    pytest.param(ANA, ANA, stay("101", "2024", "05"), stay("101", "2024", "05"), {}, id="short numbers are each partner's own"),
    pytest.param(ANA, ANA, stay("101", "2024", "05"), stay("101", "2024", "05", partner="school"), {"school": "same"}, id="one partner's short number"),
    pytest.param(ANA, UNBORN, stay("Unknown", "2024", "05"), stay("unknown", "2024", "05"), {"class": "same"}, id="a word for none"),
    # at one home a brother goes there too
    pytest.param({**ANA, **HOME}, {**ANA, **HOME}, FIFTH, FIFTH, {}, id="one home"),
    pytest.param({**ANA, **HOME}, {**UNBORN, **HOME}, FIFTH, FIFTH, {"class": "same"}, id="one home, one name, no birth date"),
    pytest.param({**ANA, **HOME}, {**named("Anja", "Tarrow", birthdate=None), **HOME}, FIFTH, FIFTH, {}, id="one home, it may be a twin"),
    pytest.param({**ANA, **HOME}, {**UNBORN, **HOME}, FIFTH, stay(None, "2024", "07"), {"class": "another"}, id="one home, another class"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "first", "second", "expected"), PAIRS)
def test_levels(
    one: dict[str, Any],
    other: dict[str, Any],
    first: dict[str, Any],
    second: dict[str, Any],
    expected: dict[str, str],
) -> None:
    assert rungs_of(one, other, (1, first), (2, second)) == expected
    swapped = [{**said, "of": said["of"] or whose} for said, whose in ((first, "school"), (second, "club"))]
    assert rungs_of(other, one, (1, swapped[1]), (2, swapped[0])) == expected


def test_of_several_years_one_in_common_is_enough() -> None:
    moved = stay("255100042", "2025", "06")
    assert rungs_of(ANA, ANA, (1, FIFTH), (1, NEXT_YEAR), (2, moved), (2, FIFTH)) == {"school": "same"}
    assert rungs_of(ANA, ANA, (1, FIFTH), (1, NEXT_YEAR), (2, moved)) == {"school": "another"}


def test_school_and_grade_help_without_birth_date() -> None:
    """Two namesakes of one school, and one in the club without a birth date: by names alone it is either of them."""
    first = named("Maria", "Tarrow", partner="school", birthdate=date(2012, 5, 6))
    second = named("Maria", "Tarrow", partner="school", birthdate=date(2008, 1, 9))
    made = records(first, second, named("Maria", "Tarrow", partner="club", birthdate=None))
    assert persons(resolve(made)) == [{1}, {2}, {3}]
    ninth = stay("255100041", "2024", "09", partner="school")
    made["school_enrollment"] = enrolled((1, FIFTH), (2, ninth), (3, {**FIFTH, "of": "club"}))
    assert persons(resolve(made)) == [{1, 3}, {2}]


FAMILY = {"street": "12 North Main Street", "phone": "5551234567"}
CHILDREN = [
    pytest.param(named("Daniel", "Tarrow"), named("Daniela", "Tarrow"), FIFTH, id="twins"),
    pytest.param(named("Daniel", "Tarrow", birthdate=None), named("Daniela", "Tarrow", birthdate=None), FIFTH, id="twins, no birth date"),
    pytest.param(named("Rosa", "Tarrow", birthdate=None), named("Maria", "Tarrow", birthdate=None), NEXT_YEAR, id="sisters, no birth date"),
]  # fmt: skip


@pytest.mark.parametrize("home", [FAMILY, {}])
@pytest.mark.parametrize(("one", "other", "second"), CHILDREN)
def test_school_joins_no_siblings(
    one: dict[str, Any], other: dict[str, Any], second: dict[str, Any], home: dict[str, Any]
) -> None:
    made = records({**one, **home}, {**other, **home})
    made["school_enrollment"] = enrolled((1, FIFTH), (2, second))
    assert len(persons(resolve(made))) == 2


@pytest.fixture(scope="module")
def fiction() -> Fiction:
    """A club that asks neither birth dates nor middle names, and homes that nobody tells of."""
    made = community(500, seed=23, home=False)
    schools = schooling(made, 5)
    rows = made.tables["person"].to_pylist()
    unknown = {"birthdate": None, "middle_name": None}
    unborn = [row | (unknown if row["partner"] == "club" else {}) for row in rows]
    made.tables["person"] = pa.Table.from_pylist(unborn, made.tables["person"].schema)
    made.tables["school_enrollment"] = schools
    return made


def names(made: Fiction) -> dict[str, pa.Table]:
    """All tables but the enrollments."""
    return {name: table for name, table in made.tables.items() if name != "school_enrollment"}


def found(resolved: Resolved) -> dict[int, int]:
    return dict(zip(resolved.record.tolist(), resolved.person.tolist(), strict=True))


def test_missing_birth_dates_join_no_families(
    fiction: Fiction,
) -> None:
    without = found(resolve(names(fiction)))
    with_schools = found(resolve(fiction.tables))
    before, after = judge(without, fiction.truth), judge(with_schools, fiction.truth)
    assert after.persons.f1 > before.persons.f1
    assert (after.pairs.precision, after.pairs.recall) >= (before.pairs.precision, before.pairs.recall)

    def families_joined(links: dict[int, int]) -> set[frozenset[int]]:
        of: dict[int, set[int]] = {}
        for record, person in links.items():
            of.setdefault(person, set()).add(fiction.truth[record])
        homes = fiction.siblings
        return {
            frozenset(held) for held in of.values() if len(held) > 1 and len({homes.get(p, p) for p in held}) < len(held)
        }  # fmt: skip

    assert families_joined(with_schools) <= families_joined(without)


def test_weights_without_enrollment_are_unchanged(fiction: Fiction, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ladders of names and homes alone give the same bits, to the last, and the same persons."""
    now = resolve(names(fiction))
    assert (now.scored.rungs[:, [column(SCHOOL), column(CLASS)]] == -1).all()
    for room in (comparison_levels, candidate_pairs, label_model, match_weights):
        monkeypatch.setattr(room, "COMPARISONS", COMPARISONS[:-2])
    before = resolve(names(fiction))
    assert np.array_equal(before.scored.weight, now.scored.weight)
    assert np.array_equal(before.person, now.person)
    assert before.review == now.review


def test_a_source_without_schools_is_compared_as_it_was(fiction: Fiction) -> None:
    """Where two districts tell of schools and the club does not, no pair of the club stands on a rung of school or class."""
    rows = [row for row in fiction.tables["school_enrollment"].to_pylist() if row["partner"] != "club"]
    told = resolve({**fiction.tables, "school_enrollment": pa.Table.from_pylist(rows)})
    club = [r["person_record"] for r in fiction.tables["person"].to_pylist() if r["partner"] == "club"]
    of_club = np.isin(told.scored.one, club) | np.isin(told.scored.other, club)
    schooled = told.scored.rungs[:, [column(SCHOOL), column(CLASS)]]
    assert (schooled[of_club] == -1).all()
    assert (schooled[~of_club] >= 0).any()


@pytest.mark.parametrize("seed", [31, 32])
def test_later_enrollments_give_what_a_full_run_gives(seed: int) -> None:
    made = community(240, seed=seed)
    whole = schooling(made, seed)
    r = random.Random(seed)
    late = r.sample(sorted(set(whole["person_record"].to_pylist())), 60)
    early = whole.filter(np.isin(np.asarray(whole["person_record"]), late, invert=True))
    town = Town({**made.tables, "school_enrollment": early}, set(made.truth))
    town.whole()
    came: list[int] = []
    for at in range(0, len(late), 12):
        came += late[at : at + 12]
        now = np.isin(np.asarray(whole["person_record"]), list({*late} - {*came}), invert=True)
        town.tables = {**town.tables, "school_enrollment": whole.filter(now)}
        town.run(late[at : at + 12])
    assert differ(town.persons, town.with_the_same_weights()) == 0
    assert differ(town.persons, town.afresh()) <= 0.03 * len(town.links)


UNKNOWN = [named(f, "Felwick", partner="club", birthdate=date(2010, 1 + n, 2)) for n, f in enumerate(
    ("Jacob", "Emily", "Santiago", "Rafael", "Wendell", "Marisol", "Thaddeus", "Ximena", "Barnaby", "Ignacia")
)]  # fmt: skip
GRANTED_SO = [
    pytest.param(("organization_id", "school_year", "enrollment_entry_date", "entry_grade_level"), id="all"),
    pytest.param(("school_year", "entry_grade_level"), id="the grade"),
    pytest.param((), id="nothing"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("granted", GRANTED_SO)
def test_what_is_granted_is_read_and_nothing_else(community: Community, granted: tuple[str, ...]) -> None:
    """Element by element; and an enrollment that comes after its record makes a small run compare the record anew."""
    document = arriving_batches.agreed()
    other = [line for line in document["schedule"] if not line["element"].startswith("school_enrollment")]
    mine = [making.line(f"school_enrollment.{name}", "matching") for name in granted]
    others_purpose = [making.line("school_enrollment.*", "planning")]
    document["schedule"] = [*other, *mine, *others_purpose]
    arriving_batches.register()
    making.in_effect(document)
    one = named("Maria", "Tarrow", partner="north", birthdate=date(2012, 5, 6))
    two = named("Maria", "Tarrow", partner="north", birthdate=date(2008, 1, 9))
    unborn = named("Maria", "Tarrow", partner="club", birthdate=None)
    made = records(one, two, unborn, *UNKNOWN)
    arriving_batches.arrive(made, "load-0")
    ninth = stay("255100001", "2024", "09", partner="north")
    fifth = {**FIFTH, "of": "north"}
    arriving_batches.arrive({"school_enrollment": enrolled((1, fifth), (2, ninth))}, "load-1")
    assert link(by=OPERATOR).persons == 13
    before = set(LedgerEntry.objects.values_list("pk", flat=True))
    arriving_batches.arrive({"school_enrollment": enrolled((3, {**FIFTH, "of": "club"}))}, "load-2")
    linked = link(by=OPERATOR)
    assert (linked.why_full, linked.compared) == ("", 1 if granted else 0)
    assert linked.persons == (12 if granted else 13)
    links = dict(zip(*person_links().to_pydict().values(), strict=True))
    assert (links[1] == links[3]) == bool(granted)
    read = LedgerEntry.objects.exclude(pk__in=before)
    elements = {e for entry in read for e in entry.elements if e.startswith("school_enrollment")}
    assert elements == ({"school_enrollment." + e for e in (*granted, "person_record")} if granted else set())
    assert all(unpack(bytes(entry.students)).tolist() == [3] for entry in read)
    all_read = {e for entry in LedgerEntry.objects.all() for e in entry.elements}
    assert {e for e in all_read if e.startswith("school_enrollment")} == elements
    small = arriving_batches.groups(links)
    assert link(full=True, by=OPERATOR).why_full
    assert arriving_batches.groups(dict(zip(*person_links().to_pydict().values(), strict=True))) == small


@pytest.mark.django_db
def test_a_corrected_grade_is_compared_anew(community: Community) -> None:
    arriving_batches.register()
    making.in_effect(arriving_batches.agreed())
    arriving_batches.arrive(records(*(p | {"partner": "north"} for p in UNKNOWN)), "load-0")
    arriving_batches.arrive(
        {"school_enrollment": enrolled((2, stay("255100041", "2024", "07", partner="north")))}, "load-1"
    )
    link(by=OPERATOR)
    assert link(by=OPERATOR).compared == 0
    with snapshot() as stored:
        [file] = stored.stored("school_enrollment", "north")
    rows = [
        row | {"batch_id": "load-2"}
        for row in enrolled((2, stay("255100041", "2024", "05", partner="north"))).to_pylist()
    ]
    with landing.staging() as folder:
        pq.write_table(making.rows("school_enrollment", rows), folder / "file.parquet")
        new = landing.NewFile("school_enrollment", "north", 0, folder / "file.parquet")
        landing.land(batch="load-2", files=[new], replaces=[file.id], by=OPERATOR)
    linked = link(by=OPERATOR)
    assert (linked.compared, linked.why_full) == (1, "")


@pytest.mark.django_db
def test_somebody_is_looked_up_by_grade(community: Community) -> None:
    arriving_batches.register()
    making.in_effect(arriving_batches.agreed())
    ending = (date.today().replace(day=1)).year + (date.today().month > 6)
    arriving_batches.arrive(records(
        named("Maria", "Tarrow", partner="north", birthdate=date(2012, 5, 6)),
        named("Maria", "Tarrow", partner="south", birthdate=date(2008, 1, 9)), *UNKNOWN,
    ), "load-0")  # fmt: skip
    arriving_batches.arrive({"school_enrollment": enrolled(
        (1, stay("255100041", str(ending), "05", partner="north")), (2, stay("255100001", str(ending), "09", partner="south")),
    )}, "load-1")  # fmt: skip
    link(by=OPERATOR)
    said = {
        "first": "Maria",
        "last": "Tarrow",
        "purpose": "matching",
        "by": making.reader("steward@hub.example"),
    }
    plain, graded = look_up(**said), look_up(**said, grade="5th", school="255100041")
    assert len({c.probability for c in plain.candidates}) == 1
    entries = [LedgerEntry.objects.get(pk=each.disclosure) for each in (plain, graded)]
    assert [any(e.startswith("school_enrollment") for e in entry.elements) for entry in entries] == [
        False,
        True,
    ]
    [record] = graded.candidates[0].records
    assert record.record == 1
    assert {"a grade that fits", "the same school in the same year"} <= set(record.speaks_for)
    assert graded.candidates[0].probability > 0.8
