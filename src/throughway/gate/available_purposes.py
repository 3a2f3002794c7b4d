"""The purposes that name a reader: those of agreements in effect whose recipients and roles include the reader.

Being named is not access: `decision` may still ask for training, and `row_scope` for consent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.effective_grants import why_not_in_effect
from throughway.agreements.enums import AccessForm, PurposeKind, Reach
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.partners.actor import Actor


@dataclass(frozen=True)
class OpenPurpose:
    """One purpose entry of one agreement that a reader may enter under. `why`: a sentence when the agreement, or a wider agreement
    above it, is not in effect. `suspended`: the id of the suspended agreement that closes it, if any. `types`: the tables of which
    the reader may type rows under it."""

    purpose: str
    interest: str
    kind: PurposeKind
    form: AccessForm
    reach: Reach
    agreement: str
    title: str
    disclosers: tuple[str, ...]
    training: tuple[str, ...]
    expires: date
    basis: str
    why: str = ""
    suspended: str = ""
    types: frozenset[str] = frozenset()


def openings(
    standings: Sequence[AgreementStatus],
    actor: Actor,
    kinds: Sequence[PurposeKind],
    *,
    also_ended: bool = False,
) -> list[OpenPurpose]:
    """The purposes in effect; with `also_ended` also those whose agreement is not in effect, each with a sentence that says why."""
    found = []
    for standing in standings:
        document = standing.document
        why = " ".join(why_not_in_effect(standing, standings))
        if why and not also_ended:
            continue
        suspended = suspension(standing, standings) if why else ""
        for entry in document.purposes:
            meant = actor.partner in document.recipients(entry) and actor.role in entry.roles
            if entry.kind in kinds and meant:
                found.append(
                    OpenPurpose(
                        entry.id, entry.interest, entry.kind, entry.form, entry.reach, document.id, document.title,
                        document.disclosers(entry), document.courses(entry), document.terms.expires,
                        entry.basis, why, suspended, _types(document, entry, actor),
                    )
                )  # fmt: skip
    return found


def _types(document: AgreementDocument, entry: Purpose, actor: Actor) -> frozenset[str]:
    """The tables of which the actor may type rows under the entry, if the gate lets the actor in."""
    return frozenset(
        write.table
        for write in document.writes
        if (not write.roles or actor.role in write.roles)
        and any(author == actor.partner for author, _ in document.owners(write, entry))
    )


def suspension(standing: AgreementStatus, standings: Sequence[AgreementStatus]) -> str:
    """The id of the suspended agreement: this one, or the first wider agreement above it; empty where none is suspended."""
    if not standing.in_effect:
        return standing.document.id if standing.state is AgreementState.SUSPENDED else ""
    by_id = {each.document.id: each for each in standings}
    asked = list(standing.document.under)
    seen: set[str] = set()
    while asked:
        id = asked.pop(0)
        above = by_id.get(id)
        if above is None or id in seen:
            continue
        if above.state is AgreementState.SUSPENDED:
            return id
        seen.add(id)
        asked.extend(above.document.under)
    return ""
