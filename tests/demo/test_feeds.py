"""Each file of Riverbend's partners comes in whole through its crosswalk, but for the faults that were planted."""

import csv
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from tests.demo.fills import FILLS, crosswalk
from tests.intake.conftest import Town as Desk
from tests.intake.conftest import quarantine
from tests.intake.papers import in_effect
from throughway.agreements.status import AgreementStatus
from throughway.demo import feeds, town
from throughway.demo.feeds.directory import FILE as DIRECTORY
from throughway.demo.feeds.family import NO_DAYS, NOBODY
from throughway.demo.partners import (
    BRIGHT,
    COLLEGE,
    COLLEGE_ACCESS,
    FAMILIES,
    MENTORS,
    PAGES,
    RIVERBEND,
    WAGES,
)
from throughway.demo.programs import (
    ART,
    CAREER_START,
    CHESS,
    GARDEN,
    HOMEWORK_CLUB,
    LATE_GYM,
    MENTORING,
    PROGRAMS,
    TUTORING,
)
from throughway.demo.survey_answers import CLIMATE, QUESTIONS, SERVICE
from throughway.intake import selectors
from throughway.intake.load_report import Loaded
from throughway.partners import OPERATOR
from throughway.partners.actions import add_partner
from throughway.store import Community
from throughway.supports.entry import checked
from throughway.supports.hsds import files as hsds
from throughway.supports.hsds.statements import read_support
from throughway.vocabulary import TABLES

TODAY = date(2026, 11, 25)
DIRECTORIES = ["bright-futures", "family-services", "long-walk-mentors", "next-step", "page-by-page"]
HELD = [(partner, name) for partner, name, _, _ in feeds.LOADS] + [(p, DIRECTORY) for p in DIRECTORIES]


@pytest.fixture(scope="module")
def lives() -> town.Town:
    return town.live(400, 3, TODAY)


@pytest.fixture(scope="module")
def written(lives: town.Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feeds")
    feeds.write(folder, lives, np.random.default_rng(3))
    return folder


@pytest.fixture
def desk(db: None, community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for id, kind in (("school", "lea"), ("club", "cbo"), ("backbone", "backbone")):
        add_partner(id=id, name=id.title(), kind=kind, by=OPERATOR)

    def agree(standings: Sequence[AgreementStatus]) -> None:
        monkeypatch.setattr(selectors, "agreement_statuses", lambda on: list(standings))

    return Desk(community, tmp_path, agree)


def load(desk: Desk, written: Path, partner: str) -> dict[str, Loaded]:
    """Loads what a partner sends, in order, under an agreement that needs what its files fill and nothing else. The desk has one partner of
    its own, so what a crosswalk expects of its partner's feed is left out."""
    desk.agree(in_effect([f"element: {path}" for path in sorted(FILLS[partner])]))
    return {
        name: desk.load(
            written / whose / name, crosswalk(paper).partition("\nfeed:")[0] if paper else None, format=format
        )
        for whose, name, format, paper in feeds.LOADS
        if whose == partner
    }  # fmt: skip


def rows(
    path: Path, *, delimiter: str = ",", skip: int = 0, encoding: str = "utf-8-sig"
) -> list[dict[str, str]]:
    """The rows of a file that hold something."""
    with path.open(encoding=encoding, newline="") as file:
        for _ in range(skip):
            next(file)
        return [row for row in csv.DictReader(file, delimiter=delimiter) if any(row.values())]


def sheets(folder: Path) -> Iterator[tuple[Path, list[tuple[object, ...]]]]:
    for path in sorted(folder.iterdir()):
        yield path, list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))


def read(loaded: Loaded) -> dict[str, int]:
    """What a load read of each table; all of it must have gone well."""
    assert loaded.cells_emptied == 0
    assert loaded.refused_columns == []
    assert all(counts.quarantined == counts.out_of_scope == 0 for counts in loaded.tables.values()), (
        quarantine(loaded)
    )
    return {table: counts.read for table, counts in loaded.tables.items() if table in TABLES}


@pytest.mark.parametrize(("partner", "name"), HELD)
def test_every_loaded_file_is_written(written: Path, partner: str, name: str) -> None:
    path = written / partner / name
    assert path.is_file() or any(path.iterdir())


def test_every_written_file_is_loaded(written: Path) -> None:
    assert {(p.parent.name, p.name) for p in written.glob("*/*")} == set(HELD)


def test_feeds_depend_on_the_seed(lives: town.Town, written: Path, tmp_path: Path) -> None:
    def held(folder: Path) -> dict[str, object]:
        files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.csv")}
        return files | {
            path.name: cells for kind in ("daily", "weekly") for path, cells in sheets(folder / BRIGHT / kind)
        }

    for name, seed in (("again", 3), ("other", 4)):
        feeds.write(tmp_path / name, lives, np.random.default_rng(seed))
    again, other = held(tmp_path / "again"), held(tmp_path / "other")
    assert held(written) == again
    assert again.keys() == other.keys()
    assert again[f"{BRIGHT}/enrollments.csv"] != other[f"{BRIGHT}/enrollments.csv"]


def test_small_town_has_all_files(tmp_path: Path) -> None:
    feeds.write(tmp_path, town.live(50, 1, TODAY), np.random.default_rng(1))
    assert {(p.parent.name, p.name) for p in tmp_path.glob("*/*")} == set(HELD)


def test_after_school_feed_of_six_providers(desk: Desk, written: Path, lives: town.Town) -> None:
    ours = written / BRIGHT
    loaded = load(desk, written, BRIGHT)
    participants, enrollments = rows(ours / "participants.csv"), rows(ours / "enrollments.csv")
    many = len(participants)
    assert many == len(lives.rosters[BRIGHT].student)
    assert read(loaded["participants.csv"]) == dict.fromkeys(
        ("person", "person_contact", "person_language"), many
    )
    assert read(loaded["enrollments.csv"]) == {"program_participation": len(enrollments)}
    assert read(loaded["programs.csv"]) == {"program": 6, "organization": 6}
    marks = Counter(cell for path, sheet in sheets(ours / "daily") for row in sheet[3:] for cell in row[4:-1])
    assert marks.keys() == {0, 1, None}
    assert read(loaded["daily"]) == {"attendance_day": marks[0] + marks[1]}
    days = desk.rows("attendance_day")
    assert Counter(row["attendance_status"] for row in days) == {
        "Present": marks[1],
        "UnexcusedAbsence": marks[0],
    }
    visits = lives.participation.of(LATE_GYM, ART, CHESS)
    assert (
        0.9 * visits.sessions.sum() < marks[1] <= visits.sessions.sum()
    )  # a stay may be too short for all of them
    assert {row["program_id"] for row in days} == {
        f"school/{n}" for n in ("late-gym", "art-studio", "chess-club")
    }
    weekly = [row for _, sheet in sheets(ours / "weekly") for row in sheet[1:]]
    assert read(loaded["weekly"]) == {"service_received": len(weekly)}
    visits = lives.participation.of(HOMEWORK_CLUB, GARDEN, CAREER_START)
    assert {row[0] for row in weekly} == set(
        lives.rosters[BRIGHT].keys_of(visits.student[visits.sessions > 0])
    )
    minutes = sum(60 * int(str(row[5] or 0)) + int(str(row[6] or 0)) for row in weekly)
    received = desk.rows("service_received")
    assert sum(float(str(row["service_quantity"])) for row in received) == minutes
    assert {row["student_support_service_type"] for row in received} > {"00329", "00323"}
    answers = [
        cell
        for row in rows(ours / "survey.csv")
        for name, cell in row.items()
        if name[0] == "S" and name[1:].isdigit()
    ]
    assert read(loaded["survey.csv"]) == {"survey_response": sum(map(bool, answers))}


def test_lottery_applicants_without_a_seat_are_listed(written: Path, lives: town.Town) -> None:
    held = Counter(
        r["Status"] for r in rows(written / BRIGHT / "enrollments.csv") if r["Program"] == "Career Start"
    )
    lots = lives.lottery
    assert held["Not drawn"] == (~lots.won).sum()
    assert held["Place declined"] == (lots.won & ~lots.came).sum()
    assert sum(held.values()) == len(lots.student)
    assert len(lives.participation.of(CAREER_START).student) == lots.came.sum()


def test_tutoring_feed_and_its_correction(desk: Desk, written: Path, lives: town.Town) -> None:
    ours = written / PAGES
    loaded = load(desk, written, PAGES)
    stays, sessions = rows(ours / "enrollments.csv"), rows(ours / "sessions.csv")
    wrong = rows(ours / "sessions-corrected.csv")
    assert read(loaded["enrollments.csv"])["program_participation"] == len(stays)
    assert loaded["enrollments.csv"].tables["person"].landed == len(lives.rosters[PAGES].student)
    assert sum(bool(stay["Started"]) for stay in stays) == len(lives.participation.of(TUTORING).student)
    assert read(loaded["sessions.csv"]) == {"service_received": len(sessions)}
    assert loaded["sessions-corrected.csv"].tables["service_received"].landed == len(wrong) > 0
    received = desk.rows("service_received")
    assert len(received) == len(sessions)
    assert max(float(str(row["service_quantity"])) for row in received) <= 45
    assert max(int(session["Minutes"]) for session in sessions) >= 200


def test_mentoring_feed_by_month(desk: Desk, written: Path, lives: town.Town) -> None:
    loaded = load(desk, written, MENTORS)
    matches = rows(written / MENTORS / "matches.csv", delimiter=";", encoding="cp1252")
    meetings = rows(written / MENTORS / "meetings.csv", delimiter=";")
    assert read(loaded["matches.csv"])["program_participation"] == len(matches)
    assert loaded["matches.csv"].tables["person"].landed == len(lives.rosters[MENTORS].student)
    assert read(loaded["meetings.csv"]) == {"service_received": len(meetings)}
    pairs = {(match["Match ID"], match["Mentee ID"]) for match in matches if match["Match Opened"]}
    assert {(meeting["Match ID"], meeting["Mentee ID"]) for meeting in meetings} == pairs
    assert (
        sum(int(meeting["Times Met"]) for meeting in meetings)
        == lives.participation.of(MENTORING).sessions.sum()
    )


def test_agency_feed_has_faulty_services(desk: Desk, written: Path, lives: town.Town) -> None:
    ours = written / FAMILIES
    loaded = load(desk, written, FAMILIES)
    services = loaded["services.csv"]
    faults = len(NO_DAYS) + NOBODY
    assert services.refused_columns == ["Case Notes"]
    assert services.tables["service_received"].read == len(rows(ours / "services.csv"))
    assert services.tables["service_received"].quarantined == faults
    assert services.cells_emptied == 0
    assert Counter(row["column"] for row in quarantine(services)) == {
        "DateProvided": len(NO_DAYS),
        "ClientID": NOBODY,
    }
    many = len(lives.rosters[FAMILIES].student)
    assert read(loaded["clients.csv"]) == {"person": many, "person_contact": many}
    referrals = rows(ours / "referrals.csv")
    assert read(loaded["referrals.csv"]) == {"referral": len(referrals)}
    unanswered = sum(row.get("referral_status") == "sent" for row in desk.rows("referral"))
    names = "".join(row["LastName"] for row in rows(ours / "clients.csv"))
    assert not names.isascii()
    assert unanswered == sum(not r["Outcome"] and r["Status"] == "Sent" for r in referrals) > 0
    assert all(not r["ClosedOn"] for r in referrals if r["Status"] == "Sent")


def test_college_access_feed(desk: Desk, written: Path, lives: town.Town) -> None:
    loaded = load(desk, written, COLLEGE_ACCESS)
    sessions = rows(written / COLLEGE_ACCESS / "sessions.csv")
    assert (
        read(loaded["participants.csv"])["program_participation"]
        == len(lives.rosters[COLLEGE_ACCESS].student)
        > 0
    )
    assert read(loaded["sessions.csv"]) == {"service_received": len(sessions)}


def test_college_feed_has_returning_students(desk: Desk, written: Path, lives: town.Town) -> None:
    ours = written / COLLEGE
    loaded = load(desk, written, COLLEGE)
    terms = rows(ours / "enrollment.csv", delimiter="|")
    assert read(loaded["students.csv"])["person"] == len(lives.rosters[COLLEGE].student)
    assert read(loaded["enrollment.csv"]) == {"postsecondary_enrollment": len(terms)}
    assert read(loaded["credentials.csv"]) == {
        "credential": len(rows(ours / "credentials.csv", delimiter="|"))
    }
    nth = {term: n for n, term in enumerate(sorted({row["TERM"] for row in terms}))}
    by_student: dict[str, list[int]] = {}
    for row in terms:
        by_student.setdefault(row["STUDENT_ID"], []).append(nth[row["TERM"]])
    assert any(
        later - earlier > 3 for held in by_student.values() for earlier, later in itertools.pairwise(held)
    )


def test_wage_feed(desk: Desk, written: Path, lives: town.Town) -> None:
    loaded = load(desk, written, WAGES)
    assert read(loaded["individuals.csv"]) == {"person": len(lives.rosters[WAGES].student)}
    assert read(loaded["wages.csv"]) == {"employment": len(rows(written / WAGES / "wages.csv"))}
    earned = sum(float(str(row["quarterly_earnings"])) for row in desk.rows("employment"))
    assert earned == pytest.approx(lives.work.earnings.sum())


@pytest.mark.parametrize("district", ["riverbend-schools", "lakeside-schools"])
def test_clearinghouse_feed(desk: Desk, written: Path, lives: town.Town, district: str) -> None:
    path = written / district / "nsc.csv"
    loaded = load(desk, written, district)
    returned = rows(path)
    graduates = lives.college.diplomas.student[lives.college.diplomas.district == (district != RIVERBEND)]
    assert {row["Requester Return Field"] for row in returned} == set(
        lives.rosters[district].keys_of(graduates)
    )
    degrees = sum(row["Graduated?"] == "Y" for row in returned)
    found = read(loaded["nsc.csv"])
    assert found["credential"] == degrees
    assert found["postsecondary_enrollment"] == len(returned) - degrees
    nothing = {row["Requester Return Field"] for row in returned if row["Record Found Y/N"] == "N"}
    enrolled = set(
        lives.rosters[district].keys_of(graduates[np.isin(graduates, lives.college.terms.student)])
    )
    assert len(nothing) > len(graduates) - len(enrolled)  # some who enrolled are not found
    if district == RIVERBEND:
        answers = [
            cell for row in rows(path.with_name("survey.csv")) for name, cell in row.items() if name[0] == "C"
        ]
        assert read(loaded["survey.csv"]) == {"survey_response": sum(map(bool, answers))}


def test_program_list_has_no_open_place_with_a_waiting_list(written: Path, lives: town.Town) -> None:
    open_places = {
        f"{row['Partner']}/{row['Program']}": int(row["Open Places"])
        for path in sorted(written.glob("*/programs.csv"))
        for row in rows(path, skip=2)
    }
    assert sorted(open_places) == sorted(PROGRAMS)
    assert open_places["bright-futures/career-start"] == 0
    waits = (lives.needs.program == TUTORING) & (lives.needs.why_unmet == "no_seat")
    lately = lives.needs.referred_on[waits] >= np.datetime64(f"{lives.year - 2}-07-01")
    assert (open_places["page-by-page/tutoring"] == 0) == lately.any()
    assert open_places["bright-futures/art-studio"] > 0


@pytest.mark.parametrize(("survey", "partner"), [(CLIMATE, RIVERBEND), (SERVICE, BRIGHT)])
def test_survey_answers_are_words(written: Path, lives: town.Town, survey: int, partner: str) -> None:
    held = rows(written / partner / "survey.csv")
    for n, (of, code, _, _) in enumerate(QUESTIONS):
        if of == survey:
            said = Counter(row[code] for row in held if row[code])
            meant = np.bincount(lives.answers.value[lives.answers.question == n], minlength=6)[1:]
            assert [
                said[word] for word in ("Never", "Rarely", "Sometimes", "Often", "Always")
            ] == meant.tolist()


def test_each_program_is_in_its_partners_directory(written: Path) -> None:
    """Read as any directory in HSDS is; seats are in the list of programs alone."""
    found = []
    for partner in DIRECTORIES:
        directory = hsds.read(written / partner / DIRECTORY)
        assert directory.problems == []
        for record in directory.services:
            faults: list[tuple[str, ...]] = []
            support = read_support(record.service, partner, TODAY, lambda *fault, to=faults: to.append(fault))
            assert faults == []
            assert checked(support.said).languages
            found.append(support.said.program)
    assert sorted(found) == sorted(PROGRAMS)
