"""The register of data systems: what may be said, by whom, from a form, a file or loads, and what is kept of it."""

from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from throughway.core.refusals import Refused
from throughway.core.yaml_text import values_of
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner, add_user
from throughway.partners.csv_lists import lines_of
from throughway.partners.models import DataSystemEvent
from throughway.partners.permissions import may_keep_systems
from throughway.partners.selectors import held, own_kind, systems
from throughway.partners.systems import actions as registered
from throughway.partners.systems.selectors import all_systems, system
from throughway.partners.systems.system import (
    AS_LOADED,
    COLUMNS,
    Holding,
    Origin,
    Refresh,
    Regime,
    SystemStatement,
    checked,
    from_lines,
    from_values,
    holdings_of,
    merged,
    periods,
)

DAY, LATER = date(2019, 8, 1), date(2026, 6, 30)
SAID = SystemStatement("Student system", "Office of technology", "Registrar", Regime.FERPA, Refresh.DAILY, "",
            (Holding("person.birthdate", DAY, None),))  # fmt: skip


@pytest.fixture
def partners(db: None) -> None:
    for id, kind in (("oak", "lea"), ("bank", "cbo"), ("spine", "backbone")):
        add_partner(id=id, name=id.title(), kind=kind, by=OPERATOR)


def said(**changes: object) -> SystemStatement:
    return SystemStatement(**{**vars(SAID), **changes})  # type: ignore[arg-type]


def test_a_wildcard_leaves_out_what_must_be_named() -> None:
    found = {h.element for h in holdings_of("person_status.*", DAY, None, where="Here")}
    assert "person_status.section_504_status" in found
    assert "person_status.idea_indicator" not in found
    assert [h.element for h in holdings_of("person_status.idea_indicator", None, None, where="Here")] == [
        "person_status.idea_indicator"
    ]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("atendance_day.*", "the nearest is attendance_day.*"),
        ("person.birthdat", "the nearest is person.birthdate"),
        ("person", "write person.* for all of it"),
        ("zzz.qqq", "no table of the vocabulary"),
        ("", "names nothing"),
    ],
)
def test_unknown_element_is_refused_with_the_nearest(pattern: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        holdings_of(pattern, None, None, where="Line 3")
    assert refused.value.message.startswith("Line 3 names ")
    assert words in refused.value.message
    assert refused.value.code == "bad_element"


def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Refused, match="ends before it begins"):
        holdings_of("person.birthdate", LATER, DAY, where="Line 3")


def test_an_element_named_twice_is_held_over_both_times() -> None:
    twice = [
        Holding("person.sex", DAY, DAY),
        Holding("person.birthdate"),
        Holding("person.sex", LATER, LATER),
    ]
    assert merged(twice) == (Holding("person.birthdate"), Holding("person.sex", DAY, LATER))
    assert periods(twice) == {"person": (None, None)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "missing_name"),
        ({"owner": ""}, "missing_owner"),
        ({"steward": ""}, "missing_steward"),
        ({"owner": "ann@oak.example"}, "no_office"),
        ({"name": "x" * 201}, "too_long"),
        ({"regime": Regime.OTHER}, "missing_note"),
        ({"holdings": ()}, "no_holdings"),
        ({"note": "half \ud800"}, "bad_text"),
    ],
)
def test_incomplete_statement_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(said(**change))
    assert refused.value.code == code


def test_system_history_is_complete(partners: None) -> None:
    made = registered.add_system(partner="oak", statement=SAID, by=OPERATOR)
    assert systems("oak") == [made]
    assert held() == {"oak": frozenset({"person.birthdate"})}
    registered.change_system(
        partner="oak", number=made.id, statement=SAID, by=OPERATOR
    )  # the same changes nothing
    registered.change_system(partner="oak", number=made.id, statement=said(name="Other"), by=OPERATOR)
    registered.retire_system(partner="oak", number=made.id, by=OPERATOR)
    registered.retire_system(partner="oak", number=made.id, by=OPERATOR)
    assert (systems("oak"), held()) == ([], {})
    assert system("oak", made.id).retired is not None
    assert [s.name for s in all_systems("oak")] == ["Other"]
    registered.restore_system(partner="oak", number=made.id, by=OPERATOR)
    assert [e.what for e in made.events.order_by("-id")] == ["restored", "retired", "changed", "added"]
    said_then = (
        DataSystemEvent.objects.filter(system_id=made.id).order_by("id").values_list("said__name", flat=True)
    )
    assert list(said_then) == ["Student system", "Other", "Other", "Other"]


def test_two_of_one_name_are_refused(partners: None) -> None:
    registered.add_system(partner="oak", statement=SAID, by=OPERATOR)
    other = registered.add_system(partner="oak", statement=said(name="Other"), by=OPERATOR)
    registered.add_system(partner="bank", statement=SAID, by=OPERATOR)  # another partner's is another system
    for attempt in (
        lambda: registered.add_system(partner="oak", statement=said(name=" Student system "), by=OPERATOR),
        lambda: registered.change_system(partner="oak", number=other.id, statement=SAID, by=OPERATOR),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "exists"


def test_a_system_of_another_partner_is_unknown(partners: None) -> None:
    made = registered.add_system(partner="oak", statement=SAID, by=OPERATOR)
    with pytest.raises(Refused) as refused:
        registered.change_system(partner="bank", number=made.id, statement=SAID, by=OPERATOR)
    assert refused.value.code == "unknown_system"


KEEPS = {Role.DATA_STEWARD, Role.PRIVACY_OFFICER, Role.LEADER}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("partner", ["oak", "bank", "spine"])
def test_who_may_change_data_systems(partners: None, role: Role, partner: str) -> None:
    who = add_user(email=f"{role}@{partner}.example", partner=partner, role=role, by=OPERATOR)
    may = role in KEEPS and partner != "bank"
    assert may_keep_systems(who, own_kind(who), "oak") == may
    if may:
        registered.add_system(partner="oak", statement=SAID, by=who)
    else:
        with pytest.raises(Refused) as refused:
            registered.add_system(partner="oak", statement=SAID, by=who)
        assert refused.value.code == "not_allowed"
        assert systems("oak") == []


YAML = """
systems:
  - partner: oak
    name: Student system
    owner: Office of technology
    steward: Registrar
    regime: ferpa
    refresh: daily
    holdings:
      - {element: attendance_day.*, from: 2019-08-01}
      - person.birthdate
  - name: Buses
    owner: Transport
    steward: Transport
    regime: own
    refresh: yearly
    note: Routes alone
    holdings: [{element: person_contact.address_city, from: 2024-01-01, to: 2024-12-31}]
"""


def test_systems_from_yaml(partners: None) -> None:
    found = from_values(values_of(YAML), "bank")
    assert [(whose, each.name) for whose, each in found] == [("oak", "Student system"), ("bank", "Buses")]
    entered = registered.enter_systems(found=found, by=OPERATOR)
    assert [e.what for e in entered] == ["added", "added"]
    assert Holding("attendance_day.attendance_event_date", DAY, None) in systems("oak")[0].statement.holdings
    assert systems("oak")[0].origin == Origin.FILE
    again = registered.enter_systems(found=found, by=OPERATOR)
    assert [e.what for e in again] == [None, None]
    assert again[0].system.events.count() == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "regime: ferpa",
            "regime: ferpal",
            "System 1 of the file has no regime that is known; the nearest is ferpa",
        ),
        ("refresh: daily", "refresh: hourly", "choose daily, weekly"),
        (
            "owner: Office",
            "ownr: Office",
            "a field ownr, which a system does not have; owner is meant perhaps",
        ),
        ("from: 2019-08-01", "from: 2019-13-01", "holding 1, has a day that cannot be read"),
        ("from: 2019-08-01", "since: 2019-08-01", "holding 1, is not of the shape"),
        ("- person.birthdate", "- person.birthdat", "holding 2, names person.birthdat"),
        ("name: Buses", "name: Student system\n    partner: oak", "System 2 is in the file twice"),
        ("name: Student system", "name: [a, b]", "a list or a section as its name"),
        ("systems:", "system:", "one section, systems"),
        ("partner: oak", "note: ''", "does not say whose it is"),
    ],
)
def test_a_wrong_yaml_is_refused_with_its_place(old: str, new: str, words: str) -> None:
    default = None if old == "partner: oak" else "bank"
    with pytest.raises(Refused) as refused:
        from_values(values_of(YAML.replace(old, new)), default)
    assert words in refused.value.message


def test_of_a_file_with_one_wrong_system_none_is_entered(partners: None) -> None:
    found = [("oak", SAID), ("oak", said(name="Other", owner=""))]
    with pytest.raises(Refused):
        registered.enter_systems(found=found, by=OPERATOR)
    assert all_systems() == []


HEAD = ",".join(COLUMNS)


def csv(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "systems.csv"
    path.write_text("\n".join([HEAD, *lines]), encoding="utf-8")
    return path


def test_systems_from_csv(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "oak,Student system,Technology,Registrar,ferpa,daily,,person.birthdate,2019-08-01,",
        "oak,Student system,,,,,,person.sex,,",
        ",Buses,Transport,Transport,own,yearly,,person_contact.address_city,,",
    )
    (_, first), (whose, buses) = from_lines(lines_of(path, COLUMNS), "bank")
    assert {h.element for h in first.holdings} == {"person.birthdate", "person.sex"}
    assert (whose, buses.refresh) == ("bank", Refresh.YEARLY)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["oak,S,T,R,ferpa,daily,,person.birthdat,,"], "Line 2 names person.birthdat"),
        (["oak,S,T,R,ferpa,daily,,person.sex,1/2/2020,"], "Line 2 has a day in from"),
        (
            ["oak,S,T,R,ferpa,daily,,person.sex,,", "oak,S,Other,,,,,person.sex,,"],
            "Line 3 says another owner",
        ),
        ([",S,T,R,ferpa,daily,,person.sex,,"], "Line 2 does not say whose it is"),
        (["oak,,T,R,ferpa,daily,,person.sex,,"], "Line 2 has no name of a system"),
    ],
)
def test_a_wrong_csv_is_refused_with_its_line(tmp_path: Path, lines: list[str], words: str) -> None:
    with pytest.raises(Refused) as refused:
        from_lines(lines_of(csv(tmp_path, *lines), COLUMNS), None)
    assert words in refused.value.message


def test_loads_keep_what_people_stated(partners: None) -> None:
    first = registered.enter_loaded(partner="oak", holdings=[Holding("person.sex")], by=OPERATOR)
    assert (first.what, first.system.name, first.system.regime) == ("added", AS_LOADED, Regime.FERPA)
    with pytest.raises(Refused):  # a person who says it must say who answers for it
        registered.change_system(
            partner="oak", number=first.system.id, statement=said(name=AS_LOADED, owner=""), by=OPERATOR
        )
    registered.change_system(
        partner="oak", number=first.system.id, statement=said(name=AS_LOADED), by=OPERATOR
    )
    more = registered.enter_loaded(
        partner="oak", holdings=[Holding("person.sex"), Holding("person.birthdate", DAY, LATER)], by=OPERATOR
    )
    assert more.what == "changed"
    assert (more.system.owner, more.system.steward) == ("Office of technology", "Registrar")
    assert len(more.system.statement.holdings) == 2
    same = registered.enter_loaded(partner="oak", holdings=more.system.statement.holdings, by=OPERATOR)
    assert same.what is None
    program = registered.enter_loaded(partner="bank", holdings=[Holding("person.sex")], by=OPERATOR)
    assert program.system.regime == Regime.OWN


def test_case_worker_may_not_change_systems(partners: None) -> None:
    stranger = Actor("x@oak.example", "oak", "case_worker")
    with pytest.raises(Refused):
        registered.enter_loaded(partner="oak", holdings=[Holding("person.sex")], by=stranger)


def test_system_events_are_append_only(partners: None) -> None:
    made = registered.add_system(partner="oak", statement=SAID, by=OPERATOR)
    events = DataSystemEvent.objects.filter(system_id=made.id)
    for change in (lambda: events.update(by="x"), lambda: events.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
