"""The code lists against the CEDS lists that they come from, and our own."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from throughway.vocabulary import CODE_SETS, TABLES, codes_of, element, from_ceds, no_code

CODED = [e for table in TABLES.values() for e in table.elements.values() if e.type == "code"]
OPEN = {
    "postsecondary_enrollment.classification_of_instructional_program_code",
    "credential.classification_of_instructional_program_code",
}
OURS = {
    "C001243": {"Applied", "Declined", "WaitingList"},
    "C001482": {"LanguageNotOffered"},
    "C001571": {"LinkageKey", "MasterUser"},
    "C001943": {"MiddleEasternOrNorthAfrican"},
}  # codes that we add to a CEDS set


@pytest.fixture(scope="module")
def members(samples: Path) -> dict[str, set[str]]:
    """Option set → the codes that CEDS gives it."""
    found = defaultdict(set)
    with (samples / "ceds" / "ceds_v13_terms.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["tag"] == "NamedIndividual":
                for option_set in row["scheme"].split("|"):
                    found[option_set].add(row["notation"].strip())
    return found


def test_the_codes_are_those_of_ceds_and_the_few_of_ours(members: dict[str, set[str]]) -> None:
    sets = {e.ceds_option_set for table in TABLES.values() for e in table.elements.values()} - {""}
    assert sets
    for option_set in sets:
        assert set(CODE_SETS[option_set]) == members[option_set] | OURS.get(option_set, set()), option_set


def test_the_file_is_what_the_generator_writes(samples: Path, tmp_path: Path) -> None:
    target = tmp_path / "code_sets.csv"
    target.write_bytes(from_ceds.TARGET.read_bytes())
    from_ceds.write(samples / "ceds" / "ceds_v13_terms.tsv", target)
    assert target.read_bytes() == from_ceds.TARGET.read_bytes()


@pytest.mark.parametrize("coded", CODED, ids=lambda e: e.path)
def test_every_coded_element_has_a_list_or_is_open(coded: object) -> None:
    assert (codes_of(coded) is None) == (coded.path in OPEN)  # type: ignore[arg-type, attr-defined]


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("referral.referral_status", {"sent", "accepted", "declined", "first_service", "done", "withdrawn"}),
        ("service_received.service_quantity_unit", {"minute", "hour", "session", "day", "dollar"}),
        ("service_received.service_date_precision", {"day", "week"}),
        ("survey_response.respondent_type", {"student", "guardian", "staff"}),
        ("person_status.foster_care_status", {"Yes", "No", "Former"}),
        ("attendance_day.attendance_status",
         {"Present", "ExcusedAbsence", "UnexcusedAbsence", "Tardy", "EarlyDeparture"}),
    ],
)  # fmt: skip
def test_lists_that_other_rooms_build_on(path: str, codes: set[str]) -> None:
    assert set(codes_of(element(path)) or ()) == codes


def test_every_topic_of_the_protection_of_pupil_rights_amendment() -> None:
    """20 USC 1232h(b) names eight."""
    assert len(codes_of(element("survey_response.ppra_protected_topic")) or ()) == 8


@pytest.mark.parametrize("code", ["tutoring", "mentoring", "after_school", "summer"])
def test_programs_that_ceds_cannot_name_have_a_subtype(code: str) -> None:
    assert code in (codes_of(element("program.program_subtype")) or ())


def test_races_include_the_codes_that_ceds_lacks() -> None:
    races = codes_of(element("person_race.race")) or {}
    assert {"MiddleEasternOrNorthAfrican", "HispanicOrLatinoEthnicity"} <= set(races)
    assert (
        codes_of(element("person_race.hispanic_or_latino_ethnicity")) is None
    )  # the separate question is yes or no


def test_codes_mean_what_ceds_says_within_their_own_set() -> None:
    """75000 is a kind of program and an act of discipline: a code is read with its set."""
    assert CODE_SETS["C000225"]["75000"] == "Foster Care"
    assert CODE_SETS["C000488"]["75000"] == "Placed in juvenile detention center"
    assert "regular" in CODE_SETS["C000110"]["01921"]


def test_every_code_has_a_label_that_can_be_read() -> None:
    for codes in CODE_SETS.values():
        for code, label in codes.items():
            assert code == code.strip() != ""
            assert label == " ".join(label.split()) != ""
            assert "\ufffd" not in label


def test_nobody_changes_a_list() -> None:
    with pytest.raises(TypeError):
        CODE_SETS["C000255"]["X"] = "X"  # type: ignore[index]
    assert len(CODE_SETS) == len(list(CODE_SETS))


def test_a_wrong_code_names_its_list_and_the_nearest_codes() -> None:
    assert no_code(element("attendance_day.attendance_status"), "Pressent").startswith(
        "Pressent is not a code in C000076, the code set of attendance_day.attendance_status; the nearest: Present;"
    )
    assert "the nearest: 01921 (" in no_code(element("school_enrollment.exit_or_withdrawal_type"), "1921")
    assert "; it begins " in no_code(element("person.sex"), "zzz")
