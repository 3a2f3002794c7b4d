"""Decisions and compiled questions, kept while nothing that they hang on has changed."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.reading import lives, standings, standings_and_bars
from throughway.agreements.words import PurposeKind
from throughway.gate.compile import Compiled, governed
from throughway.gate.decision import NO_SUCH_PURPOSE, Decision, Reason, decide
from throughway.gate.linking import Links
from throughway.kept import Kept
from throughway.partners.actor import Actor
from throughway.partners.kinds import PartnerKind
from throughway.partners.reading import own_kind
from throughway.training import reading as training


def decided(actor: Actor, purpose: str, on: date, under: str = "") -> Decision:
    """Judges by the agreements as they stand at this moment, or by one of them alone; the same question over the same state
    has one answer."""
    today = date.today()
    # What a partner reads of its own is no disclosure, and nobody is barred from it.
    now, barred = ([], ()) if purpose == OWN_RECORDS else standings_and_bars(today)
    then = now if on == today else standings(on)
    state = tuple(s.identity for s in (*then, *now))
    asks_training = any(s.document.terms.training for s in (*then, *now))
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


def open_reasons(actor: Actor, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Of why nothing is granted, what the reader may be told: agreements that are or were in effect stand in the register for
    everybody; a text that has not been is for its parties and the backbone, and to others is not there."""
    if actor.is_operator or own_kind(actor) is PartnerKind.BACKBONE:
        return tuple(reasons)
    hidden = {
        life.current.document.id
        for life in lives(date.today())
        if life.current.version not in life.activated and actor.partner not in life.current.ever_parties
    }
    return tuple(reason for reason in reasons if reason.agreement not in hidden) or (NO_SUCH_PURPOSE,)


MANY = 256
_DECIDED = Kept[Decision](MANY)


@lru_cache(maxsize=MANY)
def compiled(
    sql: str,
    decision: Decision,
    on: date,
    today: date | None,
    links: Links,
    most: int | None,
    without: frozenset[str],
) -> Compiled:
    """What was compiled for this decision and these links; both are new objects as soon as anything changes."""
    return governed(
        sql,
        decision.grants,
        linked=decision.linked,
        on=on,
        today=today,
        numbered=all(g.kind is PurposeKind.LINKAGE for g in decision.grants),
        records_of=lambda persons: [int(n) for n in links.records_of(tuple(persons))],
        most=most,
        without=without,
    )
