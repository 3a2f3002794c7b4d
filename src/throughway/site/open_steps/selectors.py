"""The open steps of every room, gathered."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.apps import apps
from django.db import connection

from throughway.agreements import selectors as agreements
from throughway.agreements.agreement_list import may_see
from throughway.agreements.status import AgreementStatus
from throughway.core.cache import Cache
from throughway.core.refusals import Refused
from throughway.destruction import selectors as destruction
from throughway.families import selectors as rights
from throughway.governance import selectors as governance
from throughway.ledger.redisclosure_requests import waiting as further
from throughway.negotiation import selectors as negotiation
from throughway.negotiation.drafting import selectors as drafting
from throughway.partners import Actor, PartnerFacts, PartnerKind
from throughway.partners import selectors as register
from throughway.partners.open_step import OpenStep
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import partners
from throughway.publication import selectors as disclosure
from throughway.site.open_steps.models import Reminder
from throughway.site.open_steps.redisclosure_steps import answers_due
from throughway.site.open_steps.waiting_times import WaitingStep, waiting

SOURCES: Sequence[Callable[[date], Sequence[OpenStep]]] = (
    agreements.open_steps,
    drafting.open_steps,
    negotiation.open_steps,
    governance.open_steps,
    destruction.open_steps,
    rights.open_steps,
    register.open_steps,
    disclosure.open_steps,
    lambda on: answers_due(further()),
)

DRAFT = "draft"  # the kind of step that is an unfinished draft


# What changes an open step leaves one of these behind: a row with its moment. Rules that the community added are files.
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
    ("consent", "RightEvent", "at"),
    ("consent", "ConsentEvent", "at"),
    ("gate", "FurtherEvent", "at"),
    ("disclosure", "Release", "at"),
    ("disclosure", "ReleaseEvent", "at"),
    ("partners", "Partner", "added_at"),
    ("partners", "UserEvent", "at"),
    ("partners", "BarEvent", "at"),
)


def open_steps(on: date) -> list[OpenStep]:
    """What is open on that day in any room, in no order; kept while nothing was left behind since."""
    key = (_stamp(), _added_rules(), agreements.policy(), on)
    return list(_STEPS.of(key, lambda: [step for source in SOURCES for step in source(on)]))


_STEPS = Cache[list[OpenStep]](8)


def open_to(actor: Actor, on: date) -> list[WaitingStep]:
    """What is open on that day and this reader may see, most pressing first; the operator sees all."""
    found = waiting(open_steps(on), on)
    if actor.is_operator:
        return found
    stand, known = {s.document.id: s for s in agreements.agreement_statuses(on)}, partners()
    return [each for each in found if _may_see(actor, each, stand, known)]


def _may_see(
    actor: Actor, found: WaitingStep, stand: Mapping[str, AgreementStatus], known: Mapping[str, PartnerFacts]
) -> bool:
    """What is about an agreement is seen by those who see it; the rest by those it waits for, and by the backbone. A draft is
    seen by those who write it alone."""
    if found.step.kind == DRAFT:
        return found.step.is_for(actor)
    about = stand.get(found.step.agreement or "")
    if about is not None:
        return may_see(actor, about.document, known)
    own = known.get(actor.partner or "")
    return actor.partner == found.step.waits_for or (own is not None and own.kind is PartnerKind.BACKBONE)


def _added_rules() -> object:
    try:
        return agreements.added_rules()
    except Refused as refused:  # then nobody may sign, and what is open is told all the same
        return refused.message


@cached_per_request
def _stamp() -> tuple[object, ...]:
    """Which database this is, and how much was left behind until when: one question for all rooms."""
    asked = []
    for room, model, moment in LEFT_BEHIND:
        table = connection.ops.quote_name(apps.get_model(room, model)._meta.db_table)
        asked += [f"(SELECT count(*) FROM {table})", f"(SELECT max({moment}) FROM {table})"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(asked)}")
        return (connection.settings_dict["NAME"], *cursor.fetchone())


def told() -> set[tuple[str, str, str]]:
    """(address, step, stage) of each reminder that was sent."""
    return set(Reminder.objects.values_list("email", "step", "stage"))
