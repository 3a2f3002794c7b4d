"""The main job on Riverbend, step by step: partners and users, agreements, loads, links, consents, questions that are answered or
refused, and a published report. Work in progress comes last, so that the person who signs in can take the next step."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from throughway.consent.actions import add
from throughway.core.long_work import check_no_transaction
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.demo.loading import list_systems, load_all
from throughway.demo.partners import (
    CASE_WORKER,
    COUNSELOR,
    EVALUATOR,
    LEADER,
    MANAGER,
    OFFICER,
    PARTNERS,
    PEOPLE,
    PRINCIPAL,
    REGISTRAR,
    STEWARD,
    Say,
)
from throughway.demo.scenes import agreements, casework, comments, directory, governing, referrals, sessions
from throughway.demo.scenes.families import use_rights
from throughway.demo.scenes.reviewing import review_pairs
from throughway.demo.scenes.studies import register_studies
from throughway.gate.actions import disclosures_of, enter
from throughway.gate.actions.caseloads import add_caseload
from throughway.gate.actions.sites import add_sites
from throughway.identity.actions.evaluation import evaluate
from throughway.identity.actions.linking import link
from throughway.insight.commitments import actions as services
from throughway.insight.experiences import actions as experiences
from throughway.insight.needs import actions as needs
from throughway.insight.overlaps import actions as overlaps
from throughway.insight.pipeline import actions as pipeline
from throughway.insight.reach import actions as reach
from throughway.insight.report_files import written
from throughway.insight.reports.actions import ReportKind, make_report
from throughway.insight.selectors import report
from throughway.ledger import sealing
from throughway.ledger.actions import verification
from throughway.partners.actions import add_partner, add_user
from throughway.partners.actor import OPERATOR
from throughway.partners.selectors import actor, users
from throughway.publication.actions import act_on
from throughway.publication.permissions import can_review
from throughway.publication.selectors import published, where
from throughway.publication.states import ReleaseAct
from throughway.training.actions import record
from throughway.vocabulary.school_calendar import school_year_of

COURSE = "ferpa-basics"
LAPSED = timedelta(days=430)  # longer ago than a course is held to be fresh
UNTRAINED = (LEADER,)  # signs, but reads no record
PASSWORD_BYTES = 15  # with fewer, one in some thousands is refused as similar to its e-mail address
OPENED = 4  # students that each case worker opens
REPORTS = "community-report"  # the purpose of what is published
UNPUBLISHED = ("no_figures", "covered", "cannot_protect")  # of a report in a town too small for it

QUESTION = """
SELECT CASE WHEN after_school THEN 'came to a program' ELSE 'did not' END AS students_who,
       count(*) AS students, round(avg(absences), 1) AS mean_days_absent
FROM (SELECT person_id, bool_or(attendance_event_type = 'ProgramAttendance') AS after_school,
             count(*) FILTER (WHERE attendance_event_type = 'DailyAttendance'
                              AND attendance_status IN ('ExcusedAbsence', 'UnexcusedAbsence')) AS absences
      FROM attendance_day WHERE attendance_event_date >= DATE '{since}' GROUP BY person_id)
GROUP BY after_school ORDER BY after_school
"""


@dataclass(frozen=True)
class DemoSignIn:
    """`name` is the office, as people say it."""

    role: str
    email: str
    password: str
    name: str


def run(folder: Path, say: Say) -> tuple[list[DemoSignIn], str | None]:
    """Runs the whole main job in a community folder that `simulate` has filled; returns the sign-ins and the file of the report, if any."""
    today = date.today()
    say("Partners and users are registered")
    sign_ins = register()
    train(today, say)
    say("Agreements")
    agreements.sign_all(folder, today, say)
    say("Feeds come in, as far as the agreements need them")
    load_all(folder, say)
    say("Students are recognized across partners")
    recognize(folder, say)
    say("Families' consents, and who works with which student")
    entrust(folder, say)
    say("The directory of supports")
    directory.fill(folder, say)
    say("Referrals to supports")
    referrals.refer_some(today, say)
    directory.offer_evenings(say)
    say("A governed question")
    ask(today, say)
    say("Case workers open their students")
    work(say)
    casework.plan(folder, today, say)
    comments.code_comments(say)
    say("A group that keeps no list of its own")
    sessions.meet(folder, today, say)
    link(full=False, by=OPERATOR)  # also those whom the group's file brought, before they are counted
    say("A published report, small figures withheld")
    report = publish(today, say)
    say("What is under way")
    agreements.end_two(folder, say)
    list_systems(folder, say)
    agreements.negotiate(say)
    agreements.change_two(today, say)
    governing.govern(today, say)
    governing.ask_for_data(today, say)
    register_studies(today, say)
    agreements.register_who_signs(say)
    agreements.approve(today, say)
    agreements.begin_a_draft(today, say)
    review_pairs(folder, say)
    link(full=False, by=OPERATOR)  # as the two readers decided
    use_rights(folder, today, say)
    sealing.seal(by=OPERATOR)
    verdict = verification.verify()
    say(
        f"The ledger: {counted(verdict.entries, 'entry', 'entries')}, {verdict.sealed} sealed, {'all hold' if verdict.ok else 'BROKEN'}"
    )
    return sign_ins, report


def recognize(folder: Path, say: Say) -> None:
    """Links the records, and compares the result with the truth."""
    linked = link(full=False, by=OPERATOR)
    say(f"  {linked.records:,} records are {linked.persons:,} persons ({linked.seconds:.1f} s)")
    judged: dict[str, Any] = evaluate(truth=folder / "truth" / "persons.csv", by=OPERATOR)
    found = judged["pairwise"]
    say(f"  held against the truth: precision {found['precision']:.3f}, recall {found['recall']:.3f}")


def entrust(folder: Path, say: Say) -> None:
    """Records caseload assignments and families' decisions."""
    assigned = add_caseload(path=folder / "caseloads.csv", by=OPERATOR)
    say(f"  {assigned.new} students are assigned to those who work with them")
    add_sites(path=folder / "sites.csv", by=OPERATOR)
    say(f"  {PRINCIPAL} reads about whoever is at one school that day")
    for paper in sorted((folder / "consents").glob("*.csv")):
        added = add(path=paper, by=OPERATOR)
        say(f"  {paper.stem}: {counted(added.new, 'decision')} of families")


def register() -> list[DemoSignIn]:
    """Fills the register; new passwords are drawn each time and are only in the returned list."""
    for partner in PARTNERS:
        add_partner(id=partner.id, name=partner.name, kind=partner.kind, legal=partner.legal, by=OPERATOR)
    names = {partner.id: partner.name for partner in PARTNERS}
    summer = max(date(school_year_of(date.today()), 6, 30), date.today())
    sign_ins = [
        DemoSignIn(p.role, p.email, secrets.token_urlsafe(PASSWORD_BYTES), f"{p.office}, {names[p.partner]}")
        for p in PEOPLE
    ]
    for person, sign_in in zip(PEOPLE, sign_ins, strict=True):
        add_user(
            email=sign_in.email,
            partner=person.partner,
            role=person.role,
            password=sign_in.password,
            last_day=summer if person.until_summer else None,
            by=OPERATOR,
        )
    return sign_ins


def train(today: date, say: Say) -> None:
    """Everyone who reads records took the course; the program manager's has lapsed."""
    trained = [person for person in PEOPLE if person.email not in UNTRAINED]
    for position, person in enumerate(trained):
        days = LAPSED if person.email == MANAGER else timedelta(days=20 + 11 * position)
        record(email=person.email, course=COURSE, on=today - days, by=OPERATOR)
    say(f"  {len(trained)} people completed {COURSE}; {MANAGER} too long ago")


def ask(today: date, say: Say) -> None:
    """One question over several partners' records that is answered, and one that is refused with its reasons."""
    question = QUESTION.format(
        since=f"{school_year_of(today) - 2}-08-01"
    )  # the last complete school year and this one
    evaluator = actor(EVALUATOR)
    answer = enter(actor=evaluator, purpose="evaluation").query(question)
    for who, students, absences in answer.rows:
        say(f"  students who {who}: {students}, on average {absences} days absent")
    for note in answer.notes:
        say(f"  {note}")
    say(f"  written in the ledger as {answer.disclosure}, under {', '.join(answer.agreements)}")
    _refused(say, "the evaluator asks for names",
             lambda: enter(actor=evaluator, purpose="evaluation").query("SELECT last_or_surname FROM person"))  # fmt: skip


def work(say: Say) -> None:
    """Case workers open some of their students, a district requests the transcripts of students who moved to it, the officer asks who
    saw a student, and a manager whose course has expired is refused."""
    opened: list[int] = []
    for address, purpose in ((CASE_WORKER, "casework"), (COUNSELOR, "school-casework")):
        access = enter(actor=actor(address), purpose=purpose)
        students = access.students()
        opened = [line.person for line in students[:OPENED]]
        for person in opened:
            access.record_of(person)
        say(f"  {address} has {len(students)} students and opened {len(opened)}")
    records = "SELECT count(DISTINCT person_id) FROM school_enrollment"
    [(moved,)] = enter(actor=actor(REGISTRAR), purpose="enrollment-transfer").query(records).rows
    say(f"  {REGISTRAR} finds the earlier records of {moved} students who moved from the other district")
    for person in opened[:1]:
        seen = disclosures_of(person=person, by=actor(OFFICER))
        say(f"  {OFFICER} asks who saw one of them: {len(seen)} entries of the ledger")
    _refused(say, f"{MANAGER} asks for the students", lambda: enter(actor=actor(MANAGER), purpose="casework"))


def publish(today: date, say: Say) -> str | None:
    """Publishes where students are lost, the promised services with how many took part, needs against help, overlaps, reach, and what students
    say; the partners whose records a report counts review it and agree. Trends, whose audit takes longest, follow while the site is served
    (`tasks.py`). The file of the first report; None in a town so small that it may show no figure."""
    first = published_and_agreed(pipeline.REPORT, today, say)
    if first is not None:  # once more, without the notice that it waits
        written(Path(first["report"]), report(first["release"], OPERATOR).page)
    for kind in (services.REPORT, needs.REPORT, overlaps.REPORT, reach.REPORT, experiences.REPORT):
        published_and_agreed(kind, today, say)
    return first["report"] if first else None


def published_and_agreed(kind: ReportKind, today: date, say: Say) -> dict[str, Any] | None:
    """Publishes one report as the steward, and all its partners agree; None where the town is too small for it."""
    check_no_transaction("a publication")
    try:
        made: dict[str, Any] = make_report(kind, actor=actor(STEWARD), purpose=REPORTS, on=today)
    except Refused as refused:
        if refused.code not in UNPUBLISHED:
            raise
        say(f"  {refused.message}")
        return None
    return made | agreed(made, say)


def agreed(made: dict[str, Any], say: Say) -> dict[str, object]:
    """Every partner whose records a release counts agrees, so that it becomes public at once."""
    say(f"  release {made['release']}, {made['title']}: {made['state']} until {made['public_on']}")
    for partner in made["disclosers"]:
        by = next(user for user in users() if can_review(user, [partner]))
        act_on(ReleaseAct.AGREE, release=made["release"], by=by)
    found = published(made["release"], OPERATOR, tables=False)
    say(f"  {len(made['disclosers'])} partners agree: it is {found.standing.state}")
    return where(found)


def _refused(say: Say, what: str, asked: Callable[[], object]) -> None:
    try:
        asked()
    except Refused as refused:
        say(f"  {what} and is refused: {refused.message}")
