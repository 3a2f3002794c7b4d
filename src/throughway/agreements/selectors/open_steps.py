"""Whose turn it is: what an actor may do beyond how a text stands, and the open steps of every agreement."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from throughway.agreements.approvals import Policy
from throughway.agreements.available_acts import Setting
from throughway.agreements.lifecycle import Act, Life
from throughway.agreements.open_steps import Known, open_steps_of
from throughway.agreements.selectors.review import findings_of_open
from throughway.agreements.selectors.status import deeds, every, policy, today
from throughway.agreements.status_summary import Deed
from throughway.partners import Actor
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import users


def author_of(id: str) -> str | None:
    """The partner whose people began the text that is being prepared; None for the operator."""
    return _author(deeds(id))


def _author(done: Sequence[Deed]) -> str | None:
    began = [
        d for n, d in enumerate(done) if d.act in (Act.AMEND, Act.RENEW) or (d.act is Act.ADD and n == 0)
    ]
    return began[-1].partner if began else None


def setting(found: Life, actor: Actor, done: Sequence[Deed]) -> Setting:
    """What hangs on more than how the text stands, for what the actor may do; `done`: everything done with the agreement."""
    return _setting(found, _author(done), held_capacities(actor.partner), policy())


def settings(found: Iterable[Life], actor: Actor) -> dict[str, Setting]:
    """The same for many agreements, by id; as many questions to the database for one as for all."""
    done = every(today()).done
    held, made = held_capacities(actor.partner), policy()
    return {
        life.current.document.id: _setting(life, _author(done.get(life.current.document.id, ())), held, made)
        for life in found
    }


def _setting(found: Life, author: str | None, held: frozenset[str], made: Policy) -> Setting:
    return Setting(author, held, made.full, bool(found.activated), found.pending is not None)


def held_capacities(partner: str | None) -> frozenset[str]:
    """The roles that the partner's people hold."""
    return frozenset(user.role for user in users() if user.partner == partner)


def open_steps(on: date) -> list[OpenStep]:
    """What is open on that day in the life of any agreement, in no order."""
    found_lives, done, _ = every(on)
    held: dict[str, set[str]] = defaultdict(set)
    for user in users():
        held[user.partner or ""].add(user.role)
    blocking, made, found = _blocking(on), policy(), []
    for each in found_lives:
        id = each.current.document.id
        known = Known(done.get(id, ()), _author(done.get(id, ())), made, held, blocking.get(id, 0))
        found += open_steps_of(each, known, on)
    return found


def _blocking(on: date) -> dict[str, int]:
    """How many findings block each text that is being prepared, by id."""
    return {id: sum(finding.blocks for finding in found) for id, found in findings_of_open(on).items()}
