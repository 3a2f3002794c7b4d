"""Counts from the ledger how one partner's data were used, for those who may ask. Each request is recorded in the ledger too."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet, TextField
from django.db.models.functions import Cast

from throughway.agreements.enums import PartyRole
from throughway.agreements.grant import own_grants
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.ledger import recording
from throughway.ledger.actions.student_disclosures import LOOK, VIEWERS
from throughway.ledger.entry import LOOKED, Entry
from throughway.ledger.models import LedgerEntry
from throughway.ledger.usage_statement import EntryGroup, UsageLabels, UsageStatement, statement
from throughway.ledger.visibility import about_records_of, with_texts
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.partners.kinds import PartnerKind
from throughway.partners.selectors import known, own_kind, partner_names, partners

LISTS = ("agreements", "elements", "recipients")
ENTRY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
AT_ONCE = 500  # ids in one SQL statement


def statement_of(partner: str, first: date, last: date) -> UsageStatement:
    """How the partner's data were used from the first day to the last (UTC), both included."""
    known = agreement_statuses(date.today())
    gives = sorted(s.document.id for s in known if partner in s.document.parties_with(PartyRole.DISCLOSER))
    given = {(s.document.id, s.version): _given(s, partner) for s in known}
    within = _within(first, last)
    groups = list(_groups(_about(within, partner, gives)))
    return statement(
        groups, partner=partner, first=first, last=last, given=lambda *text: given.get(text),
        releases=_releases(within, partner),
    )  # fmt: skip


def words_of_the_day() -> UsageLabels:
    """Today's names of partners, agreements and purposes."""
    known = agreement_statuses(date.today())
    return UsageLabels(
        names=partner_names(),
        titles={s.document.id: s.document.title for s in known},
        interests={purpose.id: purpose.interest for s in known for purpose in s.document.purposes},
    )


def _given(standing: AgreementStatus, partner: str) -> frozenset[str]:
    """The elements that the partner gives or gave under an agreement, ignoring limits of wider tiers: by the text as signed and as in
    effect, because a partner may have joined, left or withheld its data since."""
    texts = (standing.document, standing.signed_text)
    return frozenset(
        f"{grant.table}.{column}"
        for text in texts
        for grant in own_grants(replace(standing, document=text))
        if grant.discloser == partner
        for column in (*grant.columns, "person_record")
    )


def _within(first: date, last: date) -> QuerySet[LedgerEntry]:
    start, end = (datetime.combine(day, time.min, UTC) for day in (first, last + timedelta(days=1)))
    return LedgerEntry.objects.filter(at__gte=start, at__lt=end)


def _about(found: QuerySet[LedgerEntry], partner: str, gives: Iterable[str]) -> QuerySet[LedgerEntry]:
    """Entries that name the partner as discloser; and refusals under an agreement by which it gives data, since refusals name no
    discloser."""
    concerned = Q(
        disclosers_text__contains=f'"{partner}"', outcome__in=("released", "refused", "passed_on", "looked")
    )
    for agreement in gives:
        concerned |= Q(outcome="refused", reasons_text__contains=f'"agreement": "{agreement}"')
    return with_texts(found).filter(concerned)


def _groups(found: QuerySet[LedgerEntry]) -> Iterator[EntryGroup]:
    """Groups of entries that differ only by students, counted in the database."""
    lists = {f"{name}_json": Cast(name, TextField()) for name in LISTS}
    alike = found.annotate(**lists).values("outcome", "purpose", "interest", "basis", "exempt", *lists,
                                           partner=F("actor_partner"), role=F("actor_role"))  # fmt: skip
    for row in alike.annotate(times=Count("*"), first=Min("at"), last=Max("at")).order_by():
        days = {name: row[name].astimezone(UTC).date() for name in ("first", "last")}
        read = {name: json.loads(row.pop(f"{name}_json")) for name in LISTS}
        agreements = tuple((id, version) for id, version in read.pop("agreements"))
        yield EntryGroup(
            **{**row, **days, "agreements": agreements, **{n: tuple(v) for n, v in read.items()}}
        )


def _releases(within: QuerySet[LedgerEntry], partner: str) -> int:
    """Releases in the period for which a record of the partner was read, found by the disclosure entries that they name."""
    read_for = [
        frozenset(ENTRY.findall(json.dumps(reasons)))
        for reasons in within.filter(outcome="published").values_list("reasons", flat=True)
    ]
    ids = sorted(set().union(*read_for)) if read_for else []
    of_partner: set[str] = set()
    for start in range(0, len(ids), AT_ONCE):
        named = LedgerEntry.objects.filter(id__in=ids[start : start + AT_ONCE])
        of_partner.update(about_records_of(partner, named).values_list("id", flat=True))
    return sum(not entries.isdisjoint(of_partner) for entries in read_for)


INTEREST = "To learn how a partner's data were used"


def may_ask(actor: Actor, own: PartnerKind | None, partner: str) -> bool:
    """Whether the actor may ask: the partner's leader, privacy officer and data steward; those of the backbone, for every partner; and
    the operator, since the statement names no student."""
    if actor.is_operator:
        return True
    return actor.role in CUSTODIANS and (own == PartnerKind.BACKBONE or actor.partner == partner)


def use_of(*, partner: str, first: date, last: date, by: Actor) -> UsageStatement:
    """How the partner's data were used from the first day to the last, both included. Refused for a period that ends before it begins,
    and to those who may not ask."""
    if partner not in partners():
        known(partner)  # raises Refused for unknown partners
    if not may_ask(by, own_kind(by), partner):
        raise Refused(
            f"How a partner's data were used may be seen by its {', '.join(sorted(CUSTODIANS))}, and by "
            f"those of the backbone.",
            code="not_allowed",
            citations=[VIEWERS],
        )
    if last < first:
        raise Refused("The last day is before the first day; change one of them.", code="bad_period")
    found = statement_of(partner, first, min(last, datetime.now(UTC).date()))
    with transaction.atomic():
        recording.append(
            Entry(
                outcome=LOOKED, actor=by, purpose="ledger", interest=INTEREST, on=date.today(), disclosers=(partner,),
                exempt=LOOK,
            )
        )  # fmt: skip
    return found
