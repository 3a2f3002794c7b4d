"""Every change of a partner's legal statuses after it was registered. The register only grows; `status_change.py` says what takes two people."""

from collections.abc import Collection
from datetime import UTC, datetime

from django.db import transaction

from throughway.core.prose import listed
from throughway.core.refusals import Refused, did_you_mean
from throughway.partners.actor import OPERATOR, Actor
from throughway.partners.kinds import IMPLIED, LegalStatus, PartnerFacts
from throughway.partners.legal_status.selectors import status_change_asked, status_changes
from throughway.partners.legal_status.status_change import (
    LONGEST_REASON,
    StatusChange,
    StatusChangeAsked,
    StatusEventKind,
    needs_second,
)
from throughway.partners.models import Partner, PartnerStatusEvent
from throughway.partners.permissions import check_can_change_statuses, check_is_second_person
from throughway.partners.selectors import known, who_answers


@transaction.atomic
def change_statuses(
    *, partner: str, adds: Collection[str] = (), removes: Collection[str] = (), reason: str, by: Actor
) -> StatusChange | StatusChangeAsked:
    """Changes a partner's legal statuses at once or, where it takes two people, asks, and a second person of the partner agrees within two
    weeks; the operator of the folder changes alone. Refused where nothing would change, for a status that the kind implies, and where nobody could
    agree."""
    Partner.objects.select_for_update().filter(id=partner).first()
    facts = known(partner)
    check_can_change_statuses(by, partner)
    added, removed = _statuses(adds), _statuses(removes)
    _check_changes(facts, added, removed)
    words = _reason(reason)
    if by.is_operator or not needs_second(added, removed):
        return _change(partner, added, removed, words, by.email)
    if not who_answers(partner, apart_from=by.email):
        raise Refused(
            f"This change needs a second person of {partner}, and it has nobody else who could agree; ask the operator of the folder to "
            "make it with `throughway partner status`.",
            code="nobody_second",
        )
    event = _record(partner, StatusEventKind.ASKED, added, removed, words, by.email)
    asked = status_change_asked(event.pk)
    assert asked is not None
    return asked


@transaction.atomic
def agree_to_statuses(*, number: int, by: Actor) -> StatusChange:
    """The second person agrees. On the word of the operator, who named them on the command line, the operator stands with it."""
    asked = _asked(number, by)
    makes = OPERATOR.email if by.on_operators_word else by.email
    return _change(asked.partner, asked.adds, asked.removes, asked.reason, makes, asked)


@transaction.atomic
def decline_statuses(*, number: int, by: Actor) -> None:
    asked = _asked(number, by)
    _record(asked.partner, StatusEventKind.DECLINED, asked.adds, asked.removes, asked.reason, by.email, asked)


def _asked(number: int, by: Actor) -> StatusChangeAsked:
    request = PartnerStatusEvent.objects.filter(pk=number, what=StatusEventKind.ASKED).first()
    if request is not None:
        Partner.objects.select_for_update().get(id=request.partner_id)  # so that it is settled once
    asked = status_change_asked(number)
    if asked is None:
        raise Refused(
            "Nobody has asked for that change, or it was settled already; see `throughway partner statuses`.",
            code="not_asked",
        )
    check_is_second_person(by, asked.partner, asked.people)
    return asked


def _check_changes(
    facts: PartnerFacts, adds: frozenset[LegalStatus], removes: frozenset[LegalStatus]
) -> None:
    if not adds and not removes:
        raise Refused("Say which status to add or to remove.", code="no_change")
    if both := adds & removes:
        raise Refused(f"{listed(sorted(both))} cannot be added and removed at once.", code="no_change")
    if implied := removes & IMPLIED[facts.kind]:
        raise Refused(
            f"{listed(sorted(implied))} comes with the kind {facts.kind}, so it cannot be removed.",
            code="implied",
        )
    if there := adds & facts.legal:
        raise Refused(
            f"{facts.id} has {listed(sorted(there))} already; nothing was changed.", code="no_change"
        )
    if missing := removes - facts.stated:
        raise Refused(
            f"{facts.id} does not have {listed(sorted(missing))}; nothing was changed.", code="no_change"
        )


def _statuses(given: Collection[str]) -> frozenset[LegalStatus]:
    for each in given:
        if each not in set(LegalStatus):
            cure = did_you_mean(each, LegalStatus, f"choose from {', '.join(LegalStatus)}.")
            raise Refused(f"{each!r} is not a legal status; {cure}", code="unknown_status")
    return frozenset(map(LegalStatus, given))


def _reason(text: str) -> str:
    plain = " ".join(text.split())
    if not plain or len(plain) > LONGEST_REASON:
        raise Refused(
            f"Say why, such as the license or the law that applies, in at most {LONGEST_REASON} characters.",
            code="no_reason",
        )
    return plain


def _change(
    partner: str, adds: frozenset[LegalStatus], removes: frozenset[LegalStatus], reason: str, by: str,
    asked: StatusChangeAsked | None = None,
) -> StatusChange:  # fmt: skip
    _record(partner, StatusEventKind.CHANGED, adds, removes, reason, by, asked)
    return next(each for each in reversed(status_changes()) if each.partner == partner)


def _record(
    partner: str, what: StatusEventKind, adds: frozenset[LegalStatus], removes: frozenset[LegalStatus], reason: str, by: str,
    asked: StatusChangeAsked | None = None,
) -> PartnerStatusEvent:  # fmt: skip
    return PartnerStatusEvent.objects.create(
        partner_id=partner, what=what, adds=sorted(adds), removes=sorted(removes), reason=reason, at=datetime.now(UTC), by=by,
        settles_id=asked.number if asked else None, asked_by=asked.by if asked else "",
    )  # fmt: skip
