"""Context of every page: the reader's visibility, the names of partners, and whether something exists for the reader."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from django.http import Http404

from throughway.agreements.agreement_list import may_see
from throughway.agreements.document import AgreementDocument
from throughway.agreements.selectors import agreement_statuses, pending_amendments
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.governance import selectors
from throughway.governance.bodies import Body, GovernanceDecision, Meeting, Motion, Seat
from throughway.governance.data_request import DataRequest
from throughway.governance.permissions import may_govern, may_run_desk
from throughway.governance.visibility import GovernanceVisibility
from throughway.partners import Actor, PartnerFacts
from throughway.partners.selectors import partners

Found = TypeVar("Found")


def _found(one: Callable[[int], Found], number: int) -> Found:
    try:
        return one(number)
    except Refused:
        raise Http404 from None


class GovernanceContext:
    """What one reader sees of governance; each register is read once. The operator sees all: nothing here is student data."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.today = date.today()

    @cached_property
    def partners(self) -> Mapping[str, PartnerFacts]:
        return partners()

    @cached_property
    def names(self) -> dict[str, str]:
        return {id: facts.name for id, facts in self.partners.items()}

    @cached_property
    def bodies(self) -> Mapping[str, Body]:
        return selectors.bodies()

    @cached_property
    def seats(self) -> tuple[Seat, ...]:
        """In office today."""
        return selectors.in_office(self.today)

    @cached_property
    def mine(self) -> dict[str, Seat]:
        """By body, the reader's seat."""
        return {seat.body: seat for seat in self.seats if seat.holder == self.actor.email}

    @cached_property
    def visible(self) -> GovernanceVisibility:
        own = self.partners.get(self.actor.partner or "")
        seated = {seat.body for seat in self.seats if seat.partner == self.actor.partner}
        return GovernanceVisibility(self.actor, own.kind if own else None, self.bodies, seated)

    @cached_property
    def agreements(self) -> dict[str, AgreementStatus]:
        """Those that the reader may see, with the text in effect or the newest."""
        return {s.document.id: s for s in agreement_statuses(self.today) if self._sees(s.document)}

    def _sees(self, document: AgreementDocument) -> bool:
        return self.actor.is_operator or may_see(self.actor, document, self.partners)

    @cached_property
    def texts(self) -> dict[str, AgreementStatus]:
        """As `agreements`, with the text that is being prepared where there is one."""
        later = {s.document.id: s for s in pending_amendments(self.today) if s.document.id in self.agreements}
        return self.agreements | later

    @property
    def runs_desk(self) -> bool:
        return may_run_desk(self.actor, self.visible.own)

    def governs(self, body: Body) -> bool:
        return may_govern(self.actor, self.visible.own, body, self.seats)

    def body(self, id: str) -> Body:
        found = self.bodies.get(id)
        if found is None or not self.visible.body(found):
            raise Http404
        return found

    def meeting(self, number: int) -> tuple[Meeting, Body]:
        found = _found(selectors.meeting, number)
        return found, self.body(found.body)

    def motion(self, number: int) -> tuple[Motion, Body]:
        found = _found(selectors.motion, number)
        body = self.body(found.body)
        if not self.sees(found):
            raise Http404
        return found, body

    def sees(self, motion: Motion) -> bool:
        """Whether the reader may see the subject of a motion; the caller has checked the body."""
        if motion.request is not None:
            return motion.request in self.request_numbers
        return (
            not motion.agreement or motion.agreement in self.agreements or motion.body in self.visible.seated
        )

    def motions(self, **only: Any) -> list[Motion]:
        return [motion for motion in selectors.motions(**only) if self.sees(motion)]

    def request(self, number: int) -> DataRequest:
        found = _found(selectors.request, number)
        if not self.visible.request(found):
            raise Http404
        return found

    def requests(self) -> list[DataRequest]:
        return [each for each in selectors.requests() if self.visible.request(each)]

    @cached_property
    def request_numbers(self) -> frozenset[int]:
        """Numbers of the requests that the reader sees."""
        return frozenset(each.number for each in self.requests())

    def decisions(self) -> list[GovernanceDecision]:
        return [
            d
            for d in selectors.decisions()
            if self.visible.decision(d, self.agreements.__contains__, self.request_numbers)
        ]

    def decision(self, number: int) -> GovernanceDecision:
        found = next((d for d in self.decisions() if d.number == number), None)
        if found is None:
            raise Http404
        return found
