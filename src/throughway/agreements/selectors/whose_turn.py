"""Whose turn it is: what an actor may do beyond how a text stands, and the open steps of every agreement."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from throughway.agreements.approvals import ApprovalPolicy
from throughway.agreements.available_acts import ActContext
from throughway.agreements.open_steps import OpenStepContext, open_steps_of
from throughway.agreements.selectors.review import findings_of_open
from throughway.agreements.selectors.status import all_agreements_on, past_acts, policy, today
from throughway.agreements.states import AgreementAct, LifecycleEvent
from throughway.agreements.status import AgreementLifecycle
from throughway.partners import Actor
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import users


def author_of(id: str) -> str | None:
    """The partner whose people began the text that is being prepared; None for the operator."""
    return _author(past_acts(id))


def _author(done: Sequence[LifecycleEvent]) -> str | None:
    began = [
        d
        for n, d in enumerate(done)
        if d.act in (AgreementAct.AMEND, AgreementAct.RENEW) or (d.act is AgreementAct.ADD and n == 0)
    ]
    return began[-1].partner if began else None


def act_context(found: AgreementLifecycle, actor: Actor, done: Sequence[LifecycleEvent]) -> ActContext:
    """What hangs on more than how the text stands, for what the actor may do; `done`: everything done with the agreement."""
    return _setting(found, _author(done), held_capacities(actor.partner), policy())


def act_contexts(found: Iterable[AgreementLifecycle], actor: Actor) -> dict[str, ActContext]:
    """The same for many agreements, by id; as many questions to the database for one as for all."""
    done = all_agreements_on(today()).done
    held, made = held_capacities(actor.partner), policy()
    return {
        life.current.document.id: _setting(life, _author(done.get(life.current.document.id, ())), held, made)
        for life in found
    }


def _setting(
    found: AgreementLifecycle, author: str | None, held: frozenset[str], made: ApprovalPolicy
) -> ActContext:
    return ActContext(author, held, made.full, bool(found.activated), found.pending is not None)


def held_capacities(partner: str | None) -> frozenset[str]:
    """The roles that the partner's people hold."""
    return frozenset(user.role for user in users() if user.partner == partner)


def open_steps(on: date) -> list[OpenStep]:
    """What is open on that day in the life of any agreement, in no order."""
    found_lives, done, _ = all_agreements_on(on)
    held: dict[str, set[str]] = defaultdict(set)
    for user in users():
        held[user.partner or ""].add(user.role)
    blocking, made, found = _blocking(on), policy(), []
    for each in found_lives:
        id = each.current.document.id
        known = OpenStepContext(done.get(id, ()), _author(done.get(id, ())), made, held, blocking.get(id, 0))
        found += open_steps_of(each, known, on)
    return found


def _blocking(on: date) -> dict[str, int]:
    """How many findings block each text that is being prepared, by id."""
    return {id: sum(finding.blocks for finding in found) for id, found in findings_of_open(on).items()}
