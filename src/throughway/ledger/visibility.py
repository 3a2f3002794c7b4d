"""Who may see which ledger entry, and whose e-mail address is shown with it (34 CFR 99.32(c)). Decided only in this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from throughway.agreements.enums import PartyRole
from throughway.agreements.selectors import agreement_statuses
from throughway.ledger.access_channels import is_of_figures
from throughway.ledger.models import LedgerEntry
from throughway.partners.actor import Actor


@dataclass(frozen=True)
class LedgerVisibility:
    """What one reader may see. `everything`: the people of a steward, who keep everyone's records. Others see what concerns their
    partner; `gives_under`: the agreements under which it gives records."""

    partner: str
    everything: bool
    gives_under: frozenset[str] = frozenset()

    def entries(self) -> QuerySet[LedgerEntry]:
        """Entries about the partner's own records, those that its own people requested, requests refused under an agreement by which
        it gives, requests made to it as an authority, and publications, which everyone may read."""
        if self.everything:
            return LedgerEntry.objects.all()
        if not self.partner:
            return LedgerEntry.objects.none()
        visible = (
            Q(outcome="published")
            | Q(actor_partner=self.partner)
            | Q(disclosers_text__contains=_quoted(self.partner))
            | Q(outcome="requested", recipients_text__contains=_quoted(self.partner))
        )
        for agreement in sorted(self.gives_under):
            visible |= Q(outcome="refused", reasons_text__contains=f'"agreement": {_quoted(agreement)}')
        return with_texts(LedgerEntry.objects.all()).filter(visible)

    def tells_address(self, by_partner: str | None) -> bool:
        """A discloser sees which partner and role received records; only that partner and the steward see who it was."""
        return self.everything or by_partner == self.partner


def rows_shown(row: LedgerEntry | Mapping[str, Any]) -> int | None:
    """How many rows an entry handed out. None of figures, whatever the entry holds: earlier versions wrote there how many were counted,
    which a report withholds."""
    outcome, way, rows = (
        (row.outcome, row.way, row.rows)
        if isinstance(row, LedgerEntry)
        else (row["outcome"], row["way"], row["rows"])
    )
    return None if outcome == "released" and is_of_figures(way) else rows


LISTS = ("disclosers", "recipients", "reasons")


def with_texts(entries: QuerySet[LedgerEntry], *lists: str) -> QuerySet[LedgerEntry]:
    """The entries with their lists as text columns too (`disclosers_text` …), which both databases can search."""
    return entries.annotate(**{f"{name}_text": Cast(name, TextField()) for name in lists or LISTS})


def about_records_of(partner: str, entries: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
    """The entries that name the partner as discloser."""
    return with_texts(entries).filter(Q(disclosers_text__contains=_quoted(partner)))


def _quoted(id: str) -> str:
    """An id as quoted in JSON. It has no character that JSON escapes, and the quotes delimit it, so that no other id matches."""
    return f'"{id}"'


@dataclass(frozen=True)
class LedgerPageContext:
    """What a page of the ledger needs about agreements: what the reader may see, purposes by interest, agreements by title, those
    whose pages the reader may open, and the purposes in these."""

    sight: LedgerVisibility
    interests: Mapping[str, str]
    titles: Mapping[str, str]
    open: frozenset[str]
    purposes: frozenset[str]


def page_context(actor: Actor, today: date | None = None) -> LedgerPageContext:
    """The context for one reader; a reader who acts for no partner sees no ledger entries here."""
    found = agreement_statuses(today or date.today())
    partner = actor.partner or ""
    stewards = {p for s in found if s.in_effect for p in s.document.parties_with(PartyRole.STEWARD)}
    gives = frozenset(s.document.id for s in found if partner in s.document.parties_with(PartyRole.DISCLOSER))
    sees = LedgerVisibility(partner, partner in stewards, gives)
    may_open = [s.document for s in found if sees.everything or partner in s.document.partners]
    return LedgerPageContext(
        sees,
        {purpose.id: purpose.interest for s in found for purpose in s.document.purposes},
        {s.document.id: s.document.title for s in found},
        frozenset(document.id for document in may_open),
        frozenset(purpose.id for document in may_open for purpose in document.purposes),
    )


def sight(actor: Actor, today: date | None = None) -> LedgerVisibility:
    """The visibility of the ledger for this reader."""
    return page_context(actor, today).sight
