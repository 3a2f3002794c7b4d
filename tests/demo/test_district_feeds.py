"""The districts' files: every stay, mark and score of the lives once, statuses where systems keep them, late corrections."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml
from lxml import etree

from throughway.demo import edfi
from throughway.demo import lakeside as lakeside_feeds
from throughway.demo.column_files import Only, csv_text, escaped, rows, xml
from throughway.demo.edfi import GRADES
from throughway.demo.partners import LAKESIDE, RIVERBEND
from throughway.demo.town import Town, live

CROSSWALKS = Path(lakeside_feeds.__file__).parent / "papers" / "crosswalks"
NS = "{http://ed-fi.org/5.2.0}"


@pytest.fixture(scope="module")
def town() -> Town:
    return live(400, 11, date(2026, 11, 25))


@pytest.fixture(scope="module")
def lakeside(town: Town, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    folder = tmp_path_factory.mktemp("lakeside")
    lakeside_feeds.export(folder, town)
    return {p.stem: list(csv.DictReader(p.read_text("utf-8").splitlines())) for p in folder.glob("*.csv")}


@pytest.fixture(scope="module")
def interchange(town: Town, tmp_path_factory: pytest.TempPathFactory) -> dict[str, etree._Element]:
    folder = tmp_path_factory.mktemp("edfi")
    edfi.export(folder, town)
    return {p.stem: etree.parse(p).getroot() for p in folder.glob("*.xml")}


def texts_of(root: etree._Element, name: str) -> list[str]:
    return [str(e.text) for e in root.iter(f"{NS}{name}")]


def sources(column: dict[str, object]) -> set[str]:
    """The headings that an element is made of."""
    found = {str(column["from"])} if "from" in column else set()
    return found | {str(h) for h in column.get("join", [])}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name", ["students", "enrollment", "attendance", "grades", "assessments", "diplomas"]
)
def test_each_crosswalk_reads_every_column_of_its_file(
    lakeside: dict[str, list[dict[str, str]]], name: str
) -> None:
    crosswalk = yaml.safe_load((CROSSWALKS / f"lakeside-{name}.yaml").read_text("utf-8"))
    read = set(crosswalk.get("ignore", []))
    for table in crosswalk["tables"].values():
        read |= {table["person"], *(c for c in table["key"] if c in lakeside[name][0])}
        for name_of, column in table["columns"].items():
            read |= sources(column)
            codes = column.get("map")
            if codes and "*" not in codes:
                assert {row[column["from"]] for row in lakeside[name]} <= set(codes), name_of
    assert read >= set(lakeside[name][0])


def test_lakeside_attendance_has_each_day_once(town: Town, lakeside: dict[str, list[dict[str, str]]]) -> None:
    marked = lakeside["attendance"]
    assert len({(row["Student"], row["Date"]) for row in marked}) == len(marked)
    ours = town.spells.district == 1
    expected = sum(int((year.status[ours[year.spell]] > 0).sum()) for year in town.each_year())
    assert len(marked) == expected


def test_correction_changes_statuses_of_the_first_file(
    lakeside: dict[str, list[dict[str, str]]],
) -> None:
    first = {(row["Student"], row["Date"]): row for row in lakeside["attendance"]}
    mended = lakeside["attendance-correction"]
    assert mended
    for row in mended:
        before = first[row["Student"], row["Date"]]
        assert (before["Status"], row["Status"], before["School"]) == ("U", "E", row["School"])


def test_lakeside_feed_matches_the_simulation(town: Town, lakeside: dict[str, list[dict[str, str]]]) -> None:
    spells, keys = town.spells, town.rosters[LAKESIDE]
    ended = (spells.district == 1) & ~np.isnat(spells.end)
    assert len(lakeside["enrollment"]) == ended.sum()
    told = {(r["Student"], r["Entry"]): r["Grade"] for r in lakeside["enrollment"]}
    i = int(np.flatnonzero(ended)[5])
    start = spells.start[i].astype(object)
    key = str(keys.keys_of(spells.student[[i]])[0])
    grade = "KG" if spells.grade[i] == 0 else f"{spells.grade[i]:02d}"
    assert told[key, f"{start.month}/{start.day}/{start.year}"] == grade
    assert len(lakeside["assessments"]) == (town.scores.district == 1).sum()
    assert len(lakeside["diplomas"]) == (town.college.diplomas.district == 1).sum()
    assert {r["Level"] for r in lakeside["assessments"]} >= {
        "Ready",
        "Emerging",
        "Basic",
        "Proficient",
        "Advanced",
    }


def test_statuses_are_as_of_the_export(town: Town, lakeside: dict[str, list[dict[str, str]]]) -> None:
    people, roster = town.people, town.rosters[LAKESIDE]
    told = {r["Student"]: r for r in lakeside["students"]}
    for key, i in zip(roster.key, roster.student, strict=True):
        homeless = people.homeless_from[i] <= town.known and not people.homeless_to[i] <= town.known
        assert told[key]["Homeless"] == ("Y" if homeless else "N")
        assert told[key]["IEP"] == ("Y" if people.disability[i] else "N")
        learning = people.english_learner[i] and not people.fluent_on[i] <= town.known
        assert told[key]["ELL"] == ("Y" if learning else "N")
    assert any(not r["Phone"] for r in lakeside["students"])


def test_riverbend_statuses_have_days(town: Town, interchange: dict[str, etree._Element]) -> None:
    people, who = town.people, town.rosters[RIVERBEND].student
    said = interchange["StudentEnrollment"]
    names = [str(e.findtext(f"{NS}StudentCharacteristic")).split("#")[1] for e in said.iter(f"{NS}StudentCharacteristic") if len(e)]  # fmt: skip
    assert names.count("Economic Disadvantaged") == people.low_income[who].sum()
    assert names.count("Foster Care") == (people.foster_from[who] <= town.known).sum()
    assert names.count("Homeless") == (people.homeless_from[who] <= town.known).sum()
    program = interchange["StudentProgram"]
    assert len(program) == (people.disability[who] != "").sum()
    limited = [text.split("#")[1] for text in texts_of(said, "LimitedEnglishProficiency")]
    assert len(limited) == len(who)
    assert {"NotLimited", "Limited"} <= set(limited)


def test_riverbend_stays_match_the_simulation(town: Town, interchange: dict[str, etree._Element]) -> None:
    ours = town.spells.where(town.spells.district == 0)
    said = list(interchange["StudentEnrollment"].iter(f"{NS}StudentSchoolAssociation"))
    found = {
        (texts_of(s, "StudentUniqueId")[0], texts_of(s, "EntryDate")[0]): (
            texts_of(s, "SchoolId")[0], texts_of(s, "EntryGradeLevel")[0].split("#")[1], texts_of(s, "ExitWithdrawDate"),
        )
        for s in said
    }  # fmt: skip
    expected = {
        (key, str(start)): (str(town.schools.id[school]), GRADES[grade], [] if np.isnat(end) else [str(end)])
        for key, start, school, grade, end in zip(
            town.rosters[RIVERBEND].keys_of(ours.student), ours.start, ours.school, ours.grade, ours.end, strict=True
        )
    }  # fmt: skip
    assert len(said) == len(expected)
    assert found == expected


def test_riverbend_records_match_the_simulation(town: Town, interchange: dict[str, etree._Element]) -> None:
    ours = town.spells.district == 0
    absences = sum(int((year.status[ours[year.spell]] > 1).sum()) for year in town.each_year())
    assert len(interchange["StudentAttendance"]) == absences
    assert len(interchange["StudentAssessment"]) == (town.scores.district == 0).sum()
    diplomas = int((town.college.diplomas.district == 0).sum())
    assert len(interchange["StudentTranscript"]) == ours[town.marks.spell].sum() + diplomas
    identifiers = set(texts_of(interchange["AssessmentMetadata"], "AssessmentIdentifier"))
    assert set(texts_of(interchange["StudentAssessment"], "AssessmentIdentifier")) <= identifiers
    event = interchange["StudentAttendance"][0]
    assert str(event.findtext(f".//{NS}SchoolYear")) == "2020-2021"
    assert texts_of(event, "SessionName")[0].startswith("2020-2021 ")


def test_xml_and_csv_of_columns() -> None:
    names = escaped(["Ana & Bo", "<x>"])
    some = Only(np.array([True, False]), "a")
    assert rows(xml({"P/N": (names, xml({"M": some}))})).to_pylist() == [
        "<P><N>Ana &amp; Bo<M>a</M></N></P>",
        "<P><N>&lt;x&gt;</N></P>",
    ]
    assert rows(xml({"N": ["x", {"M#": "y"}]}, "{}:")) == "<N>x</N><N><M>M:y</M></N>"
    assert csv_text({"a": [1, 2], "b": ["x", None]}) == "a,b\n1,x\n2,\n"
