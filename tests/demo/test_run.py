"""What stands in Riverbend after the main job: agreements in their states, consents, readings, a report, a ledger."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

from tests.demo.conftest import Riverbend
from throughway.demo.partners import CASE_WORKER, COUNSELOR, MANAGER, PEOPLE, PRINCIPAL, RIVERBEND, STEWARD
from throughway.measures.milestones import MILESTONES

STATES = {
    "riverbend-mou": "active",
    "riverbend-data": "active",
    "state-wage-records": "active",
    "riverbend-casework": "active",
    "riverbend-supports": "active",
    "riverbend-counselors": "active",
    "after-school-invitations": "active",
    "foster-care-education": "active",
    "district-transfers": "active",
    "tutoring-study": "active",
    "next-step-advising": "suspended",
    "tutoring-study-license": "partly_signed",
    "referral-outcomes": "signed",
    "college-aid": "signed",
    "bus-routes": "expired",
    "river-flood": "terminated",
    "tutors-see-scores": "draft",
    "summer-bridge-attendance": "negotiation",
    "tutoring-progress": "approval",
    "shared-attendance": "active",
    "restorative-circles": "winding_down",
    "book-votes": "closed",
    "riverbend-referrals": "active",
    "after-school-groups": "active",
    "evening-reading": "active",
    "riverbend-principals": "active",
    "feelings-survey": "active",
    "career-programs-and-grade-9-license-1": "draft",
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_agreement_has_its_intended_state(riverbend: Riverbend) -> None:
    listed = riverbend.town.ask("agreement", "list")["agreements"]
    assert {agreement["id"]: agreement["state"] for agreement in listed} == STATES


def test_main_roles_come_first_and_may_act(riverbend: Riverbend) -> None:
    sign_ins = riverbend.document["sign_ins"]
    roles = ["case_worker", "data_steward", "privacy_officer", "leader"]
    assert [sign_in["role"] for sign_in in sign_ins[:4]] == roles
    assert all({"role", "email", "password", "name"} == sign_in.keys() for sign_in in sign_ins)
    assert len({sign_in["password"] for sign_in in sign_ins}) == len(sign_ins) == len(PEOPLE)
    users = {(user["email"], user["role"]) for user in riverbend.town.ask("user", "list")["users"]}
    assert {(sign_in["email"], sign_in["role"]) for sign_in in sign_ins} == users


def test_consents_of_each_kind_are_recorded(riverbend: Riverbend) -> None:
    papers = [row for path in (riverbend.folder / "consents").glob("*.csv") for row in rows(path)]
    decided = Counter(row["decision"] for row in papers)
    assert min(decided[word] for word in ("yes", "no", "withdrawn")) > 0
    assert {row["language"] for row in papers} == {"en", "es"}
    kept = riverbend.town.ask("consent", "list")["consents"]
    decided["withdrawn"] += 1  # one family takes its yes back before the officer's eyes
    decided["yes"] += 1  # and one signs again on paper, and is confirmed
    assert Counter(consent["decision"] for consent in kept) == decided


def test_case_worker_sees_only_consenting_families(riverbend: Riverbend) -> None:
    said_yes = {
        row["record_key"] for row in rows(riverbend.folder / "consents" / "casework.csv") if row["decision"] == "yes"
    }  # fmt: skip
    sql = "SELECT count(DISTINCT person_id) FROM school_enrollment"
    [[reached]] = riverbend.town.query(sql, purpose="casework", by=CASE_WORKER)["rows"]
    assert 0 < reached < len(said_yes)  # some took it back, and of some it has run out
    [[counseled]] = riverbend.town.query(sql, purpose="school-casework", by=COUNSELOR)["rows"]
    assigned = [row for row in rows(riverbend.folder / "caseloads.csv") if row["email"] == COUNSELOR]
    assert counseled == len(assigned) > 0


def test_lapsed_course_refuses_access(riverbend: Riverbend) -> None:
    refused = riverbend.town.told(
        "query", "SELECT count(*) FROM school_enrollment", "--purpose", "casework", "--as", MANAGER, exit=1
    )
    assert "ferpa-basics" in refused["error"]["message"]


def test_the_report_counts_every_milestone(riverbend: Riverbend) -> None:
    release = Path(riverbend.document["report"]).stem.removeprefix("pipeline-")
    tables = riverbend.town.ask("publish", "show", release)["tables"]
    counted = {
        cell["at"]["milestone"] for table in tables for cell in table["cells"] if "milestone" in cell["at"]
    }
    assert counted >= {measure.name for measure in MILESTONES}


def test_linkage_finds_the_students(riverbend: Riverbend) -> None:
    found = riverbend.town.ask("link", "evaluate", "--truth", riverbend.folder / "truth" / "persons.csv")
    assert found["pairwise"]["precision"] >= 0.9  # of few students one wrong pair weighs much
    assert found["pairwise"]["recall"] >= 0.9


def test_ledger_lists_readers_and_refusals(riverbend: Riverbend) -> None:
    verdict = riverbend.town.ask("ledger", "verify")
    assert verdict["ok"]
    assert verdict["entries"] > 10
    key = rows(riverbend.folder / "caseloads.csv")[0]["record_key"]
    seen = riverbend.town.ask(
        "ledger", "person", "--partner", "bright-futures", "--record-key", key, "--as", STEWARD
    )
    purposes = {entry["purpose"] for entry in seen["disclosures"]}
    assert purposes >= {"casework", "community-report", "match-records"}


def test_folder_passes_the_check(riverbend: Riverbend) -> None:
    found = riverbend.town.ask("check")
    assert (found["ok"], found["problems"]) == (True, [])


def test_nothing_stands_between_the_town_and_its_figures(riverbend: Riverbend) -> None:
    assert riverbend.town.ask("doctor")["ready"]


def test_sample_estimate_contains_the_truth(riverbend: Riverbend) -> None:
    judged = riverbend.town.ask("link", "evaluate", "--truth", riverbend.folder / "truth" / "persons.csv")
    told = riverbend.town.ask("link", "review", "quality", "--as", STEWARD)
    assert told["read"] > 100
    assert told["waiting"] > 0  # for whoever signs in
    for share in ("precision", "recall"):
        true, found = judged["pairwise"][share], told[share]
        assert abs(found["value"] - true) < 0.04
        # One sample of twenty may miss; none by as much as its range is wide.
        wide = found["high"] - found["low"]
        assert found["low"] - wide <= true <= found["high"] + wide
        assert 0 < wide < 0.15
    waiting = riverbend.town.ask("link", "review", "list", "--as", STEWARD)
    assert len(waiting["pairs"]) + waiting["settled"] <= waiting["doubted"]


def test_the_principal_reads_about_the_own_school_alone(riverbend: Riverbend) -> None:
    asked = (
        "SELECT p.person_id, o.organization_name FROM person p JOIN school_enrollment e USING (person_id)"
        " JOIN organization o USING (organization_id) WHERE e.enrollment_exit_date IS NULL"
    )
    answer = riverbend.town.ask("query", asked, "--purpose", "school-leading", "--as", PRINCIPAL)
    assert answer["agreements"] == ["riverbend-principals"]
    now = [
        stay
        for stay in rows(riverbend.folder / "truth" / "stays.csv")
        if (stay["district"], stay["last_day"]) == (RIVERBEND, "")
        and stay["first_day"] <= date.today().isoformat()
    ]
    if not now:  # school is out: nobody is at any school
        assert answer["rows"] == []
        return
    (school,) = {name for _, name in answer["rows"]}
    there = {stay["person"] for stay in now if stay["school"] == school}
    # A student whom the district keeps twice is two until somebody says that both are one.
    kept = [row for row in rows(riverbend.folder / "truth" / "persons.csv") if row["partner"] == RIVERBEND]
    twice = len(kept) - len({row["person"] for row in kept})
    assert 0 < len(there) <= len({person for person, _ in answer["rows"]}) <= len(there) + twice
