"""The tables and elements against the Common Education Data Standards and against themselves."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from throughway.vocabulary import COMMON, RESTRICTING_TAGS, TABLES, Element, covered, element

ELEMENTS = [*COMMON.values(), *(e for table in TABLES.values() for e in table.elements.values())]
# Tags that inform the review and restrict nothing.
INFORMING_TAGS = {"directory", "identifier", "quasi_identifier", "discipline"}

GRAINS = {
    "person": "one partner's record of one learner",
    "person_identifier": "one identifier of one record of a learner",
    "person_race": "one race of one record of a learner",
    "person_language": "one language of one record of a learner",
    "person_contact": "one address, telephone or e-mail of one record of a learner",
    "guardian": "one adult's relation to one learner",
    "organization": "one source record of an organization",
    "program": "one source record of a program",
    "calendar_day": "one day of one calendar",
    "school_enrollment": "one spell in one school",
    "attendance_day": "one attendance event: learner, organization, day, event type, section or program",
    "attendance_summary": "one learner, organization and period",
    "behavior_incident": "one learner's part in one incident",
    "disciplinary_action": "one learner's disciplinary action",
    "course_grade": "one mark",
    "assessment_result": "one score of one sitting",
    "program_participation": "one spell in one program",
    "special_education_participation": "one spell in one special education program",
    "homeless_program_participation": "one spell in one program for people without a home",
    "meal_program_participation": "one spell in one school meal program",
    "service_received": "one service",
    "referral": "one referral",
    "person_status": "one learner's statuses over one span of days",
    "postsecondary_enrollment": "one reported spell",
    "credential": "one award",
    "employment": "one reported job or quarter",
    "survey_response": "one answer",
    "contact_note": "one version of one note about a contact, typed on the site",
    "referral_event": "one event of a referral to a support, typed on the site",
    "session_attendance": "one version of one student's mark in one session of a program, typed on the site",
    "walk_in": "one version of one name of somebody who came to a session and is not on its list, typed on the site",
    "task": "one version of one task about a student, typed on the site",
    "need": "one version of one need of a student that people know of, typed on the site",
}
VAULTED = {
    "person",
    "person_identifier",
    "person_contact",
    "guardian",
    "contact_note",
    "referral_event",
    "session_attendance",
    "walk_in",
    "task",
    "need",
}


def ceds(samples: Path, name: str) -> list[dict[str, str]]:
    with (samples / "ceds" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def terms(samples: Path) -> list[dict[str, str]]:
    return ceds(samples, "ceds_v13_terms.tsv")


def test_every_ceds_element_is_one(samples: Path, terms: list[dict[str, str]]) -> None:
    known = {row["id"][1:] for row in terms if row["tag"] == "Property"}
    known |= {row["GlobalID"] for row in ceds(samples, "ceds_v12_elements.tsv")}
    assert {e.ceds_global_id for e in ELEMENTS} - {""} <= known


def test_every_option_set_is_a_class_with_members(terms: list[dict[str, str]]) -> None:
    classes = {row["id"] for row in terms if row["tag"] == "Class"}
    peopled = {c for row in terms if row["tag"] == "NamedIndividual" for c in row["scheme"].split("|")}
    assert {e.ceds_option_set for e in ELEMENTS} - {""} <= classes & peopled


def test_every_law_tag_is_known() -> None:
    used = {tag for e in ELEMENTS for tag in e.law_tags}
    assert used <= RESTRICTING_TAGS | INFORMING_TAGS
    assert not RESTRICTING_TAGS & INFORMING_TAGS


@pytest.mark.parametrize(
    "tag", ["NSLP", "IDEA", "MV", "FOSTER", "HMIS", "HIPAA", "PPRA", "AID", "UI", "name_only"]
)
def test_wildcards_never_cover_restricted_elements(tag: str) -> None:
    tagged = [e for e in ELEMENTS if tag in e.law_tags]
    assert tagged
    for e in tagged:
        assert e.restricted
        assert e not in covered(f"{e.table}.*")
        assert covered(e.path) == (e,)


def test_every_table_has_its_grain() -> None:
    assert {name: table.grain[0].lower() + table.grain[1:] for name, table in TABLES.items()} == GRAINS


def test_the_identifying_tables_rest_in_the_vault() -> None:
    assert {name for name, table in TABLES.items() if table.vaulted} == VAULTED
    named = {
        e.table
        for e in ELEMENTS
        if e.name in ("first_name", "birthdate", "address_city", "person_identifier")
    }
    assert named <= VAULTED


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_days_and_spans_are_elements_of_days(table: object) -> None:
    assert len(table.starts) == len(table.ends)  # type: ignore[attr-defined]
    for name in (*table.starts, *table.ends):  # type: ignore[attr-defined]
        days = table.elements.get(name) or COMMON[name]  # type: ignore[attr-defined]
        assert days.type == "date"


def test_every_code_and_every_element_stands_once() -> None:
    paths = [e.path for e in ELEMENTS]
    assert len(set(paths)) == len(paths)
    assert {e.table for e in ELEMENTS} == {"*", *TABLES}
    for path in paths[len(COMMON) :]:
        assert element(path).path == path


@pytest.mark.parametrize("path", ["person.nickname", "pupil.first_name", "person", "*.batch_id"])
def test_what_the_vocabulary_lacks_is_no_element(path: str) -> None:
    with pytest.raises(KeyError):
        element(path)


def test_the_key_of_the_source_is_an_element_of_any_table() -> None:
    [key] = covered("referral.source_record_id")
    assert (key.path, key.law_tags) == ("referral.source_record_id", COMMON["source_record_id"].law_tags)
    assert isinstance(key, Element)


def test_the_words_are_learned_without_the_code_lists() -> None:
    """Most commands need no code list: importing the vocabulary must not read twelve thousand codes."""
    code = "import throughway.vocabulary as v; from throughway.vocabulary import codes; print(codes._read.cache_info().misses)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"0\n"
