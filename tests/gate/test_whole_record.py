"""One student's whole record says what questions about each table say, under one entry."""

import pyarrow as pa
import pytest

from tests.gate import making
from tests.kept import kept
from throughway.agreements import actions as agreements
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, governed_access, land_person_links
from throughway.ledger.hmac_digests import question_digest
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.record_numbers import unpack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
PERSON = 2**41 + 5


@pytest.fixture
@kept
def town() -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()


def access(purpose: str = "planning"):
    return enter(actor=making.reader("evaluator@hub.example"), purpose=purpose)


def by_questions(person: int) -> dict[str, list[tuple[object, ...]]]:
    tables = sorted({g.table for g in access().grants})
    rows = {t: access().query(f"SELECT * FROM {t} WHERE person_id = {person}").rows for t in tables}
    return {table: sorted(found, key=repr) for table, found in rows.items() if found}


def as_rows(table: pa.Table) -> list[tuple[object, ...]]:
    return sorted(zip(*(column.to_pylist() for column in table.columns), strict=True), key=repr)


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("person", [11, 12, 21, PERSON, 999_999])
def test_it_says_what_questions_about_each_table_say(town: None, linked: bool, person: int) -> None:
    if linked:
        land_person_links(links=pa.table({"record": [11, 21], "person": [PERSON, PERSON]}), by=OPERATOR)
    expected = by_questions(person)
    found = access().record_of(person)
    assert {table: as_rows(rows) for table, rows in found.tables.items()} == expected
    entry = LedgerEntry.objects.get(id=found.disclosure)
    assert entry.rows == sum(len(rows) for rows in expected.values())
    linked_to = {11, 21} if (linked and person == PERSON) else {person} & {11, 12, 21}
    assert set(unpack(bytes(entry.students)).tolist()) == linked_to


def test_a_score_is_told_once() -> None:
    making.register()
    making.in_effect(making.sharing(schedule=[making.line("assessment_result.*", "planning")]))
    making.people()
    making.land("assessment_result", "north", [{"person_record": 11, "assessment_result_score_value": "400"}])
    told = access().record_of(11).tables["assessment_result"]
    assert told["assessment_result_score_value"].to_pylist() == ["400"]
    assert "score_number" not in told.column_names


def test_student_records_are_compiled_once(town: None) -> None:
    first, second = access().record_of(11), access().record_of(12)
    assert first.tables["person"]["person_id"].to_pylist() == [11]
    assert second.tables["person"]["person_id"].to_pylist() == [12]


def test_a_purpose_of_figures_shows_no_student(town: None) -> None:
    with pytest.raises(Refused, match="does not show who a student is"):
        access("counting").record_of(11)
    assert LedgerEntry.objects.order_by("at").last().outcome == "refused"


def test_the_operator_links_and_reads_nothing(town: None) -> None:
    linking = enter(actor=OPERATOR, purpose="matching")
    with pytest.raises(Refused, match="cannot read them"):
        linking.query("SELECT first_name FROM person")
    with pytest.raises(Refused):
        linking.record_of(11)
    assert linking.table("SELECT person_record FROM person")[0].num_rows > 0


def test_a_population_told_by_names_does_not_lose_its_columns() -> None:
    """The vault's table that tells the population is read with columns that the purpose does not show."""
    making.register()
    population = [
        {"from": ["north"], "on": "person", "where": "sex = 'Female' OR sex IS NULL", "when": "ever"}
    ]
    making.in_effect(making.sharing(population=population))
    making.people()
    assert {t: as_rows(r) for t, r in access().record_of(11).tables.items()} == by_questions(11)


def test_a_population_told_by_enrollment_holds_for_every_table() -> None:
    """Several tables look into enrollment, which is then read once; of another student's spells nothing counts."""
    making.register()
    population = [
        {"from": ["north"], "on": "school_enrollment", "where": "entry_grade_level = '05'", "when": "ever"}
    ]
    making.in_effect(making.sharing(population=population))
    making.people()
    spells = [
        {"person_record": 11, "entry_grade_level": "05"},
        {"person_record": 12, "entry_grade_level": "06"},
        {"person_record": 12, "entry_grade_level": "04"},
    ]
    making.land("school_enrollment", "north", spells)
    for person, seen in ((11, {"person", "attendance_day"}), (12, set()), (11, {"person", "attendance_day"})):
        found = {t: as_rows(r) for t, r in access().record_of(person).tables.items()}
        assert found.keys() == seen
        assert found == by_questions(person)


def test_a_school_that_is_renamed_is_called_by_its_new_name() -> None:
    document = making.sharing()
    document["schedule"] += [making.line("organization.*", "planning", **{"from": ["north"]})]
    making.register()
    making.in_effect(document)
    making.people()
    making.land("attendance_day", "north", [{"person_record": 11, "record": 99, "organization_id": "s1"}])
    assert "organization" not in access().record_of(11).tables
    making.land("organization", "north", [{"organization_id": "s1", "organization_name": "Elm"}])
    for _ in range(2):
        assert access().record_of(11).tables["organization"]["organization_name"].to_pylist() == ["Elm"]
    making.land("organization", "north", [{"organization_id": "s1", "organization_name": "Oak"}])
    names = access().record_of(11).tables["organization"]["organization_name"].to_pylist()
    assert sorted(names) == ["Elm", "Oak"]


def with_schools(*lines: dict[str, object]) -> None:
    """Schools of harbor's, of which one of north's students names one."""
    document = making.sharing()
    document["schedule"] += [making.line("organization.*", "planning", **{"from": ["harbor"]}), *lines]
    making.register()
    making.in_effect(document)
    making.people()
    making.land("attendance_day", "north", [{"person_record": 11, "record": 99, "organization_id": "s1"}])
    schools = [
        {"organization_id": id, "organization_name": name} for id, name in (("s1", "Elm"), ("s2", "Oak"))
    ]
    making.land("organization", "harbor", schools)


def test_schools_that_the_student_does_not_name_are_not_shown() -> None:
    with_schools()
    assert access().record_of(11).tables["organization"]["organization_name"].to_pylist() == ["Elm"]


def test_its_entry_names_what_was_read_and_of_whom() -> None:
    """Harbor alone gives the sex and the schools' names; north's student's record has the name of a school or has not."""
    with_schools(making.line("person.sex", "planning", **{"from": ["harbor"]}))
    for person, disclosers in ((11, ["harbor", "north"]), (12, ["north"])):
        found = access().record_of(person)
        entry = LedgerEntry.objects.get(id=found.disclosure)
        assert (entry.disclosers, found.agreements) == (disclosers, ["sharing-2026"])
        tables = {element.partition(".")[0] for element in entry.elements}
        assert (
            tables
            == found.tables.keys()
            == {"person", "attendance_day"} | ({"organization"} if person == 11 else set())
        )
        assert {"person.first_name", "attendance_day.attendance_status"} < {*entry.elements}
        assert "person.sex" not in entry.elements


def test_schools_are_named_by_whoever_gives_their_ids() -> None:
    with_schools()
    making.in_effect(
        making.sharing(id="names", schedule=[making.line("organization.organization_name", "planning")])
    )
    assert "Elm" in access().record_of(11).tables["organization"]["organization_name"].to_pylist()


def test_its_entry_holds_the_digest_of_its_own_question(town: None, community: Community) -> None:
    def digest(person: int) -> str:
        return str(LedgerEntry.objects.get(id=access().record_of(person).disclosure).question)

    assert digest(11) == digest(11) != digest(12)
    nobody = question_digest("the whole record of one student under planning", community.keys)
    assert digest(999_999) == digest(888_888) == nobody


def test_what_ends_while_a_record_is_gathered_is_not_handed_out(
    town: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    gather = governed_access.gather

    def meanwhile(*args: object, **more: object) -> object:
        found = gather(*args, **more)  # type: ignore[arg-type]
        agreements.suspend(id="sharing-2026", by=making.reader("officer@north.example"))
        return found

    opened = access()
    monkeypatch.setattr(governed_access, "gather", meanwhile)
    with pytest.raises(Refused, match="no data was returned"):
        opened.record_of(11)
    (entry,) = LedgerEntry.objects.all()
    assert entry.outcome == "refused"
