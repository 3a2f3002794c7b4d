"""Rows that people type for another partner: what an agreement lets the receiver read, and who may answer what was sent.

Sending is a disclosure. It is decided for the receiver as a whole: what of the table does some agreement in effect show its people,
about this record, on this day? When one of its people reads the row, role and training are decided as for any reading.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from throughway.agreements.confidential_partners import why_confidential
from throughway.agreements.effective_grants import grants_of, grants_of_text, why_not_in_effect
from throughway.agreements.enums import AccessForm, AuthorCapacity, Basis, PurposeKind, Reach
from throughway.agreements.grant import Grant
from throughway.agreements.selectors import statuses_and_bars
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.gate.actions.current_row_scope import FromDatabase, allowed
from throughway.gate.actions.writing import AdmittedRow, RowPlace
from throughway.gate.decision import PRIOR_CONSENT, Decision
from throughway.gate.row_scope import RowScope
from throughway.partners.actor import Actor
from throughway.partners.debarment import standing as standing_bar
from throughway.partners.selectors import partner_names, partners
from throughway.store.actions.links import links_of
from throughway.store.selectors import Snapshot
from throughway.vocabulary import TABLES

# What a receiver must be shown of a row to answer it: the columns of every table between two partners.
NEEDED = ("entry_id", "version")


@dataclass(frozen=True)
class Sending:
    """A row that goes to another partner: `elements` are the columns that have a value in it."""

    receiver: str
    elements: frozenset[str]


@dataclass(frozen=True)
class ReceivingBasis:
    """Under which grants the receiver's people read it, and which columns these show unchanged."""

    grants: tuple[Grant, ...]
    elements: frozenset[str]

    @property
    def by_consent(self) -> bool:
        return any(choice.basis is Basis.CONSENT for grant in self.grants for choice in grant.choices)


def receiving_basis(
    stored: Snapshot, table: str, discloser: str, record: int, receiver: str, on: date
) -> ReceivingBasis:
    """What agreements in effect show the receiver's people of the table about this record of the discloser. Refused (no_agreement,
    no_consent) where that is nothing."""
    statuses, bars = statuses_and_bars(on)
    names = partner_names()
    to, of = names.get(receiver, receiver), names.get(discloser, discloser)
    naming = [each for each in statuses if _names(each, table)]
    found = [g for s in naming for g in _to(grants_of(s, statuses), table, discloser, receiver)]
    barred = standing_bar(bars, receiver, discloser, on)
    found = [g for g in found if barred is None or g.basis == Basis.PARTNER_RECORDS]
    if not found:
        why = _ended(naming, statuses, table, discloser, receiver)
        raise Refused(
            f"No agreement in effect lets {of} share this with {to}{f': {why}' if why else '.'} Ask your privacy officer which agreement"
            " should; nothing was sent.",
            code="no_agreement",
            citations=[PRIOR_CONSENT],
        )
    actor = Actor("", receiver, sorted(found[0].roles)[0])
    registers = FromDatabase(stored, actor, Decision(tuple(found)))
    people = RowScope(found, registers, links_of(stored), linked=(), reader=receiver, days=(on,))
    about = np.array([record], dtype=np.int64)
    open_now = [grant for grant in found if len(allowed(people, [grant], about))]
    if not open_now:
        raise Refused(
            f"The family’s consent to share this with {to} is not in force. Record the family’s answer first; nothing was sent.",
            code="no_consent",
            citations=[PRIOR_CONSENT],
        )
    shown = {name for g in open_now for name, transform in g.columns.items() if transform.name == "none"}
    lacking = sorted(set(NEEDED) - shown)
    if lacking:
        raise Refused(
            f"{open_now[0].agreement} does not show {to} which row is which, so nothing can be answered; ask your privacy officer to add"
            f" {table}.* to its schedule.",
            code="no_agreement",
            citations=[PRIOR_CONSENT],
        )
    return ReceivingBasis(tuple(open_now), frozenset(shown))


def check_may_send(basis: ReceivingBasis, sending: Sending, table: str) -> None:
    """Refused (not_shared) where the row holds something that the receiver may not read."""
    more = sorted(sending.elements - basis.elements)
    if more:
        raise Refused(
            f"{basis.grants[0].agreement} does not let the receiver read {more[0].replace('_', ' ')}; leave it empty. Nothing was sent.",
            code="not_shared",
            citations=[PRIOR_CONSENT],
        )


def _to(grants: Collection[Grant], table: str, discloser: str, receiver: str) -> list[Grant]:
    """The grants that show identified rows of the table to people of the receiver, whom they do not serve yet."""
    return [
        grant
        for grant in grants
        if (grant.table, grant.discloser) == (table, discloser)
        if receiver in grant.recipients and not grant.authors and grant.roles
        if (grant.kind, grant.form, grant.reach) == (PurposeKind.CASEWORK, AccessForm.IDENTIFIED, Reach.ALL)
    ]


def possible_receivers(table: str, discloser: str, on: date) -> frozenset[str]:
    """The partners with which some agreement in effect lets the discloser share rows of the table, whatever families decide."""
    statuses, _ = statuses_and_bars(on)
    grants = [g for s in statuses if _names(s, table) for g in grants_of(s, statuses)]
    named = {partner for grant in grants for partner in grant.recipients}
    return frozenset(each for each in named if _to(grants, table, discloser, each))


def _names(status: AgreementStatus, table: str) -> bool:
    return any(line.table == table for line in status.document.schedule)


def _ended(
    naming: Sequence[AgreementStatus], statuses: Sequence[AgreementStatus], table: str, discloser: str, receiver: str
) -> str:  # fmt: skip
    """Why an agreement that would let it is not in effect; empty where there is none."""
    for each in naming:
        if each.activated and _to(grants_of_text(each, statuses), table, discloser, receiver):
            return " ".join(why_not_in_effect(each, statuses))
    return ""


def admitted_answer(
    stored: Snapshot, decision: Decision, actor: Actor, table: str, discloser: str, record: int, people: RowScope, *, entry: str, protected: bool
) -> AdmittedRow:  # fmt: skip
    """Refused (not_granted, unknown_row) where the actor may not answer the entry that was sent to the actor's partner about this record.
    Whoever may not read it now may not answer it. `protected`: one of the answers that a service may give whose clients the law
    protects, and whose people type nothing else."""
    partner = actor.partner or ""
    sent = [
        grant
        for grant in decision.grants
        if (grant.table, grant.discloser) == (table, discloser) and partner in grant.addressed
        if len(allowed(people, [grant], np.array([record], dtype=np.int64)))
    ]
    if not sent or not _was_sent(stored, table, discloser, record, partner, entry):
        raise Refused(
            "You cannot open this now: it was not sent to your organization, or what let you read it is not in force any more. Go back to"
            " your list.",
            code="unknown_row",
            citations=["34 CFR 99.30"],
        )
    answering = [
        grant
        for grant in decision.grants
        if (grant.table, grant.discloser, grant.capacity) == (table, discloser, AuthorCapacity.RECEIVER)
        if partner in grant.authors
    ]
    if why_confidential(partners()[partner].legal) is not None:
        if not protected:
            raise Refused(
                f"{partner} answers with connected, not connected or cannot say, and with nothing else: that a person is its client is"
                " itself protected.",
                code="confidential_service",
                citations=["42 CFR 2.13(c)"],
            )
        answering = sent
    if not answering:
        raise Refused(
            f"No agreement lets {partner} answer what is sent to it; ask your privacy officer which agreement should.",
            code="not_granted",
            citations=[PRIOR_CONSENT],
        )
    place = RowPlace(answering[0].agreement, discloser, record, partner, AuthorCapacity.RECEIVER)
    return AdmittedRow(place, [answering[0], *sent], np.array([record], dtype=np.int64))


def _was_sent(stored: Snapshot, table: str, discloser: str, record: int, receiver: str, entry: str) -> bool:
    rows = (
        stored.sealed(table, discloser, [record]).select(["entry_id", TABLES[table].between[1]]).to_pylist()
    )
    return any((row["entry_id"], row[TABLES[table].between[1]]) == (entry, receiver) for row in rows)
