"""Whose rows come out of the gate: reach, consent, opt-outs and training, as the registers stand at that moment."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.consent import actions as consents
from throughway.consent.selectors.decisions import consents as kept_consents
from throughway.core.refusals import Refused
from throughway.gate.actions import GovernedAccess, decisions, enter, land_person_links
from throughway.gate.actions.caseloads import add_caseload, end_caseload
from throughway.gate.actions.sites import AddedSites, add_sites
from throughway.gate.compiler import compile_query
from throughway.gate.student_list import ListedStudent
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners.actions import add_user
from throughway.partners.assigning import end_site
from throughway.partners.legal_status.actions import change_statuses
from throughway.partners.site_assignment import Site, SiteKind
from throughway.store.record_numbers import unpack
from throughway.store.selectors import snapshot
from throughway.training import actions as training

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
TODAY = date.today()
PERSON = 2**41 + 5
WORKER = "worker@harbor.example"
COLUMNS = "partner,record_key,agreement,purpose,decision,signer,relation,signed_on,method,language,notice_version,expires"


def town(training: list[str] | None = None, also: str = "attendance_day.*", **entry: Any) -> None:
    """North gives casework to harbor's case workers, as `entry` says; 11 and 21 are one person."""
    casework = making.purpose(
        "casework", "casework", "identified", **{"from": ["north"]}, recipients=["harbor"], **{"reach": "all", "roles": ["case_worker"], **entry},
    )  # fmt: skip
    document = making.sharing()
    document["purposes"] += [casework]
    for linkage in document["purposes"]:
        if linkage["kind"] == "linkage":
            linkage["serves"] += ["casework"]
    document["schedule"] += [
        making.line("person.first_name", "casework", **{"from": ["north"]}),
        making.line(also, "casework", **{"from": ["north"]}),
    ]
    document["terms"]["training"] = training or []
    making.register()
    making.in_effect(document)
    making.people()
    land_person_links(links=pa.table({"record": [11, 21], "person": [PERSON, PERSON]}), by=OPERATOR)


def access(email: str = WORKER) -> GovernedAccess:
    return enter(actor=making.reader(email), purpose="casework")


def seen(**more: Any) -> list[str]:
    return [name for (name,) in access(**more).query("SELECT first_name FROM person ORDER BY 1").rows]


def told() -> list[int]:
    """The students in the last ledger entry."""
    entry = LedgerEntry.objects.order_by("at", "id").last()
    assert entry is not None
    return unpack(bytes(entry.students)).tolist()


@pytest.fixture
def say(tmp_path: Path) -> Callable[..., None]:
    """Adds lines of consents: key, decision and what differs from a parent's consent to all of it."""

    def add(*lines: tuple[str, str], purpose: str = "*", signer: str = "Pat", relation: str = "parent", on: date = TODAY,
            expires: str = "") -> None:  # fmt: skip
        path = tmp_path / "consents.csv"
        rows = [
            f"north,{key},sharing-2026,{purpose},{decision},{signer},{relation},{on},paper,en,v1,{expires}"
            for key, decision in lines
        ]
        path.write_text("\n".join([COLUMNS, *rows]))
        consents.add(path=path, by=OPERATOR)

    return add


@pytest.fixture
def assign(tmp_path: Path) -> Callable[..., None]:
    def add(*lines: str) -> None:
        path = tmp_path / "caseload.csv"
        path.write_text("\n".join(["email,partner,record_key,from,to", *lines]))
        add_caseload(path=path, by=OPERATOR)

    return add


CONSENT = {"basis": "consent", "basis_details": {}}
FLOOD = {"threat": "A flood", "determined_by": "The superintendent", "determined_on": "2026-09-01"}
EMERGENCY = {"basis": "emergency", "basis_details": FLOOD}


def test_only_students_whose_consent_is_in_force_show(say: Callable[..., None]) -> None:
    town(**CONSENT)
    assert seen() == []
    say(("n-11", "yes"), ("n-12", "no"))
    assert seen() == ["Ada"]
    assert told() == [11]
    assert LedgerEntry.objects.order_by("at", "id").last().exempt == "34 CFR 99.32(d)(3)"  # type: ignore[union-attr]


def test_where_most_consent_the_few_others_are_left_out(say: Callable[..., None]) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), ("n-13", "yes"))
    assert seen() == ["Ada", "Cyd"]
    assert told() == [11, 13]
    assert access().query("SELECT count(*) AS n FROM attendance_day").rows == [(2,)]


def test_a_withdrawal_closes_at_the_next_read(say: Callable[..., None]) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), ("n-12", "yes"))
    standing = access()
    assert standing.record_of(12).tables
    (consent,) = (c.id for c in kept_consents() if c.record == 12)
    consents.withdraw(id=consent, by=OPERATOR)
    assert seen() == ["Ada"]
    with pytest.raises(Refused) as refused:
        standing.record_of(12)
    assert refused.value.code == "unknown_student"
    assert standing.query("SELECT first_name FROM person").rows == [("Ada",)]


def test_withdrawal_during_a_query_stops_the_answer(
    say: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), ("n-12", "yes"))
    from throughway.gate.actions import governed_access

    run = governed_access.run

    def meanwhile(*args: Any, **more: Any) -> Any:
        held = run(*args, **more)
        (consent,) = (c.id for c in kept_consents() if c.record == 12)
        consents.withdraw(id=consent, by=OPERATOR)
        return held

    opened = access()
    monkeypatch.setattr(governed_access, "run", meanwhile)
    with pytest.raises(
        Refused, match=r"Access changed while the query was running, so no data was returned\.$"
    ) as refused:
        opened.query("SELECT first_name FROM person")
    assert refused.value.citations == ("34 CFR 99.30(a)",)


def test_a_status_by_which_the_client_decides_closes_at_the_next_read(tmp_path: Path) -> None:
    """A parent's yes counts no more once harbor serves minors on their own consent, and again once it does not."""
    document = making.sharing()
    _, planning, *others = document["purposes"]
    document["purposes"] = [planning | CONSENT, *others]  # harbor's alone
    making.register()
    making.in_effect(document)
    making.people()
    path = tmp_path / "consents.csv"
    yes = f"harbor,h-22,sharing-2026,planning,yes,Pat,parent,{TODAY},paper,en,v1,"
    path.write_text("\n".join([COLUMNS, yes]))
    consents.add(path=path, by=OPERATOR)

    def seen() -> list[str]:
        standing = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
        return [name for (name,) in standing.query("SELECT first_name FROM person").rows]

    def change(**what: Any) -> None:
        change_statuses(partner="harbor", reason="Clinic of 2026", by=OPERATOR, **what)

    assert seen() == ["Dot"]
    change(adds=["minor_consent"])
    assert seen() == []
    change(removes=["minor_consent"])
    assert seen() == ["Dot"]


def test_a_consent_ends_with_its_last_day(say: Callable[..., None]) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), on=TODAY - timedelta(9), expires=str(TODAY))
    say(("n-12", "yes"), on=TODAY - timedelta(9), expires=str(TODAY - timedelta(1)))
    assert seen() == ["Ada"]


def test_on_a_past_day_consent_must_stand_then_and_today(say: Callable[..., None]) -> None:
    town(**CONSENT)
    day = TODAY - timedelta(5)
    say(("n-11", "yes"), on=TODAY - timedelta(9))
    say(("n-12", "yes"))
    say(("n-13", "yes"), on=TODAY - timedelta(9), expires=str(TODAY - timedelta(2)))
    rows = (
        enter(actor=making.reader(WORKER), purpose="casework", on=day)
        .query("SELECT first_name FROM person")
        .rows
    )
    assert rows == [("Ada",)]


def test_two_who_disagree_and_two_records_of_one_person(say: Callable[..., None]) -> None:
    town(**CONSENT)
    say(("n-11", "yes"), ("n-12", "yes"), ("n-13", "yes"))
    say(("n-13", "no"), signer="Sam")
    assert seen() == ["Ada", "Ben"]
    # 12 turns out to be the student of 13, whose other parent said no.
    links = pa.table({"record": [11, 21, 12, 13], "person": [PERSON, PERSON, PERSON + 1, PERSON + 1]})
    land_person_links(links=links, by=OPERATOR)
    assert seen() == ["Ada"]


def test_one_who_opted_out_of_the_directory_is_left_out(say: Callable[..., None]) -> None:
    town(also="person.birthdate", basis="directory", basis_details={"notice": "2026", "items": ["name"]})
    assert seen() == ["Ada", "Ben", "Cyd"]
    say(("n-12", "no"))
    assert seen() == ["Ada", "Cyd"]
    assert told() == [11, 13]
    with pytest.raises(Refused, match=r"No agreement grants person\.birthdate"):
        access().query("SELECT birthdate FROM person")
    # Names found by other data are no directory information, so they bear no id that links.
    assert access().query("SELECT person_id FROM person ORDER BY 1").rows == [(11,), (13,)]


def test_a_case_worker_sees_the_caseload_of_the_day(assign: Callable[..., None]) -> None:
    town(reach="caseload")
    assert seen() == []
    assign(
        f"{WORKER},north,n-12,{TODAY},", f"{WORKER},north,n-13,{TODAY - timedelta(9)},{TODAY - timedelta(1)}"
    )
    assert seen() == ["Ben"]
    assert told() == [12]
    with pytest.raises(Refused) as refused:
        access().record_of(13)
    assert refused.value.code == "unknown_student"
    assign(f"{WORKER},north,n-12,{TODAY},{TODAY}")
    assert seen() == ["Ben"]  # through its last day


def test_readers_who_are_granted_the_same_share_the_sql_and_no_decision(
    say: Callable[..., None], assign: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is compiled once for all of them is decided for each, each time: an assignment, a consent and an agreement that end
    between two requests close at once."""
    town(reach="caseload", **CONSENT)
    say(("n-11", "yes"), ("n-12", "yes"), ("n-13", "yes"))
    other = "other@harbor.example"
    add_user(email=other, partner="harbor", role="case_worker", by=OPERATOR)
    assign(
        f"{WORKER},north,n-12,{TODAY - timedelta(1)},",
        f"{WORKER},north,n-11,{TODAY},",
        f"{other},north,n-13,{TODAY},",
    )
    compiled: list[str] = []

    def counted(sql: str, *args: Any, **more: Any) -> Any:
        compiled.append(sql)
        return compile_query(sql, *args, **more)

    monkeypatch.setattr(decisions, "compile_query", counted)
    assert [seen(), seen(email=other), seen()] == [["Ada", "Ben"], ["Cyd"], ["Ada", "Ben"]]
    assert len(compiled) == 1
    end_caseload(email=WORKER, partner="north", record_key="n-12", last=TODAY - timedelta(1), by=OPERATOR)
    assert [seen(), seen(email=other)] == [["Ada"], ["Cyd"]]
    (consent,) = (c.id for c in kept_consents() if c.record == 13)
    consents.withdraw(id=consent, by=OPERATOR)
    assert [seen(), seen(email=other)] == [["Ada"], []]
    agreements.suspend(id="sharing-2026", by=making.reader("officer@north.example"), reason="A breach")
    for email in (WORKER, other):
        with pytest.raises(Refused) as refused:
            seen(email=email)
        assert refused.value.code == "not_allowed"
    assert len(compiled) == 1


@pytest.mark.parametrize(("reach", "opened"), [("all", {11, 12, 13}), ("caseload", {11, 12})])
def test_few_are_read_by_their_numbers_and_within_what_is_open(
    assign: Callable[..., None], reach: str, opened: set[int]
) -> None:
    town(reach=reach, **(EMERGENCY if reach == "all" else {}))
    assign(f"{WORKER},north,n-11,{TODAY},", f"{WORKER},north,n-12,{TODAY},")
    names = "SELECT first_name FROM person ORDER BY 1"
    days = "SELECT count(*) AS n FROM attendance_day"  # in files, where names are in memory
    for records in ([11, 12], [12, 13], [13], []):
        found = [record for record in records if record in opened]
        shown = [({11: "Ada", 12: "Ben", 13: "Cyd"}[record],) for record in found]
        assert access().query(names, records=records).rows == shown
        assert told() == found
        assert access().query(days, records=records).rows == [(len(found),)]
    with pytest.raises(Refused) as refused:
        enter(actor=making.reader("evaluator@hub.example"), purpose="counting").query(names, records=[11])
    assert refused.value.code == "form"


def test_assignment_by_program_key_reaches_linked_records(assign: Callable[..., None]) -> None:
    town(reach="caseload")
    assign(f"{WORKER},harbor,h-21,{TODAY},")
    assert seen() == ["Ada"]
    assert set(access().record_of(PERSON).tables) == {"attendance_day", "person"}


def test_a_roster_is_whom_the_readers_partner_serves_on_the_day() -> None:
    town(reach="roster")
    assert seen() == []
    yesterday = TODAY - timedelta(1)
    making.land("program_participation", "harbor", [
        {"person_record": 21, "record": 1, "program_participation_start_date": date(2026, 8, 1)},
    ])  # fmt: skip
    assert seen() == ["Ada"]
    assert told() == [11]
    making.land("school_enrollment", "harbor", [
        {"person_record": 22, "record": 2, "enrollment_entry_date": date(2020, 1, 1), "enrollment_exit_date": yesterday},
    ])  # fmt: skip
    links = pa.table({"record": [11, 21, 12, 22], "person": [PERSON, PERSON, PERSON + 1, PERSON + 1]})
    land_person_links(links=links, by=OPERATOR)
    assert seen() == ["Ada"]  # the spell of the other has ended


def test_a_site_shows_its_students_until_the_assignment_ends(tmp_path: Path) -> None:
    town(reach="site")
    entered = date(2026, 8, 1)
    making.land("program_participation", "harbor", [
        {"person_record": 21, "record": 1, "program_identifier": "art", "program_participation_start_date": entered},
        {"person_record": 22, "record": 2, "program_identifier": "band", "program_participation_start_date": entered},
    ])  # fmt: skip
    links = pa.table({"record": [11, 21, 12, 22], "person": [PERSON, PERSON, PERSON + 1, PERSON + 1]})
    land_person_links(links=links, by=OPERATOR)
    assert seen() == []  # the partner serves both; neither program is the reader's
    path = tmp_path / "sites.csv"
    for wrong, why in (
        (f"{WORKER},school,art,{TODAY},", "Line 2 names a school that no record of the user's partner names"),
        (f"{WORKER},place,art,{TODAY},", "Line 2 has a kind that is none of school, program"),
        (f"nobody@harbor.example,program,art,{TODAY},", "Line 2 names a user who is not in the register"),
        (f"{WORKER},program,art,{TODAY},{TODAY - timedelta(1)}", "Line 2 ends before it begins"),
    ):
        path.write_text(f"email,kind,site,from,to\n{wrong}")
        with pytest.raises(Refused, match=why):
            add_sites(path=path, by=OPERATOR)
    path.write_text(
        f"email,kind,site,from,to\n{WORKER},program,art,{TODAY},\n{WORKER},program,band,{TODAY + timedelta(1)},"
    )
    assert add_sites(path=path, by=OPERATOR) == AddedSites(2, 0)
    assert add_sites(path=path, by=OPERATOR) == AddedSites(0, 2)
    standing = access()
    assert seen() == ["Ada"]
    assert told() == [11]
    assert standing.record_of(PERSON).tables
    with pytest.raises(Refused) as refused:
        standing.record_of(PERSON + 1)
    assert refused.value.code == "unknown_student"
    art = Site(SiteKind.PROGRAM, "art")
    with pytest.raises(Refused, match="only the accounts of your own partner"):
        add_sites(path=path, by=making.reader("officer@north.example"))
    end_site(email=WORKER, site=art, last=TODAY, by=making.reader("officer@harbor.example"))
    assert seen() == ["Ada"]  # through its last day
    end_site(email=WORKER, site=art, last=TODAY - timedelta(1), by=OPERATOR)
    assert seen() == []
    with pytest.raises(Refused):
        standing.record_of(PERSON)
    with pytest.raises(Refused, match="nothing can be ended"):
        end_site(email=WORKER, site=art, last=TODAY - timedelta(1), by=OPERATOR)


def test_no_one_enters_whose_training_has_ended(assign: Callable[..., None]) -> None:
    town(training=["ferpa-basics"], reach="caseload")
    assign(f"{WORKER},north,n-12,{TODAY},")
    with pytest.raises(
        Refused, match="You cannot open casework: you have not completed the training ferpa-basics"
    ):
        access()
    long_ago = TODAY - timedelta(400)
    training.record(email=WORKER, course="ferpa-basics", on=long_ago, by=OPERATOR)
    with pytest.raises(Refused, match="your training ferpa-basics ended on"):
        access()
    entry = LedgerEntry.objects.order_by("at", "id").last()
    assert entry is not None
    assert entry.reasons[0]["citation"].endswith("terms.training")
    training.record(email=WORKER, course="ferpa-basics", on=TODAY, by=OPERATOR)
    assert seen() == ["Ben"]


def test_the_list_of_students_is_one_entry_of_the_ledger(assign: Callable[..., None]) -> None:
    town(reach="caseload")
    assign(f"{WORKER},harbor,h-21,{TODAY},", f"{WORKER},north,n-12,{TODAY},")
    before = LedgerEntry.objects.count()
    assert access().students() == [ListedStudent(PERSON, "Ada"), ListedStudent(12, "Ben")]
    assert LedgerEntry.objects.count() == before + 1
    assert told() == [11, 12]


def test_why_a_student_is_open(say: Callable[..., None], assign: Callable[..., None]) -> None:
    town(reach="caseload", training=["ferpa-basics"], **CONSENT)
    training.record(email=WORKER, course="ferpa-basics", on=TODAY, by=OPERATOR)
    since, until = TODAY - timedelta(3), TODAY + timedelta(30)
    assign(f"{WORKER},harbor,h-21,{since},")
    say(("n-11", "yes"), on=since, expires=str(until))
    why = access().why(PERSON)
    assert why.agreements == ("sharing-2026",)
    assert (why.role, why.assigned_since, why.consent_until) == ("case_worker", since, until)
    assert why.consent == tuple(c.id for c in kept_consents())
    assert why.training == (("ferpa-basics", TODAY + timedelta(365)),)
    with pytest.raises(Refused) as refused:
        access().why(12)
    assert refused.value.code == "unknown_student"


def beside(*elements: str, **changes: Any) -> None:
    """A second agreement, by which harbor's case workers may see elements of every student of north."""
    entry = {
        "from": ["north"],
        "recipients": ["harbor"],
        "reach": "all",
        "roles": ["case_worker"],
        **EMERGENCY,
    }
    casework = making.purpose("casework", "casework", "identified", **entry)
    lines = [making.line(element, "casework") for element in elements]
    making.in_effect(making.sharing(id="beside", purposes=[casework], schedule=lines, **changes))


def test_withdrawal_closes_despite_agreement_without_consent(say: Callable[..., None]) -> None:
    town(**CONSENT)
    beside("school_enrollment.*")
    say(("n-11", "yes"), ("n-12", "yes"))
    assert seen() == ["Ada", "Ben"]
    (consent,) = (c.id for c in kept_consents() if c.record == 12)
    consents.withdraw(id=consent, by=OPERATOR)
    assert seen() == ["Ada"]


def test_assignment_opens_beside_agreement_without_caseload(assign: Callable[..., None]) -> None:
    town(reach="caseload")
    beside("school_enrollment.*")
    assert seen() == []
    assign(f"{WORKER},north,n-12,{TODAY},")
    assert seen() == ["Ben"]


def test_the_ledger_tells_by_each_table_whom_its_own_grants_show() -> None:
    town(**CONSENT)
    beside("school_enrollment.*")
    making.land("school_enrollment", "north", [{"person_record": 11, "record": 1}])
    joined = (
        "SELECT count(*) FROM school_enrollment s LEFT JOIN attendance_day a ON a.person_id = s.person_id"
    )
    assert access().query(joined).rows == [(1,)]
    assert told() == [11]


def test_ledger_counts_students_by_each_partners_grants(say: Callable[..., None]) -> None:
    document = making.sharing()
    document["purposes"][0] |= CONSENT
    making.register()
    making.in_effect(document)
    making.people()
    say(("n-11", "yes"))
    hub = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    assert hub.query("SELECT first_name FROM person ORDER BY 1").rows == [("Ada",), ("Ada",), ("Dot",)]
    assert told() == [11, 21, 22]


def test_ledger_counts_all_when_one_agreement_takes_everybody() -> None:
    town(**EMERGENCY)
    grade = {
        "on": "school_enrollment",
        "where": "entry_grade_level = '06'",
        "when": "ever",
        "from": ["north"],
    }
    beside("attendance_day.*", population=[grade])
    making.land("school_enrollment", "north", [{"person_record": 12, "record": 1, "entry_grade_level": "06"}])
    assert access().query("SELECT count(*) FROM attendance_day").rows == [(3,)]
    assert told() == [11, 12, 13]


def test_consent_only_columns_stay_closed_in_other_rows(
    say: Callable[..., None],
) -> None:
    town(**CONSENT)
    beside("attendance_day.attendance_status")
    sql = "SELECT attendance_event_date, attendance_status FROM attendance_day WHERE person_id = 12"

    def shown() -> list[list[object]]:
        table = access().record_of(12).tables["attendance_day"]
        one = [table[name].to_pylist()[0] for name in ("attendance_event_date", "attendance_status")]
        (few,) = access().few({"days": sql}, [12])[0]["days"].to_pylist()
        return [one, [*few.values()], *map(list, access().query(sql).rows)]

    assert shown() == [[None, "UnexcusedAbsence"]] * 3
    say(("n-12", "yes"))
    assert shown() == [[making.DAY, "UnexcusedAbsence"]] * 3


def test_whose_rows_may_be_seen_is_settled_at_one_moment(say: Callable[..., None]) -> None:
    """What the registers say later is for those who ask later, who then compare the two."""
    town(also="person.birthdate", basis="directory", basis_details={"notice": "2026", "items": ["name"]})
    opened = access()
    (grant,) = (g for g in opened.grants if g.table == "person")
    with snapshot() as stored:
        before = opened.people(stored)
        say(("n-12", "no"))
        assert 12 in before.allowed(grant, np.array([11, 12, 13]))
        later = opened.people(stored)
    assert later.allowed(grant, np.array([11, 12, 13])).tolist() == [11, 13]
    assert not before.stands_by(later, [grant], np.array([12]))


def test_a_consent_is_asked_of_no_school() -> None:
    """Where all that is given by consent tells of nobody, nobody's consent is needed."""
    making.register()
    document = making.sharing()
    document["purposes"] += [
        making.purpose("casework", "casework", "identified", **{"from": ["north"]}, recipients=["harbor"],
                       reach="all", roles=["case_worker"], **CONSENT)
    ]  # fmt: skip
    document["schedule"] += [making.line("organization.*", "casework", **{"from": ["north"]})]
    making.in_effect(document)
    making.land("organization", "north", [{"organization_id": "s1", "organization_name": "Elm"}])
    assert access().query("SELECT organization_name FROM organization").rows == [("Elm",)]
