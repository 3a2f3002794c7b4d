"""The retention terms of one destruction: which agreements keep data, and which no longer do.

A destruction keeps only the elements and rows that another agreement, in effect or signed by all, authorizes on its own (34 CFR
99.31(a)(6)(iii)(C)(4), 99.35(a)(2)). Its wider tiers must be in force too. An agreement that has ended keeps nothing that the
destroyed one admitted; rows that only it admitted wait for its own destruction. A legal hold on it keeps its data.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from throughway.agreements.effective_grants import grants_of_text
from throughway.agreements.enums import PurposeKind
from throughway.agreements.grant import Grant
from throughway.agreements.status import AgreementStatus
from throughway.destruction.retention import RetentionRule, either, needs_on_any_day, without
from throughway.vocabulary import TABLES

# The states are named here, so that a new state keeps nothing until it is added.
STANDING = frozenset({"active", "suspended", "signed", "not_yet_effective"})
ENDED = frozenset({"expired", "terminated", "winding_down"})


@dataclass(frozen=True)
class RetentionTerms:
    """`rules`: by partner and table. `keepers`: by partner, the agreements that keep any of its data. `linked`: partners whose records
    some of them allows to be linked. `staying`: all agreements whose keys may still open files. `keeping`: those that keep what the
    people of a leaving partner typed. `under`: the ended agreement whose keys open what must be kept for now, where a part is destroyed."""

    rules: Mapping[str, Mapping[str, RetentionRule]]
    keepers: Mapping[str, frozenset[str]]
    linked: frozenset[str]
    staying: frozenset[str]
    keeping: frozenset[str] = frozenset()
    under: str = ""

    @property
    def opening(self) -> frozenset[str]:
        """All agreements whose keys may still open files, for now too."""
        return self.staying | ({self.under} if self.under else frozenset())


@dataclass(frozen=True)
class RemainingAgreements:
    """The other agreements: the grants of those in force or on hold, and of those that ended and whose data is not destroyed yet."""

    standing: Sequence[Grant]
    ended: Sequence[Grant]
    ids: frozenset[str]


def remaining_agreements(
    every: Iterable[AgreementStatus],
    *,
    destroying: Collection[str],
    held: Collection[str],
    destroyed: Collection[str],
    began: Collection[str],
) -> RemainingAgreements:
    """`destroying`: the ids being destroyed now; `began`: agreements that were once in effect."""
    others = [s for s in every if s.document.id not in destroying and s.document.id not in destroyed]
    standing = [s for s in others if s.state in STANDING]
    ended = [s for s in others if s.state in ENDED and s.document.id in began]
    on_hold = [s for s in ended if s.document.id in held]
    over = [s for s in ended if s.document.id not in held]
    return RemainingAgreements(
        [g for s in standing for g in grants_of_text(s, standing)]
        + [g for s in on_hold for g in grants_of_text(s, list(every))],
        [g for s in over for g in grants_of_text(s, list(every))],
        frozenset(s.document.id for s in (*standing, *ended)),
    )


def of_agreement(
    own: Sequence[Grant],
    remaining: RemainingAgreements,
    *,
    partners: Iterable[str],
    batches: Mapping[str, Mapping[str, Collection[str]]],
) -> RetentionTerms:
    """`batches`: by partner, the loads under the agreement, each with its tables."""
    rules: dict[str, dict[str, RetentionRule]] = {}
    keepers: dict[str, frozenset[str]] = {}
    for partner in sorted({*partners, *batches}):
        needed = needs_on_any_day(own, partner)
        stay, over = needs_on_any_day(remaining.standing, partner), needs_on_any_day(remaining.ended, partner)
        loads = batches.get(partner, {})
        brought = frozenset(loads)
        tables = needed.keys() | {table for of_one in loads.values() for table in of_one}
        rules[partner] = {
            table: RetentionRule(
                own=needed.get(table),
                keep_own=either(
                    stay.get(table),
                    without(over.get(table), needed[table].columns if table in needed else ()),
                ),
                keep_brought=either(stay.get(table), over.get(table)),
                batches=brought,
            )
            for table in sorted(tables)
        }
        keepers[partner] = frozenset(
            a for needs in (stay, over) for need in needs.values() for a in need.agreements
        )
    return RetentionTerms(rules, keepers, _linked([*remaining.standing, *remaining.ended]), remaining.ids)


def in_part(terms: RetentionTerms, agreement: str, spared: Mapping[str, frozenset[int]]) -> RetentionTerms:
    """Destroys of what an ended agreement's terms destroy the rows of all learners but these; rows of no learner, the agreement's keys and
    the links of whoever stays wait for the rest. `spared`: by partner."""
    rules = {
        partner: {
            table: replace(rule, spared=spared.get(partner, frozenset()))
            for table, rule in of_one.items()
            if TABLES[table].of_person
        }
        for partner, of_one in terms.rules.items()
    }
    keepers = {partner: found | {agreement} for partner, found in terms.keepers.items()}
    return replace(terms, rules=rules, keepers=keepers, linked=terms.linked | rules.keys(), under=agreement)


def of_consent(
    partner: str, record: int, remaining: RemainingAgreements, batches: Mapping[str, Collection[str]]
) -> RetentionTerms:
    """Destroys one learner's rows that were stored under an ended consent and that no agreement now admits, under the consents in
    force today. `batches`: the loads under the agreement, each with its tables."""
    stay, over = needs_on_any_day(remaining.standing, partner), needs_on_any_day(remaining.ended, partner)
    rules = {
        table: RetentionRule(
            own=None,
            keep_own=None,
            keep_brought=either(stay.get(table), over.get(table)),
            batches=frozenset(batches),
            of=frozenset({record}),
        )
        for table in sorted({table for of_one in batches.values() for table in of_one})
        if TABLES[table].of_person
    }
    keepers = frozenset(a for needs in (stay, over) for need in needs.values() for a in need.agreements)
    return RetentionTerms(
        {partner: rules}, {partner: keepers}, _linked([*remaining.standing, *remaining.ended]), remaining.ids
    )


def of_partner(partner: str, remaining: RemainingAgreements, tables: Iterable[str]) -> RetentionTerms:
    """Destroys everything of the partner except what an agreement in force or on hold authorizes."""
    stay = needs_on_any_day(remaining.standing, partner)
    rules = {
        table: RetentionRule(own=None, keep_own=stay.get(table), keep_brought=None, everything=True)
        for table in sorted(set(tables))
    }
    keepers = frozenset(a for need in stay.values() for a in need.agreements)
    keeping = frozenset(grant.agreement for grant in remaining.standing if grant.discloser == partner)
    return RetentionTerms(
        {partner: rules}, {partner: keepers}, _linked(remaining.standing), remaining.ids, keeping
    )


def _linked(grants: Iterable[Grant]) -> frozenset[str]:
    return frozenset(grant.discloser for grant in grants if grant.kind is PurposeKind.LINKAGE)
