"""Every write to the register of partners and users."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from throughway.partners.actor import Actor
from throughway.partners.caseload import Assigned
from throughway.partners.kinds import LegalStatus, PartnerFacts, PartnerKind
from throughway.partners.models import CaseloadEvent, Partner, User
from throughway.partners.permissions import check_can_keep_registers
from throughway.partners.reading import assignments, known
from throughway.partners.roles import Role
from throughway.refusals import Refused

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


@transaction.atomic
def add_partner(*, id: str, name: str, kind: str, legal: Iterable[str] = (), by: Actor) -> PartnerFacts:
    """Adds a partner to the register; Refused when the id is taken or a word is unknown."""
    check_can_keep_registers(by)
    if not ID.fullmatch(id):
        raise Refused(
            f"{id!r} cannot be a partner's id: use small letters, digits and hyphens.", code="bad_id"
        )
    if not name.strip():
        raise Refused(f"Partner {id} needs a name (--name).", code="missing_name")
    if kind not in set(PartnerKind):
        raise Refused(
            f"{kind!r} is no kind of partner; choose {', '.join(PartnerKind)}.", code="unknown_kind"
        )
    unknown = sorted(set(legal) - set(LegalStatus))
    if unknown:
        raise Refused(
            f"{', '.join(unknown)} is no legal status; choose from {', '.join(LegalStatus)}.",
            code="unknown_status",
        )
    if Partner.objects.filter(id=id).exists():
        raise Refused(f"A partner with the id {id} is already there; nothing was changed.", code="exists")
    partner = Partner.objects.create(
        id=id, name=name, kind=kind, stated=sorted(set(legal)), added_by=by.email
    )
    return partner.facts()


@transaction.atomic
def add_user(*, email: str, partner: str, role: str, password: str | None = None, by: Actor) -> Actor:
    """Adds a user who acts for a partner; Refused when the address is taken or a word is unknown."""
    check_can_keep_registers(by)
    known(partner)
    if role not in set(Role):
        raise Refused(f"{role!r} is no role; choose {', '.join(Role)}.", code="unknown_role")
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(
            "That is not an e-mail address; write it as name@example.org.", code="bad_email"
        ) from None
    if User.objects.filter(email__iexact=email).exists():
        raise Refused("A user with that e-mail address is already there; nothing was changed.", code="exists")
    user = User(email=email.lower(), partner_id=partner, role=role, added_by=by.email)
    user.set_password(password)
    user.save()
    return Actor(user.email, partner, role)


@transaction.atomic
def assign(*, assigned: Sequence[Assigned], by: Actor) -> int:
    """Writes assignments of students to users, and gives how many were new or changed; the same once more changes nothing.

    An assignment ends when it is said again, with the same first day and a last one. Users and partners are known.
    """
    check_can_keep_registers(by)
    standing = set(assignments())
    said = [each for each in dict.fromkeys(assigned) if each not in standing]
    now = datetime.now(UTC)
    CaseloadEvent.objects.bulk_create(
        CaseloadEvent(
            email=each.email, partner=each.partner, record=each.record, first=each.first, last=each.last, at=now, by=by.email
        )
        for each in said
    )  # fmt: skip
    return len(said)
