"""Decisions and compiled questions, kept while nothing that they hang on has changed."""

from datetime import date
from functools import lru_cache

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.reading import standings, standings_and_bars
from throughway.agreements.words import PurposeKind
from throughway.gate.compile import Compiled, governed
from throughway.gate.decision import Decision, decide
from throughway.gate.linking import Links
from throughway.kept import Kept
from throughway.partners.actor import Actor
from throughway.training import reading as training


def decided(actor: Actor, purpose: str, on: date) -> Decision:
    """Judges by the agreements as they stand at this moment; the same question over the same state has one answer."""
    today = date.today()
    # What a partner reads of its own is no disclosure, and nobody is barred from it.
    now, barred = ([], ()) if purpose == OWN_RECORDS else standings_and_bars(today)
    then = now if on == today or purpose == OWN_RECORDS else standings(on)
    state = tuple(s.identity for s in (*then, *now))
    asks_training = any(s.document.terms.training for s in (*then, *now)) and not actor.is_operator
    completed = tuple(training.of(actor.email)) if asks_training else ()
    key = (state, len(then), actor, purpose, on, today, completed, barred)
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
        ),
    )


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
