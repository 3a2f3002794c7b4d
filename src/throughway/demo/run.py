"""The main job on Riverbend, step by step: agreements, loads, links, a governed question, a published report."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from throughway.demo.roster import BRIGHT, LAKESIDE, RIVERBEND
from throughway.demo.years import current_year
from throughway.partners.actor import OPERATOR, Actor
from throughway.refusals import Refused

BACKBONE = "riverbend-backbone"

PARTNERS = [
    (RIVERBEND, "Riverbend Schools", "lea"),
    (LAKESIDE, "Lakeside Schools", "lea"),
    (BRIGHT, "Bright Futures After School", "cbo"),
    (BACKBONE, "Riverbend Forward", "backbone"),
]
USERS = [
    ("superintendent", RIVERBEND, "leader"),
    ("privacy", RIVERBEND, "privacy_officer"),
    ("superintendent", LAKESIDE, "leader"),
    ("director", BRIGHT, "leader"),
    ("caseworker", BRIGHT, "case_worker"),
    ("director", BACKBONE, "leader"),
    ("steward", BACKBONE, "data_steward"),
    ("evaluator", BACKBONE, "evaluator"),
]

# partner, file below its feed, format, crosswalk
LOADS = [
    (RIVERBEND, "edfi", "edfi-xml", None),
    (RIVERBEND, "nsc.csv", "nsc", None),
    (LAKESIDE, "oneroster.zip", "oneroster", None),
    (LAKESIDE, "students.csv", "csv", "lakeside-students.yaml"),
    (LAKESIDE, "enrollment.csv", "csv", "lakeside-enrollment.yaml"),
    (LAKESIDE, "attendance.csv", "csv", "lakeside-attendance.yaml"),
    (LAKESIDE, "grades.csv", "csv", "lakeside-grades.yaml"),
    (LAKESIDE, "diplomas.csv", "csv", "lakeside-diplomas.yaml"),
    (LAKESIDE, "nsc.csv", "nsc", None),
    (BRIGHT, "attendance-*.xlsx", "xlsx", "bright-futures.yaml"),
]

QUESTION = """
SELECT CASE WHEN after_school THEN 'came to the program' ELSE 'did not' END AS students_who,
       count(*) AS students, round(avg(absences), 1) AS mean_days_absent
FROM (SELECT person_id, bool_or(attendance_event_type = 'ProgramAttendance') AS after_school,
             count(*) FILTER (WHERE attendance_event_type = 'DailyAttendance'
                              AND attendance_status IN ('ExcusedAbsence', 'UnexcusedAbsence')) AS absences
      FROM attendance_day WHERE attendance_event_date >= DATE '{since}' GROUP BY person_id)
GROUP BY after_school ORDER BY after_school
"""

Say = Callable[[str], None]


@dataclass(frozen=True)
class SignIn:
    role: str
    email: str
    password: str


def email(name: str, partner: str) -> str:
    return f"{name}@{partner}.example"


def register() -> list[SignIn]:
    """Fills the register with Riverbend's partners and users."""
    from throughway.partners.actions import add_partner, add_user

    for id, name, kind in PARTNERS:
        add_partner(id=id, name=name, kind=kind, by=OPERATOR)
    sign_ins = []
    for name, partner, role in USERS:
        sign_in = SignIn(role, email(name, partner), secrets.token_urlsafe(9))
        add_user(email=sign_in.email, partner=partner, role=role, password=sign_in.password, by=OPERATOR)
        sign_ins.append(sign_in)
    return sign_ins


def agree(folder: Path, say: Say) -> None:
    """Reviews every document, and signs and activates those that are not drafts."""
    from throughway.agreements import actions
    from throughway.agreements.reading import reviewed
    from throughway.partners.reading import actor

    signers = {partner: actor(email(name, partner)) for name, partner, role in USERS if role == "leader"}
    for paper in sorted((folder / "agreements").glob("*.yaml")):
        text = paper.read_text(encoding="utf-8")
        blocking = [f for f in reviewed(text) if f.severity == "blocking"]
        if paper.stem.startswith("draft-"):
            say(f"  {paper.stem} is blocked by {len(blocking)} findings; the first: {blocking[0].message}")
            continue
        if blocking:
            raise Refused(f"{paper.name} is blocked: {blocking[0].message}", code="blocked")
        document = actions.add(text=text, by=OPERATOR).document
        for party in document.parties:
            actions.sign(id=document.id, by=signers[party.partner])
        actions.activate(id=document.id, by=_activator(document.parties))
        say(f"  {document.id} is reviewed, signed by {len(document.parties)} partners, and in effect")


def _activator(parties: Sequence[Any]) -> Actor:
    from throughway.partners.reading import actor

    named = {p.partner for p in parties}
    chosen = ("steward", BACKBONE) if BACKBONE in named else ("privacy", RIVERBEND)
    return actor(email(*chosen))


def load_all(folder: Path, say: Say) -> None:
    """Loads every feed as its partner exported it."""
    from throughway.intake.actions import load

    for partner, name, format, crosswalk in LOADS:
        for path in sorted((folder / "feeds" / partner).glob(name)):
            loaded: dict[str, Any] = load(
                path=path, partner=partner, format=format, school_year=None, by=OPERATOR,
                crosswalk=folder / "crosswalks" / crosswalk if crosswalk else None,
            ).to_json()  # fmt: skip
            landed = sum(counts["landed"] for counts in loaded["tables"].values())
            refused = (
                f"; refused: {', '.join(loaded['refused_columns'])}" if loaded["refused_columns"] else ""
            )
            say(f"  {partner}/{path.name}: {landed:,} rows landed in {', '.join(loaded['tables'])}{refused}")


def recognise(folder: Path, say: Say) -> None:
    from throughway.identity.actions import evaluate, link

    linked = link(full=False, by=OPERATOR)
    say(f"  {linked.records:,} records are {linked.persons:,} persons ({linked.seconds:.1f} s)")
    judged: dict[str, Any] = evaluate(truth=folder / "truth" / "persons.csv", by=OPERATOR)
    found = judged["pairwise"]
    say(f"  held against the truth: precision {found['precision']:.3f}, recall {found['recall']:.3f}")


def ask(say: Say) -> None:
    """One question over three partners' records that is answered, and one that is refused with its reasons."""
    from throughway.gate.actions import enter
    from throughway.partners.reading import actor

    question = QUESTION.format(
        since=f"{current_year(date.today()) - 2}-08-01"
    )  # the last complete school year
    answer = enter(actor=actor(email("evaluator", BACKBONE)), purpose="evaluation").query(question)
    for who, students, absences in answer.rows:
        say(f"  students who {who}: {students}, on average {absences} days absent last year")
    say(f"  written in the ledger as {answer.disclosure}, under {', '.join(answer.agreements)}")
    try:
        enter(actor=actor(email("caseworker", BRIGHT)), purpose="casework")
    except Refused as refused:
        say(f"  a case worker asks for names and is refused: {refused.message}")


def publish(today: date) -> dict[str, Any]:
    from throughway.insight.actions import report_pipeline
    from throughway.partners.reading import actor

    steward = actor(email("steward", BACKBONE))
    made: dict[str, Any] = report_pipeline(actor=steward, purpose="community-report", on=today, out=None)
    return made


def run(folder: Path, say: Say) -> tuple[list[SignIn], dict[str, Any]]:
    """Runs the whole main job in a community folder that `simulate` has filled."""
    from throughway.gate import recording

    say("Partners and users are registered")
    sign_ins = register()
    say("Agreements")
    agree(folder, say)
    say("Feeds come in, as far as the agreements need them")
    load_all(folder, say)
    say("Students are recognised across partners")
    recognise(folder, say)
    say("A governed question")
    ask(say)
    say("A published report, small figures withheld")
    report = publish(date.today())
    say(f"  release {report['release']}")
    recording.seal(by=OPERATOR)
    verdict = recording.verify()
    say(
        f"The ledger: {verdict.entries} entries, {verdict.sealed} sealed, {'all hold' if verdict.ok else 'BROKEN'}"
    )
    return sign_ins, report
