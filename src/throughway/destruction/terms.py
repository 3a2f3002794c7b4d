"""The retention terms of one destruction: which agreements keep data, and which no longer do.

A destruction keeps only what another agreement, in effect or signed by all, by itself authorises, element and row (34 CFR
99.31(a)(6)(iii)(C)(4), 99.35(a)(2)). By itself: through tiers above it that stand too. An agreement that has ended keeps
nothing of what this one took in; what it alone took in waits for its own destruction, unless a legal hold keeps it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.effective_grants import grants_of_text
from throughway.agreements.enums import PurposeKind
from throughway.agreements.grant import Grant
from throughway.agreements.status import AgreementStatus
from throughway.destruction.retention import RetentionRule, either, needs_on_any_day, without
from throughway.vocabulary import TABLES

# By the names of their states, so that a new state keeps nothing until it is named here.
STANDING = frozenset({"active", "suspended", "signed", "not_yet_effective"})
ENDED = frozenset({"expired", "terminated", "winding_down"})


@dataclass(frozen=True)
class RetentionTerms:
    """`rules`: by partner and table. `keepers`: by partner, the agreements by which anything of it stays. `linked`: partners
    whose records some of them lets be linked. `staying`: all agreements whose keys may go on opening files."""

    rules: Mapping[str, Mapping[str, RetentionRule]]
    keepers: Mapping[str, frozenset[str]]
    linked: frozenset[str]
    staying: frozenset[str]


@dataclass(frozen=True)
class RemainingAgreements:
    """The other agreements: the grants of those in force or on hold, and of those that ended and are not destroyed yet."""

    standing: Sequence[Grant]
    ended: Sequence[Grant]
    ids: frozenset[str]


def remaining_agreements(
    every: Iterable[AgreementStatus],
    *,
    apart: Collection[str],
    held: Collection[str],
    destroyed: Collection[str],
    began: Collection[str],
) -> RemainingAgreements:
    """`apart`: what is destroyed now; `began`: agreements that once were in effect."""
    beside = [s for s in every if s.document.id not in apart and s.document.id not in destroyed]
    stands = [s for s in beside if s.state in STANDING]
    ended = [s for s in beside if s.state in ENDED and s.document.id in began]
    kept = [s for s in ended if s.document.id in held]
    over = [s for s in ended if s.document.id not in held]
    return RemainingAgreements(
        [g for s in stands for g in grants_of_text(s, stands)]
        + [g for s in kept for g in grants_of_text(s, list(every))],
        [g for s in over for g in grants_of_text(s, list(every))],
        frozenset(s.document.id for s in (*stands, *ended)),
    )


def of_agreement(
    own: Sequence[Grant],
    beside: RemainingAgreements,
    *,
    partners: Iterable[str],
    batches: Mapping[str, Mapping[str, Collection[str]]],
) -> RetentionTerms:
    """`batches`: by partner, the loads that the agreement let in, each with its tables."""
    rules: dict[str, dict[str, RetentionRule]] = {}
    keepers: dict[str, frozenset[str]] = {}
    for partner in sorted({*partners, *batches}):
        needed = needs_on_any_day(own, partner)
        stay, over = needs_on_any_day(beside.standing, partner), needs_on_any_day(beside.ended, partner)
        loads = batches.get(partner, {})
        brought = frozenset(loads)
        tables = needed.keys() | {table for of_one in loads.values() for table in of_one}
        rules[partner] = {
            table: RetentionRule(
                own=needed.get(table),
                beside=either(
                    stay.get(table),
                    without(over.get(table), needed[table].columns if table in needed else ()),
                ),
                others=either(stay.get(table), over.get(table)),
                batches=brought,
            )
            for table in sorted(tables)
        }
        keepers[partner] = frozenset(
            a for needs in (stay, over) for need in needs.values() for a in need.agreements
        )
    return RetentionTerms(rules, keepers, _linked([*beside.standing, *beside.ended]), beside.ids)


def of_consent(
    partner: str, record: int, beside: RemainingAgreements, batches: Mapping[str, Collection[str]]
) -> RetentionTerms:
    """Of one learner's rows, which came in by a consent that has ended, those that nothing takes in any more: not the agreement
    itself, by the consents that stand today, and no other. `batches`: the loads that the agreement let in, each with its tables."""
    stay, over = needs_on_any_day(beside.standing, partner), needs_on_any_day(beside.ended, partner)
    rules = {
        table: RetentionRule(
            own=None,
            beside=None,
            others=either(stay.get(table), over.get(table)),
            batches=frozenset(batches),
            of=frozenset({record}),
        )
        for table in sorted({table for of_one in batches.values() for table in of_one})
        if TABLES[table].of_person
    }
    keepers = frozenset(a for needs in (stay, over) for need in needs.values() for a in need.agreements)
    return RetentionTerms(
        {partner: rules}, {partner: keepers}, _linked([*beside.standing, *beside.ended]), beside.ids
    )


def of_partner(partner: str, beside: RemainingAgreements, tables: Iterable[str]) -> RetentionTerms:
    """Destroys everything of the partner except what an agreement in force or on hold authorises."""
    stay = needs_on_any_day(beside.standing, partner)
    rules = {
        table: RetentionRule(own=None, beside=stay.get(table), others=None, everything=True)
        for table in sorted(set(tables))
    }
    keepers = frozenset(a for need in stay.values() for a in need.agreements)
    return RetentionTerms({partner: rules}, {partner: keepers}, _linked(beside.standing), beside.ids)


def _linked(grants: Iterable[Grant]) -> frozenset[str]:
    return frozenset(grant.discloser for grant in grants if grant.kind is PurposeKind.LINKAGE)
