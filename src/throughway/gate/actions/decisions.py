"""What the gate decides for a reader under the current agreements and registers. Refuses while the computer's clock is set back.

Decisions and compiled queries are cached until something that they depend on changes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.db.models import Max

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.enums import PurposeKind
from throughway.agreements.selectors import agreement_lifecycles, agreement_statuses, statuses_and_bars
from throughway.agreements.status import AgreementLifecycle
from throughway.core.cache import Cache
from throughway.core.prose import day
from throughway.core.refusals import Refused, did_you_mean
from throughway.gate.actions.ledger_entries import record_refusal
from throughway.gate.compiler import Compiled, compile_query
from throughway.gate.decision import (
    NO_SUCH_PURPOSE,
    RECORD_OF_DISCLOSURE,
    Decision,
    GrantedTerms,
    Reason,
    decide,
)
from throughway.ledger.models import LedgerEntry
from throughway.ledger.verification_rules import clock_is_behind
from throughway.partners.actor import Actor
from throughway.partners.kinds import PartnerKind
from throughway.partners.selectors import own_kind
from throughway.store.links import Links
from throughway.training import selectors as training


def current_decision(actor: Actor, purpose: str, on: date, under: str = "") -> Decision:
    """Decides under all current agreements, or under the one named in `under`. Until something changes, the same request gets the same
    object."""
    today = date.today()
    # A partner's reading of its own records is not a disclosure, and no finding bars it.
    now, barred = ([], ()) if purpose == OWN_RECORDS else statuses_and_bars(today)
    then = now if on == today else agreement_statuses(on)
    state = tuple(s.identity for s in (*then, *now))
    asks_training = any(s.document.courses(*s.document.purposes) for s in (*then, *now))
    completed = tuple(training.of(actor.email)) if asks_training else ()
    key = (state, len(then), actor, purpose, on, today, completed, barred, under)
    return _DECIDED.of(
        key,
        lambda: decide(
            then=then,
            now=now,
            actor=actor,
            purpose=purpose,
            on=on,
            today=today,
            completed=completed,
            bars=barred,
            under=under,
        ),
    )


def open_reasons(actor: Actor, reasons: Sequence[Reason], purpose: str) -> tuple[Reason, ...]:
    """The reasons that the reader may see: agreements that are or were in effect are in the public register; any other agreement is
    known only to its parties and the backbone. For an unknown purpose, suggests the nearest one that the reader may know of."""
    documents = [
        life.current.document for life in agreement_lifecycles(date.today()) if _may_know(actor, life)
    ]
    known = {document.id for document in documents}
    visible = tuple(reason for reason in reasons if reason.agreement in known or not reason.agreement)
    if NO_SUCH_PURPOSE in visible or not visible:
        near = did_you_mean(purpose, {entry.id for document in documents for entry in document.purposes})
        sentence, _, rest = NO_SUCH_PURPOSE.sentence.partition("; ")
        return (replace(NO_SUCH_PURPOSE, sentence=f"{sentence}; {near or rest}"),)
    return visible


def _may_know(actor: Actor, life: AgreementLifecycle) -> bool:
    everything = actor.is_operator or own_kind(actor) is PartnerKind.BACKBONE
    return everything or life.current.version in life.activated or actor.partner in life.current.ever_parties


MANY = 256
_DECIDED = Cache[Decision](MANY)


@lru_cache(maxsize=2 * MANY)
def compiled(
    sql: str,
    terms: GrantedTerms,
    on: date,
    today: date | None,
    links: Links,
    most: int | None,
    without: frozenset[str],
    few: bool = False,
    numbered: bool = False,
) -> Compiled:
    """The compiled query, cached for all readers who are granted the same; `links` by identity, which is new whenever they change. It
    says nothing of who may read: that is decided each time."""
    return compile_query(
        sql,
        terms.grants,
        linked=terms.linked,
        on=on,
        today=today,
        numbered=numbered or all(g.kind is PurposeKind.LINKAGE for g in terms.grants),
        records_of=lambda persons: [int(n) for n in links.records_of(tuple(persons))],
        most=most,
        without=without,
        few=few,
    )


CLOCK_EVERY = 60.0  # seconds between looks at the newest entry
# By community: when it was looked up (monotonic), and the moment of the newest entry.
_NEWEST: dict[Path, tuple[float, datetime | None]] = {}


def check_clock(actor: Actor, purpose: str, on: date) -> None:
    """Raises Refused (clock), and records it, where the computer's clock is well behind the newest ledger entry."""
    now = datetime.now(UTC)
    if not clock_is_behind(_newest(), now, settings.COMMUNITY.settings.clock.ledger_wrong_until):
        return
    reason = Reason(
        f"The clock of this computer says {day(now.date())}, {now:%H:%M} UTC, which is earlier than the "
        f"last entry of the ledger; no data can be read until the operator corrects the clock "
        f"(docs/ledger.md explains what to do if the times in the ledger are wrong).",
        RECORD_OF_DISCLOSURE,
    )
    record_refusal(actor, purpose, on, [reason])
    raise Refused(reason.sentence, code="clock", citations=[reason.citation])


def _newest() -> datetime | None:
    """The time of the newest ledger entry, looked up once a minute at most: it only grows."""
    place, at = settings.COMMUNITY.root, monotonic()
    looked, newest = _NEWEST.get(place, (-CLOCK_EVERY, None))
    if at - looked >= CLOCK_EVERY:
        newest = LedgerEntry.objects.aggregate(newest=Max("at"))["newest"]
        _NEWEST[place] = (at, newest)
    return newest
