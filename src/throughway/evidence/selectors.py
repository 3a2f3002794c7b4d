"""Registered studies, their findings, and what follows them, as a reader may see them.

What a study asks is open to everybody who signs in. Its finding is open to those who may see its release.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef

from throughway.core.refusals import Refused
from throughway.evidence.follow_up import DecidedAction, DecisionUpdate, FollowUpStage, ProgressKind, Reply
from throughway.evidence.models import (
    FindingDecision,
    ProgramReply,
    RegisteredStudy,
    StudyFinding,
    StudyReading,
)
from throughway.evidence.multiplicity import sentence, stands
from throughway.evidence.permissions import REPLIERS
from throughway.evidence.registered_study import StudyDocument
from throughway.evidence.study_measures import OUTCOMES
from throughway.evidence.verdict import Verdict, as_of_today
from throughway.governance import selectors as governance
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.open_step import OpenStep
from throughway.publication.selectors import Published, check_shown, published, registered

WHAT_WORKS = "what-works"  # the kind of the report
REGISTRARS = frozenset({Role.EVALUATOR, Role.DATA_STEWARD})


@dataclass(frozen=True)
class TakenBack:
    """That a study was taken back before its outcomes were read."""

    on: date
    by: str
    reason: str


@dataclass(frozen=True, eq=False)
class KnownStudy:
    """A registered study. `others`: the ids of other specifications of the same question, oldest first; `findings`: the ids of its
    releases, oldest first; `first`: no other specification of its question that stands was registered before it; `read`: a run has begun
    to read its outcomes."""

    id: str
    title: str
    document: Mapping[str, Any]
    sha256: str
    question: str
    program: str
    purpose: str
    outcomes_read: tuple[str, ...]
    on: date
    by: str
    partner: str
    others: tuple[str, ...]
    findings: tuple[str, ...]
    first: bool
    smallest: (
        dict[str, Any] | None
    )  # the smallest effect that mattered when it was registered; None in one of an earlier version
    decision: int | None  # of the council, that opened a second specification
    read: bool
    taken_back: TakenBack | None


@dataclass(frozen=True, eq=False)
class KnownFinding:
    """One finding of a study that a reader may see: its release with the figures, the program's reply, and the decisions."""

    study: KnownStudy
    release: Published
    verdict: Verdict
    program_partner: str
    reply_until: date
    replies: tuple[Reply, ...]
    decisions: tuple[DecidedAction, ...]


def studies(**only: Any) -> list[KnownStudy]:
    """Every registered study, newest first."""
    rows = list(RegisteredStudy.objects.select_related("taken_back").order_by("-at", "id"))
    by_question: dict[str, list[RegisteredStudy]] = {}
    for row in reversed(rows):
        by_question.setdefault(row.question, []).append(row)
    found: dict[str, list[str]] = {}
    for study, release in StudyFinding.objects.order_by("at").values_list("study_id", "release"):
        found.setdefault(study, []).append(release)
    wanted = RegisteredStudy.objects.filter(**only).values_list("pk", flat=True) if only else None
    chosen = None if wanted is None else set(wanted)
    read = set(StudyReading.objects.values_list("study_id", flat=True))
    return [
        _known(row, by_question[row.question], found.get(row.pk, []), row.pk in read)
        for row in rows
        if chosen is None or row.pk in chosen
    ]


class StudyState(StrEnum):
    REGISTERED = "registered"  # nothing of its outcomes was read
    READ = "read"  # a run began to read outcomes, and there is no finding
    FOUND = "found"
    TAKEN_BACK = "taken_back"


def study_to_json(found: KnownStudy) -> dict[str, Any]:
    """A study as a document for programs, without its finding, which not every reader may see."""
    back = found.taken_back
    state = (
        StudyState.TAKEN_BACK
        if back
        else StudyState.FOUND
        if found.findings
        else StudyState.READ
        if found.read
        else StudyState.REGISTERED
    )
    return {
        "id": found.id, "title": found.title, "program": found.program, "purpose": found.purpose, "sha256": found.sha256,
        "registered_on": found.on.isoformat(), "state": state.value, "decision": found.decision,
        "taken_back": {"on": back.on.isoformat(), "reason": back.reason} if back else None,
    }  # fmt: skip


def study(id: str) -> KnownStudy:
    """The study of that id; Refused when there is none."""
    found = studies(pk=id)
    if not found:
        raise Refused("No study has that id; see the list of studies.", code="unknown_study")
    return found[0]


def _known(row: RegisteredStudy, same: list[RegisteredStudy], findings: list[str], read: bool) -> KnownStudy:
    others = tuple(other.pk for other in same if other.pk != row.pk)
    standing = [other.pk for other in same if _taken_back(other) is None]
    return KnownStudy(
        row.pk, row.title, row.document, row.sha256, row.question, row.program, row.purpose, tuple(row.outcomes_read),
        row.at.date(), row.by, row.partner, others, tuple(findings), standing[:1] == [row.pk],
        row.smallest, row.decision, read or bool(findings), _taken_back(row),
    )  # fmt: skip


def _taken_back(row: RegisteredStudy) -> TakenBack | None:
    found = getattr(row, "taken_back", None)  # Django raises a kind of AttributeError where there is none
    return TakenBack(found.at.date(), found.by, found.reason) if found else None


def finding(release: str, reader: Actor) -> KnownFinding:
    """The finding of that release; Refused where the reader may not see it, where it was withdrawn, or where it is of no study."""
    found = published(release, reader)
    check_shown(found, reader)
    row = StudyFinding.objects.filter(release=found.id).first()
    if row is None:
        raise Refused("That release is of no study; see its tables.", code="unknown_report")
    return KnownFinding(
        study(row.study_id), found, _word(found), row.program_partner, row.reply_until,
        tuple(Reply(r.text, r.at.date(), r.by, r.partner) for r in row.replies.order_by("id")),
        tuple(decided_actions([row.pk])),
    )  # fmt: skip


def _word(release: Published) -> Verdict:
    """The word of a release's finding."""
    return Verdict(as_of_today(release.about["finding"])["verdict"])


def _same_domain(program: str, outcome: str) -> list[StudyFinding]:
    """The findings on a program in an outcome's domain, oldest first, whatever became of their releases: they were looked at."""
    rows = StudyFinding.objects.filter(study__program=program).select_related("study").order_by("at", "pk")
    return [row for row in rows if OUTCOMES[row.study.document["outcome"]].domain == OUTCOMES[outcome].domain]


def earlier_p(document: StudyDocument) -> list[float | None]:
    """The p of each finding on the study's program in its outcome's domain."""
    return [row.p for row in _same_domain(document.program, document.outcome)]


def beside_others(found: KnownFinding) -> str:
    """How the finding stands today beside the others on its program and domain, in a sentence."""
    outcome = found.study.document["outcome"]
    rows = _same_domain(found.study.program, outcome)
    mine = next(row for row in rows if row.release == found.release.id)
    others = [row.p for row in rows if row.pk != mine.pk]
    claims = mine.p is not None and found.verdict.claims
    return sentence(
        OUTCOMES[outcome].domain, len(rows), stands(mine.p, others) if claims and mine.p is not None else None
    )


@dataclass(frozen=True)
class NewestFinding:
    """The newest finding of a study. `replied`: whether the program has."""

    study: str
    title: str
    verdict: Verdict
    release: str
    program_partner: str
    replied: bool


def newest_findings(reader: Actor) -> list[NewestFinding]:
    """The newest finding of each study, of those that the reader may see, newest first."""
    seen = {each.id: each for each in registered(reader, WHAT_WORKS) if each.standing.withdrawn is None}
    if not seen:
        return []
    rows = StudyFinding.objects.filter(release__in=seen).order_by("at", "pk")
    columns = rows.annotate(replied=Exists(ProgramReply.objects.filter(finding=OuterRef("pk")))).values_list(
        "study_id", "study__title", "release", "program_partner", "replied"
    )
    newest = {
        study: NewestFinding(study, title, _word(seen[release]), release, partner, replied)
        for study, title, release, partner, replied in columns
    }
    return sorted(newest.values(), key=lambda each: list(seen).index(each.release))


def newest_words(reader: Actor) -> Mapping[str, tuple[Verdict, str]]:
    """The word and the release of the newest finding of each study, of those that the reader may see."""
    return {each.study: (each.verdict, each.release) for each in newest_findings(reader)}


def decided_actions(findings: Collection[int] | None = None) -> list[DecidedAction]:
    """What was decided because of these findings, or of any, in the order in which it was recorded."""
    rows = FindingDecision.objects.select_related("finding__study").prefetch_related("progress__finding")
    if findings is not None:
        rows = rows.filter(finding__in=list(findings))
    ordered = list(rows.order_by("id"))
    bodies = _bodies([row.meeting for row in ordered if row.meeting is not None])
    return [_decided(row, bodies) for row in ordered]


def _bodies(meetings: Collection[int]) -> Mapping[int, str]:
    """The name of the body of each meeting."""
    if not meetings:
        return {}
    names = {id: body.name for id, body in governance.bodies().items()}
    return {each.number: names[each.body] for each in governance.meetings() if each.number in set(meetings)}


def _decided(row: FindingDecision, bodies: Mapping[int, str]) -> DecidedAction:
    progress = tuple(
        DecisionUpdate(ProgressKind(each.what), each.words, each.at.date(), each.by, each.finding.release if each.finding else "")
        for each in sorted(row.progress.all(), key=lambda each: each.pk)
    )  # fmt: skip
    return DecidedAction(
        row.pk, row.finding.release, row.finding.study_id, row.finding.study.title, bodies.get(row.meeting or 0, ""), row.met_on,
        row.text, row.owner, row.owner_partner, row.due, row.measure_again_on, row.by, progress,
    )  # fmt: skip


def decisions_due(on: date, *, within_days: int | None = None) -> list[DecidedAction]:
    """The decisions that wait to be carried out or measured again, the most pressing first; `within_days`: only those whose day is no
    further off. They say nothing of a finding: its page does, to those who may see it."""
    found = [each for each in decided_actions() if each.stage is not FollowUpStage.CLOSED]
    if within_days is not None:
        found = [e for e in found if e.next_day is not None and (e.next_day - on).days <= within_days]
    return sorted(found, key=lambda each: (each.next_day or on, each.number))


def open_steps(on: date) -> list[OpenStep]:
    """The open steps of studies: the program's reply, decisions to carry out, and findings to measure again."""
    return [*_replies_awaited(on), *_decisions_open(on)]


def _replies_awaited(on: date) -> list[OpenStep]:
    answered = ProgramReply.objects.values("finding")
    found = StudyFinding.objects.filter(reply_until__gte=on).exclude(pk__in=answered).select_related("study")
    waiting = [row for row in found.order_by("id") if not _withdrawn(row.release)]
    return [
        OpenStep(
            "reply_to_finding", f"Read the finding on your program, and reply: {row.study.title}", row.program_partner, REPLIERS,
            row.at.date(), row.reply_until, "studies:finding", (row.release,),
        )
        for row in waiting
    ]  # fmt: skip


def _withdrawn(release: str) -> bool:
    return published(release, OPERATOR, tables=False).standing.withdrawn is not None


def _decisions_open(on: date) -> list[OpenStep]:
    found = []
    partner_of = dict(RegisteredStudy.objects.values_list("pk", "partner"))
    for each in decisions_due(on):
        if each.stage is FollowUpStage.CARRY_OUT:
            found.append(
                OpenStep("carry_out_finding", f"Carry out what was decided after a study: {each.title}", each.owner_partner,
                         frozenset(Role), each.met_on, each.due, "studies:finding", (each.release,), people=frozenset({each.owner}),
                         whom="its owner")
            )  # fmt: skip
        else:
            found.append(
                OpenStep("measure_again", f"Measure again, because what was decided is done: {each.title}", partner_of[each.study],
                         REGISTRARS, each.progress[-1].on, each.measure_again_on, "studies:finding", (each.release,))
            )  # fmt: skip
    return found
