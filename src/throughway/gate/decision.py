"""Whether a reader may enter under a purpose, and with which grants: every condition, each failing one by its name.

Pure: the state of the agreements on the day asked for and today, the reader and both days are arguments.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.grant import Grant, coarser
from throughway.agreements.grants import drafted, grants_of, linked_partners, shortfall
from throughway.agreements.lifecycle import Standing
from throughway.agreements.tiers import FORMS, both_windows
from throughway.agreements.words import Basis, PurposeKind, Reach
from throughway.gate.own import own_records
from throughway.partners.actor import Actor

ONLY_PURPOSE = "34 CFR 99.33(a)(2)"  # used only for the purpose for which it was disclosed
NO_REDISCLOSURE = "34 CFR 99.33(a)(1)"
PRIOR_CONSENT = "34 CFR 99.30(a)"  # nothing is disclosed without consent, save as 99.31 says
LEGITIMATE_INTEREST = "34 CFR 99.31(a)(1)(ii)"  # reasonable methods, so that each reaches only what is theirs
DIRECTORY = "34 CFR 99.37"
RECORD_OF_DISCLOSURE = "34 CFR 99.32(a)"


@dataclass(frozen=True)
class Reason:
    """One condition that fails: a sentence, the law or the place in the agreement that decides, the agreement's id."""

    sentence: str
    citation: str
    agreement: str = ""


@dataclass(frozen=True, eq=False)
class Decision:
    """`grants` that hold for this reader; `reasons` why there are none; `linked` disclosers whose links may be seen.

    `ended`: where there are grants, agreements of the same purpose that are out of effect, with the tables that they gave.
    """

    grants: tuple[Grant, ...]
    reasons: tuple[Reason, ...] = ()
    linked: frozenset[str] = frozenset()
    ended: tuple[tuple[Reason, frozenset[str]], ...] = ()

    @property
    def allowed(self) -> bool:
        return bool(self.grants)


def decide(
    *,
    then: Sequence[Standing],
    now: Sequence[Standing],
    actor: Actor,
    purpose: str,
    on: date,
    today: date,
) -> Decision:
    """`then`: every agreement as it stands on the day `on`; `now`: as it stands today (the same where `on` is today).

    A past day must be allowed on that day and today; a value must be granted on both.
    """
    if on > today:
        too_early = Reason(f"{on} is a day in the future; ask for today or a past day.", RECORD_OF_DISCLOSURE)
        return _refused(too_early, *(reason for reason, _ in _ended(then, purpose)))
    if purpose == OWN_RECORDS:
        return _own(actor)
    past, grants_then = _on_one_day(then, actor, purpose)
    present, grants_now = (past, grants_then) if on == today else _on_one_day(now, actor, purpose)
    if past or present:
        return Decision((), tuple(dict.fromkeys((*past, *present))))
    grants = grants_now if on == today else granted_on_both(grants_then, grants_now)
    if not grants:
        return _refused(
            Reason(f"What the agreements grant today they did not grant on {on}.", PRIOR_CONSENT),
        )
    linked = linked_partners(then, purpose) & linked_partners(now, purpose)
    return Decision(tuple(grants), (), linked, tuple(_ended(now, purpose)))


def _ended(standings: Sequence[Standing], purpose: str) -> Iterator[tuple[Reason, frozenset[str]]]:
    for standing in standings:
        for why in shortfall(standing, standings):
            gave = {g.table for g in drafted(standing, standings) if g.purpose == purpose}
            if gave:
                yield _out_of_effect(standing, why), frozenset(gave)


def _out_of_effect(standing: Standing, why: str) -> Reason:
    name = standing.document.id
    return Reason(why, f"{PRIOR_CONSENT}; {name}, terms", name)


def _refused(*reasons: Reason) -> Decision:
    return Decision((), reasons)


def _own(actor: Actor) -> Decision:
    if actor.partner is None:
        return _refused(
            Reason("The operator of the folder has no records of a partner to read back; say who reads with --as.",
                   LEGITIMATE_INTEREST)
        )  # fmt: skip
    return Decision(own_records(actor.partner))


def _on_one_day(
    standings: Sequence[Standing], actor: Actor, purpose: str
) -> tuple[tuple[Reason, ...], list[Grant]]:
    """The grants that hold on one day, or else every reason that stands against each of them."""
    asked = [standing for standing in standings if standing.document.entries(purpose)]
    if not asked:
        return (
            Reason(
                "No agreement of this community has a purpose of that name; purposes stand in `throughway agreement "
                "show ID --plain`.",
                ONLY_PURPOSE,
            ),
        ), []
    grants: list[Grant] = []
    reasons: dict[Reason, None] = {}
    for standing in asked:
        faults, held = _under(standing, standings, actor, purpose)
        reasons |= dict.fromkeys(faults)
        grants += held
    return ((), grants) if grants else (tuple(reasons), [])


def _under(
    standing: Standing, standings: Sequence[Standing], actor: Actor, purpose: str
) -> tuple[list[Reason], list[Grant]]:
    name = standing.document.id
    faults = [_out_of_effect(standing, why) for why in shortfall(standing, standings)]
    compiled = drafted(standing, standings) if faults else grants_of(standing, standings)
    asked = [grant for grant in compiled if grant.purpose == purpose]
    if not asked and not faults:
        faults.append(
            Reason(
                f"{name} schedules no element for this purpose, or the agreement above it leaves none.",
                f"{PRIOR_CONSENT}; {name}, schedule",
                name,
            )
        )
    held = []
    against: list[Reason] = []
    for grant in asked:
        found = list(conditions_failing(grant, actor))
        against += found
        if not found and not faults:
            held.append(grant)
    return [*faults, *against], held


def conditions_failing(grant: Grant, actor: Actor) -> Iterator[Reason]:
    """What stands between this reader and a grant of an agreement in effect."""
    name = grant.agreement
    if actor.is_operator:
        if grant.kind is not PurposeKind.LINKAGE:
            yield Reason(
                "The operator of the folder reads no student data; say who reads with --as.",
                f"{LEGITIMATE_INTEREST}; {grant.path}.recipients", name,
            )  # fmt: skip
    else:
        yield from _reader_failing(grant, actor)
    if grant.reach is not Reach.ALL:
        yield Reason(
            f"{name} lets readers reach only the students of their {grant.reach}, and nothing here tells yet whose "
            "these are.",
            f"{LEGITIMATE_INTEREST}; {grant.path}.reach", name,
        )  # fmt: skip
    if Basis.CONSENT in grant.bases:
        yield Reason(
            f"{name} discloses by consent, and consents are not kept here yet.",
            f"34 CFR 99.30; {grant.path}.basis", name,
        )  # fmt: skip
    if Basis.DIRECTORY in grant.bases:
        yield Reason(
            f"{name} discloses directory information, and opt-outs are not kept here yet.",
            f"{DIRECTORY}; {grant.path}.basis", name,
        )  # fmt: skip


def _reader_failing(grant: Grant, actor: Actor) -> Iterator[Reason]:
    name = grant.agreement
    if actor.partner not in grant.recipients:
        yield Reason(
            f"{actor.partner} is not among the recipients of this purpose in {name}.",
            f"{NO_REDISCLOSURE}; {grant.path}.recipients", name,
        )  # fmt: skip
    if actor.role not in grant.roles:
        yield Reason(
            f"The role {actor.role} may not read under this purpose in {name}; "
            f"{', '.join(sorted(grant.roles)) or 'no role'} may.",
            f"{LEGITIMATE_INTEREST}; {grant.path}.roles", name,
        )  # fmt: skip
    if grant.training:
        yield Reason(
            f"{name} asks readers to hold {', '.join(sorted(grant.training))}, and completed courses are not kept here "
            "yet.",
            f"{LEGITIMATE_INTEREST}; {name}, terms.training", name,
        )  # fmt: skip


def granted_on_both(then: Sequence[Grant], now: Sequence[Grant]) -> list[Grant]:
    """What was granted on the day and is granted today: grants that stood unchanged, and what two have in common."""
    unchanged = [grant for grant in now if grant in then]
    shared = (
        _common(a, b)
        for a in then
        for b in now
        if (a.discloser, a.table) == (b.discloser, b.table) and a != b
    )
    if len(unchanged) == len(now) == len(then):
        return unchanged
    return [*unchanged, *(grant for grant in shared if grant is not None)]


def _common(then: Grant, now: Grant) -> Grant | None:
    columns = {n: coarser(t, then.columns[n]) for n, t in now.columns.items() if n in then.columns}
    if not columns:
        return None
    return replace(
        now,
        columns=MappingProxyType(columns),
        form=max(then.form, now.form, key=FORMS.index),
        bases=then.bases | now.bases,
        population=(*then.population, *now.population),
        records=both_windows(then.records, now.records),
        minimum_cell=max(then.minimum_cell, now.minimum_cell),
        tiers=(*now.tiers, (then.agreement, then.version)),
    )


def agreements_of(grants: Iterable[Grant]) -> tuple[tuple[str, str], ...]:
    """(id, version) of the agreements, each once, in order; a partner's own records stand under none."""
    return tuple(sorted({(g.agreement, g.version) for g in grants if g.agreement != OWN_RECORDS}))
