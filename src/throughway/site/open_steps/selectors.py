"""The open steps of every room, how long each has waited, and which of them a reader may see."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db import connection
from django.urls import NoReverseMatch, reverse

from throughway.agreements import selectors as agreements
from throughway.agreements.agreement_list import may_see
from throughway.agreements.status import AgreementStatus
from throughway.casework.referrals import selectors as referrals
from throughway.casework.student_tasks import selectors as tasks
from throughway.core.cache import Cache
from throughway.core.prose import counted, day
from throughway.core.refusals import Refused
from throughway.destruction import selectors as destruction
from throughway.destruction.undo_requests import selectors as undo_requests
from throughway.evidence import selectors as evidence
from throughway.families import selectors as rights
from throughway.governance import selectors as governance
from throughway.intake import selectors as intake
from throughway.ledger.actions.redisclosure import waiting as further
from throughway.ledger.redisclosure import Request
from throughway.negotiation import selectors as negotiation
from throughway.negotiation.drafting import selectors as drafting
from throughway.partners import Actor, PartnerFacts, PartnerKind
from throughway.partners import selectors as register
from throughway.partners.actor import CUSTODIANS
from throughway.partners.leaving import selectors as leaving
from throughway.partners.legal_status import selectors as legal_status
from throughway.partners.open_step import SOON, OpenStep, due_tag
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import partners
from throughway.partners.signatories import selectors as signatories
from throughway.publication import selectors as disclosure
from throughway.site.open_steps.models import Nudge, Reminder
from throughway.supports import selectors as supports


def key(step: OpenStep) -> str:
    """A key for one step while it is open. Two steps of one kind at one place since the same day count as one."""
    parts = (step.kind, step.agreement or "", step.waits_for, *step.href_args, step.since.isoformat())
    return " ".join(parts)


@dataclass(frozen=True)
class Nudged:
    """The newest press that reminded of a step: on which day, and who of which partner pressed."""

    day: date
    by: str
    partner: str


@dataclass(frozen=True)
class WaitingStep:
    """An open step with its status on a day. `nudged`: the newest press that reminded of it."""

    step: OpenStep
    on: date
    nudged: Nudged | None = None

    @property
    def days(self) -> int:
        """For how many days it has waited."""
        return max(0, (self.on - self.step.since).days)

    @property
    def left(self) -> int | None:
        """Days until its due day, negative once that has passed; None without a due day."""
        return None if self.step.due is None else (self.step.due - self.on).days

    @property
    def is_overdue(self) -> bool:
        return self.left is not None and self.left < 0

    @property
    def is_pressing(self) -> bool:
        return self.left is not None and self.left <= SOON

    @property
    def how_long(self) -> str:
        """Since when, in words."""
        if self.days == 0:
            return "since today"
        return f"for {counted(self.days, 'day')}"

    @property
    def text(self) -> str:
        """Since when it waits, and its due day, in a sentence or two."""
        due = self.step.due
        its_day = f" It {'was' if self.is_overdue else 'is'} due on {day(due)}." if due else ""
        asked = f" {self.reminded}" if self.nudged else ""
        return f"Waiting {self.how_long}.{its_day}{asked}"

    @property
    def reminded(self) -> str:
        """Who asked for it last, and when; empty where nobody did."""
        if self.nudged is None:
            return ""
        name = (
            partners()[self.nudged.partner].name if self.nudged.partner in partners() else self.nudged.partner
        )
        return f"{name} sent a reminder on {day(self.nudged.day)}."

    def may_be_nudged(self, by: Actor) -> bool:
        """Whether this reader may remind of it today: of a step of others that is late, once a day."""
        return (
            self.is_overdue
            and by.role in CUSTODIANS
            and not self.step.is_for(by)
            and (self.nudged is None or self.nudged.day < self.on)
        )

    @property
    def href(self) -> str:
        """The page where it is done; empty where there is none."""
        try:
            return reverse(self.step.href_name, args=self.step.href_args)
        except NoReverseMatch:
            return ""

    @property
    def tag(self) -> tuple[str, str]:
        """The kind of tag, and its words."""
        return ("wait", "waits") if self.step.due is None else due_tag(self.step.due, self.on)


def waiting(steps: Iterable[OpenStep], on: date, asked: Mapping[str, Nudged] = {}) -> list[WaitingStep]:
    """Most urgent first: by due date, those without one last; on the same day, the longest waiting first."""
    return sorted(
        (WaitingStep(step, on, asked.get(key(step))) for step in steps),
        key=lambda w: (w.step.due is None, w.step.due or on, w.step.since, w.step.title),
    )


def by_agreement(steps: Sequence[WaitingStep], known: Container[str]) -> dict[str, list[WaitingStep]]:
    """The steps of each known agreement, in the order of its most pressing step; all others under the empty name."""
    found: dict[str, list[WaitingStep]] = {}
    for each in steps:
        about = each.step.agreement or ""
        found.setdefault(about if about in known else "", []).append(each)
    return found


def answers_due(waiting: Iterable[Request]) -> list[OpenStep]:
    """One step for each unanswered request: due thirty days after the request."""
    return [
        OpenStep(
            "answer further disclosures", "Send your record of further disclosures", r.authority, CUSTODIANS, r.on, r.due,
            "ledger:ledger",
        )
        for r in waiting
    ]  # fmt: skip


SOURCES: Sequence[Callable[[date], Sequence[OpenStep]]] = (
    agreements.open_steps,
    drafting.open_steps,
    negotiation.open_steps,
    governance.open_steps,
    destruction.open_steps,
    undo_requests.open_steps,
    rights.open_steps,
    register.open_steps,
    signatories.open_steps,
    leaving.open_steps,
    legal_status.open_steps,
    disclosure.open_steps,
    supports.open_steps,
    referrals.open_steps,
    intake.open_steps,
    evidence.open_steps,
    lambda on: answers_due(further()),
)

DRAFT = "draft"  # the kind of step that is an unfinished draft


# Whatever changes an open step adds a row with a time to one of these tables. Rules that the community added are files.
LEFT_BEHIND = (
    ("agreements", "AgreementEvent", "at"),
    ("drafting", "DraftEvent", "at"),
    ("negotiation", "ProposedChange", "at"),
    ("negotiation", "ProposalAnswer", "at"),
    ("governance", "GovernanceEvent", "at"),
    ("destruction", "Destruction", "at"),
    ("destruction", "Destruction", "finished_at"),
    ("destruction", "HandOver", "collected_at"),
    ("destruction", "HoldEvent", "at"),
    ("destruction", "UndoRequestEvent", "at"),
    ("consent", "RightEvent", "at"),
    ("consent", "ConsentEvent", "at"),
    ("gate", "FurtherEvent", "at"),
    ("disclosure", "Release", "at"),
    ("disclosure", "ReleaseEvent", "at"),
    ("supports", "DirectoryEvent", "at"),
    ("casework", "ReferralEvent", "at"),
    ("evidence", "StudyFinding", "at"),
    ("evidence", "ProgramReply", "at"),
    ("evidence", "FindingDecision", "at"),
    ("evidence", "DecisionProgress", "at"),
    ("partners", "Partner", "added_at"),
    ("partners", "UserEvent", "at"),
    ("partners", "SignatoryEvent", "at"),
    ("partners", "BarEvent", "at"),
    ("partners", "PartnerStatusEvent", "at"),
    ("intake", "IntakeBatch", "at"),
    ("coordination", "Nudge", "at"),
)


def open_steps(on: date) -> list[OpenStep]:
    """The open steps of all rooms on that day, in no order; cached until a row is added to one of the tables above."""
    key = (_stamp(), _added_rules(), agreements.policy(), on)
    return list(_STEPS.of(key, lambda: [step for source in SOURCES for step in source(on)]))


_STEPS = Cache[list[OpenStep]](8)


def nudges() -> Mapping[str, Nudged]:
    """The newest press that reminded of each step, by its key; cached as the steps are."""
    return _NUDGES.of(_stamp(), _newest_nudges)


def _newest_nudges() -> Mapping[str, Nudged]:
    return {each.step: Nudged(each.day, each.by, each.by_partner) for each in Nudge.objects.order_by("day")}


_NUDGES = Cache[Mapping[str, Nudged]](8)


def open_to(actor: Actor, on: date) -> list[WaitingStep]:
    """The open steps that this reader may see on that day, most pressing first; the operator sees all, save the tasks about students,
    which their owners alone see."""
    due = [step for step in tasks.tasks_due(on) if step.is_for(actor)]
    found = waiting([*open_steps(on), *due], on, nudges())
    if actor.is_operator:
        return found
    stand, known = {s.document.id: s for s in agreements.agreement_statuses(on)}, partners()
    return [each for each in found if _may_see(actor, each, stand, known)]


def _may_see(
    actor: Actor, found: WaitingStep, stand: Mapping[str, AgreementStatus], known: Mapping[str, PartnerFacts]
) -> bool:
    """A step about an agreement is visible to those who may see the agreement; others to those it waits for and to the backbone. A draft, a
    referral and a task are visible to those alone who may take the step."""
    if found.step.kind in (DRAFT, tasks.KIND, *referrals.STEPS):
        return found.step.is_for(actor)
    about = stand.get(found.step.agreement or "")
    if about is not None:
        return may_see(actor, about.document, known)
    own = known.get(actor.partner or "")
    return actor.partner == found.step.waits_for or (own is not None and own.kind is PartnerKind.BACKBONE)


def _added_rules() -> object:
    try:
        return agreements.added_rules()
    except Refused as refused:  # then nobody may sign, but open steps are listed anyway
        return refused.message


@cached_per_request
def _stamp() -> tuple[object, ...]:
    """The database's name, and the number and newest time of the rows in those tables, in one query."""
    asked = []
    for room, model, moment in LEFT_BEHIND:
        table = connection.ops.quote_name(apps.get_model(room, model)._meta.db_table)
        asked += [f"(SELECT count(*) FROM {table})", f"(SELECT max({moment}) FROM {table})"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(asked)}")
        return (connection.settings_dict["NAME"], *cursor.fetchone())


def reminders_sent() -> set[tuple[str, str, str]]:
    """(address, step, stage) of each reminder that was sent."""
    return set(Reminder.objects.values_list("email", "step", "stage"))
