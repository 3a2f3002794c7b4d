"""Whether a reader may enter under a purpose, and with which grants. Every condition is checked, and each one that fails is named.

Pure: the state of the agreements on the day requested and today, the reader, the courses that the reader completed and both days are
arguments. Reach and families' choices are decided in `row_scope`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.effective_grants import (
    FORMS,
    REACHES,
    both_windows,
    grants_of,
    grants_of_text,
    linked_partners,
    why_not_in_effect,
)
from throughway.agreements.enums import BY_ENROLLMENT, AccessForm, Basis, PurposeKind, Reach, strictest
from throughway.agreements.grant import Grant, coarser
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.core.prose import day, listed
from throughway.partners.actor import OFFICERS, Actor
from throughway.partners.debarment import FIVE_YEARS, Debarment
from throughway.partners.debarment import standing as standing_bar
from throughway.training.validity import Completed, ended, valid_courses
from throughway.vocabulary import COMMON, TABLES

ONLY_PURPOSE = "34 CFR 99.33(a)(2)"  # used only for the purpose for which it was disclosed
NO_REDISCLOSURE = "34 CFR 99.33(a)(1)"
PRIOR_CONSENT = "34 CFR 99.30(a)"  # nothing is disclosed without consent, except as 99.31 says
# Reasonable methods that limit each official to the records of legitimate interest.
LEGITIMATE_INTEREST = "34 CFR 99.31(a)(1)(ii)"
RECORD_OF_DISCLOSURE = "34 CFR 99.32(a)"


@dataclass(frozen=True)
class Reason:
    """One condition that fails: a sentence, the law or the place in the agreement that decides, the agreement's id."""

    sentence: str
    citation: str
    agreement: str = ""


NO_SUCH_PURPOSE = Reason(
    "No agreement of this community has a purpose with that name; `throughway agreement show ID --plain` "
    "lists an agreement's purposes.",
    ONLY_PURPOSE,
)


@dataclass(frozen=True)
class GrantedTerms:
    """What a decision grants, equal for all readers who are granted the same: a cache key. `contents`: of each grant, in order."""

    contents: tuple[str, ...]
    linked: frozenset[str]
    grants: tuple[Grant, ...] = field(compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class Decision:
    """`grants` that hold for this reader; `reasons` why there are none; `linked`: disclosers whose links may be seen.

    `ended`: where there are grants, agreements of the same purpose that are out of effect, with the tables that they gave.
    """

    grants: tuple[Grant, ...]
    reasons: tuple[Reason, ...] = ()
    linked: frozenset[str] = frozenset()
    ended: tuple[tuple[Reason, frozenset[str]], ...] = ()

    @property
    def allowed(self) -> bool:
        return bool(self.grants)

    @cached_property
    def terms(self) -> GrantedTerms:
        return GrantedTerms(tuple(g.content_key for g in self.grants), self.linked, self.grants)

    @property
    def personal(self) -> bool:
        """Whether reach or families' choices decide whose rows a grant shows."""
        return any(g.choices or g.reach is not Reach.ALL for g in self.grants)


def decide(
    *,
    then: Sequence[AgreementStatus],
    now: Sequence[AgreementStatus],
    actor: Actor,
    purpose: str,
    on: date,
    today: date,
    completed: Sequence[Completed] = (),
    bars: Sequence[Debarment] = (),
    under: str = "",
) -> Decision:
    """`then`: every agreement as of the day `on`; `now`: as of today (the same where `on` is today). `completed`: the reader's
    courses. `bars`: the parties that a finding of the Department bars. `under`: the one agreement that the reader chose; None for any.

    A past day must be allowed both on that day and today; a value must be granted on both.
    """
    if on > today:
        too_early = Reason(f"{on} is a day in the future; ask for today or a past day.", RECORD_OF_DISCLOSURE)
        return _refused(too_early, *(reason for reason, _ in _ended(then, purpose)))
    if purpose == OWN_RECORDS:
        return _own(actor)
    past, grants_then = _on_one_day(then, _Asking(actor, purpose, on, tuple(completed), tuple(bars), under))
    present, grants_now = (
        (past, grants_then)
        if on == today
        else _on_one_day(now, _Asking(actor, purpose, today, tuple(completed), tuple(bars), under))
    )
    if past or present:
        return Decision((), tuple(dict.fromkeys((*past, *present))))
    grants = grants_now if on == today else granted_on_both(grants_then, grants_now)
    if not grants:
        return _refused(
            Reason(f"The agreements grant this today, but they did not grant it on {on}.", PRIOR_CONSENT),
        )
    linked = linked_partners(now, purpose)
    if on != today:
        linked &= linked_partners(then, purpose)
    return Decision(tuple(grants), (), linked, tuple(_ended(now, purpose)))


@dataclass(frozen=True)
class _Asking:
    """The reader, the purpose and one day."""

    actor: Actor
    purpose: str
    day: date
    completed: tuple[Completed, ...]
    bars: tuple[Debarment, ...] = ()
    under: str = ""

    def asks(self, standing: AgreementStatus) -> bool:
        """Whether this agreement has the purpose, and is the agreement that the reader chose."""
        document = standing.document
        return bool(document.entries(self.purpose)) and self.under in ("", document.id)


def _ended(standings: Sequence[AgreementStatus], purpose: str) -> Iterator[tuple[Reason, frozenset[str]]]:
    """What gave tables under the purpose and no longer does. A text that was never activated gave nothing, and only its parties may
    know of it, even after its end."""
    for standing in standings:
        if not standing.activated:
            continue
        for why in why_not_in_effect(standing, standings):
            gave = {g.table for g in grants_of_text(standing, standings, purpose)}
            if gave:
                yield _out_of_effect(standing, why), frozenset(gave)


def _out_of_effect(standing: AgreementStatus, why: str) -> Reason:
    name = standing.document.id
    return Reason(why, f"{PRIOR_CONSENT}; {name}, terms", name)


def _refused(*reasons: Reason) -> Decision:
    return Decision((), reasons)


def _own(actor: Actor) -> Decision:
    if actor.partner is None:
        return _refused(
            Reason("The operator of the folder does not act for a partner, so there are no records of its "
                "own to read; name the reader with --as.",
                   LEGITIMATE_INTEREST)
        )  # fmt: skip
    grants = own_records(actor.partner)
    if actor.role not in OFFICERS:
        # What people typed about a student is read by their own team; officers read it to answer a family.
        grants = tuple(grant for grant in grants if not TABLES[grant.table].typed)
    return Decision(grants)


def _on_one_day(
    standings: Sequence[AgreementStatus], asking: _Asking
) -> tuple[tuple[Reason, ...], list[Grant]]:
    """The grants that hold on one day; if there are none, every reason against each of them."""
    asked = [standing for standing in standings if asking.asks(standing)]
    if not asked:
        return (NO_SUCH_PURPOSE,), []
    grants: list[Grant] = []
    reasons: dict[Reason, None] = {}
    for standing in asked:
        faults, held = _under(standing, standings, asking)
        reasons |= dict.fromkeys(faults)
        grants += held
    return ((), grants) if grants else (tuple(reasons), [])


def _under(
    standing: AgreementStatus, standings: Sequence[AgreementStatus], asking: _Asking
) -> tuple[list[Reason], list[Grant]]:
    name = standing.document.id
    faults = [_out_of_effect(standing, why) for why in why_not_in_effect(standing, standings)]
    asked = (grants_of_text if faults else grants_of)(standing, standings, asking.purpose)
    if not asked and not faults:
        faults.append(
            Reason(
                f"{name} lists no element for this purpose in its schedule, or the agreement above it "
                f"allows none.",
                f"{PRIOR_CONSENT}; {name}, schedule",
                name,
            )
        )
    held = []
    against: list[Reason] = []
    by_enrollment = any(grant.reach in BY_ENROLLMENT for grant in asked)
    linked = linked_partners(standings, asking.purpose) if by_enrollment else ()
    for grant in asked:
        found = list(_failing(grant, asking, linked))
        against += found
        if not found and not faults:
            held.append(_addressed(grant, asking.actor))
    return [*faults, *against], held


def _addressed(grant: Grant, actor: Actor) -> Grant:
    """Of rows that go from one partner to another, the grant shows this reader those of the reader's own partner."""
    if not TABLES[grant.table].between or grant.authors:
        return grant
    return replace(grant, addressed=frozenset({actor.partner or ""}))


def _failing(grant: Grant, asking: _Asking, linked: Collection[str]) -> Iterator[Reason]:
    """The conditions that this reader fails for a grant of an agreement in effect."""
    name, actor = grant.agreement, asking.actor
    if actor.is_operator:
        if grant.kind is not PurposeKind.LINKAGE or grant.reach is not Reach.ALL:
            yield Reason(
                "The operator of the folder cannot read student data; name the reader with --as.",
                f"{LEGITIMATE_INTEREST}; {grant.path}.recipients", name,
            )  # fmt: skip
        return
    if actor.partner not in grant.recipients:
        yield Reason(
            f"{actor.partner} is not among the recipients of this purpose in {name}.",
            f"{NO_REDISCLOSURE}; {grant.path}.recipients", name,
        )  # fmt: skip
    if actor.role not in grant.roles:
        yield Reason(
            f"The role {_words(actor.role)} may not read under this purpose in {name}; "
            f"{listed(map(_words, sorted(grant.roles))) or 'no role'} may.",
            f"{LEGITIMATE_INTEREST}; {grant.path}.roles", name,
        )  # fmt: skip
    bar = _bar(grant, asking)
    if bar:
        yield Reason(bar.sentence, FIVE_YEARS, name)
    yield from _training_failing(grant, asking)
    if grant.reach in BY_ENROLLMENT and not _is_linked_to(grant, actor, linked):
        yield Reason(
            f"{name} lets readers see only the students whom {actor.partner} serves, and no linkage purpose "
            f"in effect shows which students of {grant.discloser} these are.",
            f"{LEGITIMATE_INTEREST}; {grant.path}.reach", name,
        )  # fmt: skip


def _words(role: str) -> str:
    return role.replace("_", " ")


def _bar(grant: Grant, asking: _Asking) -> Debarment | None:
    """The finding that bars the reader's partner from this grant's records; findings apply to education records only."""
    if grant.basis == Basis.PARTNER_RECORDS:
        return None
    return standing_bar(asking.bars, asking.actor.partner or "", grant.discloser, asking.day)


def _is_linked_to(grant: Grant, actor: Actor, linked: Collection[str]) -> bool:
    """Whether links show which of the discloser's students the reader's partner serves."""
    return actor.partner == grant.discloser or {actor.partner, grant.discloser} <= {*linked}


def _training_failing(grant: Grant, asking: _Asking) -> Iterator[Reason]:
    """A sentence for each course that the agreement requires and the reader does not hold on that day."""
    held = valid_courses(asking.completed, asking.day)
    for course in sorted(grant.training - held):
        last = ended(asking.completed, course, asking.day)
        why = (
            f"your training {course} ended on {day(last)}"
            if last
            else f"you have not completed the training {course}"
        )
        if asking.day < max((c.on for c in asking.completed if c.course == course), default=asking.day):
            why = f"on {day(asking.day)} you did not hold the training {course}"
        yield Reason(
            f"You cannot open {asking.purpose}: {why}. Take the course on the site, under Training, where it counts at once; a data steward records one that you took elsewhere.",
            f"{LEGITIMATE_INTEREST}; {grant.path}.training and terms.training", grant.agreement,
        )  # fmt: skip


def granted_on_both(then: Sequence[Grant], now: Sequence[Grant]) -> list[Grant]:
    """What was granted on the day and is granted today: grants that did not change, and what two differing grants have in common."""
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
    reach = max(then.reach, now.reach, key=REACHES.index)
    if not columns or _neither_contains(then.reach, now.reach):
        return None
    authors = then.authors & now.authors if then.authors and now.authors else then.authors | now.authors
    if not authors and (then.authors or now.authors):
        return None
    return replace(
        now,
        columns=MappingProxyType(columns),
        form=max(then.form, now.form, key=FORMS.index),
        bases=then.bases | now.bases,
        choices=then.choices | now.choices,
        reach=reach,
        population=(*then.population, *now.population),
        records=both_windows(then.records, now.records),
        minimum_cell=max(then.minimum_cell, now.minimum_cell),
        review_days=max(then.review_days, now.review_days),
        publication_rule=strictest((then.publication_rule, now.publication_rule)),
        needs_approval=then.needs_approval or now.needs_approval,
        tiers=(*now.tiers, (then.agreement, then.version)),
        authors=authors,
        withheld=tuple(dict.fromkeys((*now.withheld, *then.withheld))),
    )


def _neither_contains(one: Reach, other: Reach) -> bool:
    """Whether one has students whom the other lacks, and the reverse: so it is with a worker's caseload and the enrollments of a
    partner, or of a part of it."""
    return Reach.CASELOAD in (one, other) and bool({one, other} & BY_ENROLLMENT)


def agreements_of(grants: Iterable[Grant]) -> tuple[tuple[str, str], ...]:
    """(id, version) of the agreements, each once, in order; a partner's own records are under no agreement."""
    return tuple(sorted({(g.agreement, g.version) for g in grants if g.agreement != OWN_RECORDS}))


WHOLE = Transform("none")


def own_records(partner: str) -> tuple[Grant, ...]:
    """Grants of every element of every table of the partner's own; ids are those of its own records."""
    return tuple(_own_grant(partner, table) for table in TABLES)


def _own_grant(partner: str, table: str) -> Grant:
    return Grant(
        agreement=OWN_RECORDS,
        version="",
        entry=0,
        purpose=OWN_RECORDS,
        kind=PurposeKind.OPERATIONS,
        form=AccessForm.IDENTIFIED,
        basis=OWN_RECORDS,
        bases=frozenset(),
        interest="The partner reads back its own records",
        reach=Reach.ALL,
        discloser=partner,
        recipients=frozenset({partner}),
        roles=frozenset(),
        table=table,
        columns=MappingProxyType(dict.fromkeys((*TABLES[table].elements, *COMMON), WHOLE)),
        population=(),
        records=(None, None),
        minimum_cell=1,
        training=frozenset(),
        effective=date.min,
        expires=date.max,
        onward=(),
    )


def refusal_text(reasons: Iterable[Reason]) -> str:
    """The reasons in order, each once; those that differ only by agreement are merged into one sentence."""
    alike: dict[tuple[str, ...], dict[str, None]] = {}
    for reason in reasons:
        around = tuple(
            re.split(rf"(?<= in ){re.escape(reason.agreement)}(?![\w-])", reason.sentence, maxsplit=1)
        )
        alike.setdefault(around if reason.agreement else (reason.sentence,), {})[reason.agreement] = None
    return " ".join(listed(named).join(around) for around, named in alike.items())
