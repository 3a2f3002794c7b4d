"""The group of a program, read under one entry that names it alone, and rows about several students written in one act."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.casework.group import CHESS, CIRCLE, COLLEAGUE, PERSON, WORKER, settle_groups
from tests.casework.town import TODAY, works_with
from tests.gate import making
from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess, RowPlace, enter
from throughway.ledger.models import LedgerEntry
from throughway.partners.models import Partner
from throughway.store.record_numbers import unpack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
NAMES = {"names": "SELECT person_id, first_name FROM person"}
MARKS = "session_attendance"


def access(email: str = WORKER) -> GovernedAccess:
    return enter(actor=making.reader(email), purpose="groups")


def last() -> LedgerEntry:
    return LedgerEntry.objects.order_by("at").last()


def students(entry: LedgerEntry) -> list[int]:
    return unpack(bytes(entry.students)).tolist()


def names(program: str = CIRCLE, **more: object) -> set[str]:
    return set(access().group(program, NAMES, **more).tables["names"]["first_name"].to_pylist())  # type: ignore[arg-type]


def test_a_group_is_who_takes_part_today_and_the_entry_names_it_alone(groups: None) -> None:
    """Who left, who waits and who comes to another program are not in it."""
    assert names() == {"Ada", "Dot"}
    assert students(last()) == [21, 22]
    assert names(CHESS) == {"Gus"}
    assert students(last()) == [25]
    assert names("harbor/none") == set()
    assert students(last()) == []


def test_who_came_besides_the_group_is_shown_only_within_the_reach(groups: None) -> None:
    assert names(also=[25]) == {"Ada", "Dot", "Gus"}
    assert students(last()) == [21, 22, 25]
    assert names(also=[23, 12]) == {"Ada", "Dot"}  # has left; another partner's


@pytest.mark.parametrize("serves", [True, False])
def test_a_group_names_no_record_that_may_not_be_linked(serves: bool) -> None:
    """North shows names to harbor under the same purpose. Without linkage for it, which of them belongs to the group is not told."""

    def shares(document: dict[str, Any]) -> None:
        document["purposes"] += [
            making.purpose(
                "groups",
                "casework",
                "identified",
                **{"from": ["north"]},
                recipients=["harbor"],
                roles=["case_worker"],
                reach="caseload",
            )
        ]
        document["schedule"] += [making.line("person.first_name", "groups", **{"from": ["north"]})]
        for entry in document["purposes"]:
            if entry["kind"] == "linkage" and not serves:
                entry["serves"].remove("groups")

    settle_groups(shares)
    works_with(11, 12)
    ids = (
        access()
        .group(CIRCLE, {"names": "SELECT DISTINCT person_id FROM person"})
        .tables["names"]["person_id"]
    )
    assert sorted(map(int, ids.to_pylist())) == ([22, PERSON] if serves else [21, 22])
    assert students(last()) == ([11, 21, 22] if serves else [21, 22])


@pytest.mark.parametrize("program", ["north/reading", "reading-circle", "", "harbor' OR 1=1 --"])
def test_no_group_of_another_partner(program: str, groups: None) -> None:
    with pytest.raises(Refused):
        access().group(program, NAMES)
    assert last().outcome == "refused"
    assert access().last_fed(program) is None


def test_a_quote_in_a_program_s_name_is_text(groups: None) -> None:
    assert names("harbor/x' OR '1'='1") == set()


@pytest.mark.parametrize("column", ["program_participation_status", "program_participation_exit_date"])
def test_without_a_column_of_the_stay_nobody_is_in_a_group(column: str) -> None:
    def hide(document: dict[str, object]) -> None:
        lines = document["schedule"]
        assert isinstance(lines, list)
        lines.append(
            making.line(
                f"program_participation.{column}", "groups", transform="suppress", **{"from": ["harbor"]}
            )
        )

    settle_groups(hide)
    with pytest.raises(Refused) as raised:
        names()
    assert raised.value.code == "not_granted"


def test_a_feed_is_known_by_its_last_day(groups: None) -> None:
    assert access().last_fed(CIRCLE) is None
    assert (TODAY - (access().last_fed(CHESS) or TODAY)).days == 3


def write(persons: list[int], *, without: int | None = None) -> tuple[dict[int, RowPlace], int]:
    found: dict[int, RowPlace] = {}

    def within(places: Mapping[int, RowPlace], entry: str) -> None:
        assert entry
        found.update(places)

    done = access().write_several(
        MARKS, persons, choose=lambda places: [p for p in places if p != without], within=within
    )
    return found, done.refused


def test_rows_about_several_students_are_one_entry(groups: None) -> None:
    before = LedgerEntry.objects.count()
    places, refused = write([PERSON, 22, 25])
    assert {person: (p.partner, p.record) for person, p in places.items()} == {
        PERSON: ("harbor", 21), 22: ("harbor", 22), 25: ("harbor", 25),
    }  # fmt: skip
    assert refused == 0
    entry = last()
    assert (LedgerEntry.objects.count(), entry.outcome, entry.rows) == (before + 1, "written", 3)
    assert students(entry) == [21, 22, 25]


def test_the_entry_names_those_alone_about_whom_something_is_written(groups: None) -> None:
    write([PERSON, 22, 25], without=22)
    assert students(last()) == [21, 25]
    before = LedgerEntry.objects.count()
    places, _ = write([22], without=22)
    assert not places
    assert LedgerEntry.objects.count() == before


def test_those_who_are_not_open_are_left_out_and_counted(groups: None) -> None:
    """Who has left the program (23), another partner's student (12), and nobody's number are refused by number, not by name."""
    places, refused = write([PERSON, 22, 23, 12, 999_999])
    assert set(places) == {PERSON, 22}
    assert refused == 3
    written, denied = LedgerEntry.objects.order_by("-at")[1], last()
    assert students(written) == [21, 22]
    assert denied.outcome == "refused"
    assert "3 of 5 students" in denied.reasons[0]["sentence"]
    with pytest.raises(Refused) as raised:
        write([23, 12])
    assert raised.value.code == "unknown_student"


def test_a_refusal_within_leaves_no_row_and_no_written_entry(groups: None) -> None:

    def within(places: Mapping[int, RowPlace], entry: str) -> None:
        raise Refused("Somebody was faster.", code="edited_meanwhile")

    with pytest.raises(Refused):
        access().write_several(MARKS, [PERSON, 22], choose=list, within=within)
    assert not LedgerEntry.objects.filter(outcome="written").exists()
    assert last().outcome == "refused"


def test_a_name_without_a_record_names_no_student_and_is_read_by_its_team_alone(groups: None) -> None:
    places: list[RowPlace] = []
    access().write_of_nobody_known("walk_in", within=lambda place, entry: places.append(place))
    (place,) = places
    assert (place.partner, place.record, place.author_partner) == ("harbor", 0, "harbor")
    assert (last().outcome, students(last())) == ("written", [])
    assert access(COLLEAGUE).query("SELECT walk_in_name FROM walk_in").rows == []
    for email in ("evaluator@north.example", "evaluator@hub.example"):
        with pytest.raises(Refused):
            enter(actor=making.reader(email), purpose="planning").query("SELECT walk_in_name FROM walk_in")


def test_a_schedule_shows_nobody_names_without_a_record() -> None:
    """Even where the review were left out: a consent cannot be asked about them."""

    from throughway.agreements.document import read_document
    from throughway.agreements.grant import own_grants
    from throughway.agreements.states import AgreementState
    from throughway.agreements.status import AgreementStatus

    values = making.sharing()
    values["schedule"] += [making.line("walk_in.walk_in_name", "planning")]
    import json

    document, _ = read_document(json.dumps(values))
    assert document
    grants = own_grants(AgreementStatus(document, "1", AgreementState.ACTIVE, ""))
    assert grants
    assert not [g for g in grants if g.table == "walk_in"]


@pytest.mark.parametrize("status", ["part2", "victim_services", "child_welfare", "hipaa"])
def test_a_confidential_service_types_no_group(status: str, groups: None) -> None:
    Partner.objects.filter(id="harbor").update(stated=[status])
    with pytest.raises(Refused) as raised:
        write([22])
    assert raised.value.code == "confidential_service"
    with pytest.raises(Refused):
        access().write_of_nobody_known("walk_in", within=lambda place, entry: None)
