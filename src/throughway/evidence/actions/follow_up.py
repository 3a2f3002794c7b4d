"""The cycle after a finding: the program's reply, what a meeting decided, and what came of it."""

from datetime import UTC, date, datetime

from django.db import transaction

from throughway.core.refusals import Refused
from throughway.evidence.follow_up import DecidedAction, FollowUpStage, ProgressKind
from throughway.evidence.models import DecisionProgress, FindingDecision, ProgramReply, StudyFinding
from throughway.evidence.permissions import check_can_decide, check_can_follow_up, check_can_reply
from throughway.evidence.selectors import decided_actions, finding
from throughway.governance import selectors as governance
from throughway.partners import Actor
from throughway.partners.selectors import actor as user_of
from throughway.partners.selectors import own_kind

LONGEST = 2_000  # characters


@transaction.atomic
def reply(*, release: str, text: str, by: Actor) -> None:
    """Records what the program says of its finding. Refused for anybody but the program's partner, and without a text."""
    row = _finding(release, by)
    check_can_reply(by, row.program_partner)
    ProgramReply.objects.create(
        finding=row, text=_text(text, "reply"), at=datetime.now(UTC), by=by.email, partner=by.partner or ""
    )


@transaction.atomic
def decide_on(
    *,
    release: str,
    text: str,
    owner: str,
    due: date,
    measure_again_on: date,
    meeting: int | None = None,
    met_on: date | None = None,
    by: Actor,
) -> int:
    """Records what a meeting decided because of a finding, and returns its number. `meeting`: the number of a meeting of governance,
    whose day it takes; else `met_on`. Refused without a text, for an owner who has no account, and for days out of order."""
    row = _finding(release, by)
    check_can_decide(by, own_kind(by), row.program_partner)
    held = governance.meeting(meeting) if meeting is not None else None
    day = held.day if held else met_on
    if day is None:
        raise Refused(
            "Say which meeting decided it, or give the day on which it was decided.", code="missing"
        )
    if day > date.today():
        raise Refused("The meeting is in the future; record what it decided when it has met.", code="day")
    if due < day:
        raise Refused("The decision is due before it was made; give a later day.", code="day")
    if measure_again_on <= due:
        raise Refused(
            "It is measured again before it is carried out; give a day after the one on which it is due.",
            code="day",
        )
    owning = user_of(owner)
    made = FindingDecision.objects.create(
        finding=row, meeting=meeting, met_on=day, text=_text(text, "decision"), owner=owning.email,
        owner_partner=owning.partner or "", due=due, measure_again_on=measure_again_on, at=datetime.now(UTC), by=by.email,
        partner=by.partner or "",
    )  # fmt: skip
    return int(made.pk)


@transaction.atomic
def follow_up(*, decision: int, done: bool, words: str, by: Actor) -> None:
    """Says that a decision was carried out, or that it was not and why. Refused where that is known already."""
    row, found = _decision(decision, by)
    if found.stage is not FollowUpStage.CARRY_OUT:
        raise Refused("What came of this decision is recorded already.", code="state")
    what = ProgressKind.DONE if done else ProgressKind.NOT_DONE
    _progress(row, what, _text(words, "what came of it"), None, by)


@transaction.atomic
def measured_again(*, decision: int, release: str, by: Actor) -> None:
    """Links the later finding that measured again what a decision changed. Refused where it is no later finding on the same program."""
    row, found = _decision(decision, by)
    later = _finding(release, by)
    if found.stage is not FollowUpStage.MEASURE:
        raise Refused("This decision waits for no new measurement.", code="state")
    if later.study.program != row.finding.study.program or later.at <= row.finding.at:
        raise Refused(
            "That release is no later finding on the same program; register a study of later school years, and publish it.",
            code="release",
        )
    _progress(row, ProgressKind.MEASURED, "", later, by)


def _finding(release: str, by: Actor) -> StudyFinding:
    """The finding of a release that the actor may see, its row locked until this transaction ends."""
    seen = finding(release, by)
    return StudyFinding.objects.select_for_update().select_related("study").get(release=seen.release.id)


def _decision(number: int, by: Actor) -> tuple[FindingDecision, DecidedAction]:
    row = FindingDecision.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise Refused("No decision after a finding has that number.", code="unknown_decision")
    check_can_follow_up(by, own_kind(by), row.finding.program_partner, row.owner)
    found = next(each for each in decided_actions([row.finding_id]) if each.number == row.pk)
    return row, found


def _progress(
    row: FindingDecision, what: ProgressKind, words: str, later: StudyFinding | None, by: Actor
) -> None:
    DecisionProgress.objects.create(
        decision=row,
        what=what,
        words=words,
        finding=later,
        at=datetime.now(UTC),
        by=by.email,
        partner=by.partner or "",
    )


def _text(text: str, what: str) -> str:
    found = text.strip()
    if not found:
        raise Refused(f"Write the {what}.", code="missing")
    if len(found) > LONGEST:
        raise Refused(f"Shorten the {what} to {LONGEST:,} characters.", code="too_long")
    return found
