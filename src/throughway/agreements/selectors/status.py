"""How every agreement stands on a day, and what was done with it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from django.db import connection

from throughway.agreements.approvals import ApprovalPolicy, policy_of
from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.effective_grants import why_not_in_effect
from throughway.agreements.enums import PurposeKind
from throughway.agreements.models import AgreementEvent, AgreementVersion
from throughway.agreements.states import LifecycleEvent
from throughway.agreements.status import AgreementLifecycle, AgreementStatus, lifecycle_on
from throughway.core.cache import Cache
from throughway.core.refusals import Refused
from throughway.partners.debarment import Debarment
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import BARS, bars, partner_names
from throughway.store.selectors import current_community


def today() -> date:
    return date.today()


Done = Mapping[str, Sequence[LifecycleEvent]]  # everything that was done, oldest first, by the agreement's id


class AllAgreements(NamedTuple):
    """All agreements on a day, what was done with them, and the bars that were recorded."""

    lives: Sequence[AgreementLifecycle]
    done: Done
    bars: tuple[Debarment, ...]


def policy() -> ApprovalPolicy:
    """How the community makes its agreements."""
    return policy_of(current_community().settings.get("agreements", {}))


def agreement_statuses(on: date) -> list[AgreementStatus]:
    """Every agreement that was added, as it stands on that day, ordered by id: the text that was in effect that day, or
    the newest where none was yet."""
    return [found.current for found in agreement_lifecycles(on)]


def statuses_and_bars(on: date) -> tuple[list[AgreementStatus], tuple[Debarment, ...]]:
    """The same, and who is barred: all that the gate judges by, in one question while nothing changes."""
    found = all_agreements_on(on)
    return [life.current for life in found.lives], found.bars


def agreement_lifecycles(on: date) -> list[AgreementLifecycle]:
    """Every agreement with all its texts, ordered by id."""
    return list(all_agreements_on(on).lives)


def in_effect(on: date) -> list[AgreementStatus]:
    return [found for found in agreement_statuses(on) if found.in_effect]


def pending_amendments(on: date) -> list[AgreementStatus]:
    """The amendments that are being prepared beside an agreement, ordered by id."""
    return [found.pending for found in agreement_lifecycles(on) if found.pending]


def one(id: str, on: date | None = None) -> AgreementStatus:
    """The agreement of that id on that day (else today), as `agreement_statuses` has it; Refused when there is none."""
    return lifecycle_of(id, on).current


def prepared_status(id: str) -> AgreementStatus:
    """The text that is, or was last, on its way to effect today: an amendment before what it amends."""
    return lifecycle_of(id).prepared


def pending_amendment(id: str, on: date | None = None) -> AgreementStatus | None:
    """The amendment that is being prepared beside the agreement; None where there is none."""
    return lifecycle_of(id, on).pending


def unknown_agreement(id: str) -> Refused:
    """What is said of an agreement that is not there, or not there for the reader."""
    return Refused(
        f"No agreement has the id {id}; see `throughway agreement list`.", code="unknown_agreement"
    )


def lifecycle_of(id: str, on: date | None = None) -> AgreementLifecycle:
    """The agreement with all its texts on that day (else today), read afresh; Refused when there is none."""
    texts = list(AgreementVersion.objects.filter(agreement=id).order_by("number"))
    if not texts:
        raise unknown_agreement(id)
    events = [event.event() for event in AgreementEvent.objects.filter(agreement=id).order_by("id")]
    return _life(texts, events, on or today(), policy())


def past_acts(id: str) -> list[LifecycleEvent]:
    """Everything that was done with an agreement, oldest first."""
    return list(all_agreements_on(today()).done.get(id, ()))


def past_acts_since(since: date) -> list[tuple[str, LifecycleEvent]]:
    """What was done with any agreement (its id) on that day or later, newest first."""
    found = [
        (id, event)
        for id, done in all_agreements_on(today()).done.items()
        for event in reversed(done)
        if event.day >= since
    ]
    return sorted(found, key=lambda one: one[1].day, reverse=True)


def all_agreements_on(on: date) -> AllAgreements:
    """All that the register says, in one question while nothing changes: nothing changes an agreement but an act, and each act
    is an event, so while the last event is the same, so is the answer."""
    return _EVERY.of((_last_event(), on), lambda: _read_every(on))


_EVERY = Cache[AllAgreements](16)  # days


@cached_per_request
def _last_event() -> tuple[object, ...]:
    """Which database this is, and what its last event is; the moment tells apart ids that were rolled back and given anew."""
    asked = ", ".join(
        f"(SELECT {what} FROM {connection.ops.quote_name(table)})"
        for table in (AgreementEvent._meta.db_table, BARS)
        for what in ("max(id)", "max(at)", "count(*)")
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        return (connection.settings_dict["NAME"], *cursor.fetchone(), policy())


def _read_every(on: date) -> AllAgreements:
    events: dict[str, list[LifecycleEvent]] = defaultdict(list)
    for event in AgreementEvent.objects.order_by("id"):
        events[event.agreement].append(event.event())
    texts = AgreementVersion.objects.order_by("agreement", "number")
    made = policy()
    found = [
        _life(list(of_one), events[id], on, made)
        for id, of_one in groupby(texts, key=lambda text: text.agreement)
    ]
    return AllAgreements(found, events, bars())


def _life(
    texts: Sequence[AgreementVersion], events: Sequence[LifecycleEvent], on: date, made: ApprovalPolicy
) -> AgreementLifecycle:
    documents = {text.version: parsed(text.text) for text in texts}
    return lifecycle_on(documents, [text.version for text in texts], events, on, made, partner_names())


@lru_cache(maxsize=512)
def parsed(text: str) -> AgreementDocument:
    """The document of a text that was added; Refused when this version of the platform cannot read it."""
    document, faults = read_document(text)
    if document is None:
        raise Refused(f"A stored agreement cannot be read: {faults[0].message}", code="unreadable")
    return document


def linkage_purposes(on: date) -> list[str]:
    """The purposes of kind linkage of all agreements in effect on that day, each once."""
    known = agreement_statuses(on)
    return sorted(
        {
            entry.id
            for standing in known
            if not why_not_in_effect(standing, known)
            for entry in standing.document.purposes
            if entry.kind is PurposeKind.LINKAGE
        }
    )
