"""What a reader sees of governance; the rest answers like an address that does not exist.

Everyone sees the community's bodies. A board is seen by its partner and the backbone. A data request is seen by the partner that
made it, the partners whose records it asks for, those with a seat in the body that decides it, and the backbone. A decision about an
agreement is seen by those who see the agreement, and by those with a seat in the body that made it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from throughway.governance.bodies import Body, GovernanceDecision, MotionKind
from throughway.governance.data_request import DataRequest
from throughway.partners import Actor, PartnerKind

SeesAgreement = Callable[[str], bool]


@dataclass(frozen=True)
class GovernanceVisibility:
    """What one reader sees. `seated`: ids of bodies in which the reader's partner has a seat today."""

    actor: Actor
    own: PartnerKind | None
    bodies: Mapping[str, Body]
    seated: Collection[str]

    @property
    def runs_all(self) -> bool:
        return self.actor.is_operator or self.own is PartnerKind.BACKBONE

    def body(self, body: Body) -> bool:
        return body.partner is None or self.runs_all or body.partner == self.actor.partner

    def request(self, request: DataRequest) -> bool:
        decides = any(
            id in self.bodies and MotionKind.GRANT in self.bodies[id].decides and not self.bodies[id].partner
            for id in self.seated
        )
        concerned = self.actor.partner in (request.partner, *request.wanted.of)
        return self.runs_all or concerned or decides

    def decision(
        self, decision: GovernanceDecision, sees_agreement: SeesAgreement, requests: Collection[int]
    ) -> bool:
        """`requests`: the numbers of those that the reader sees."""
        body = self.bodies.get(decision.body or "")
        if body is not None and not self.body(body):
            return bool(decision.agreement) and sees_agreement(decision.agreement)
        if decision.body in self.seated or self.runs_all:
            return True
        if decision.request is not None:
            return decision.request in requests
        return not decision.agreement or sees_agreement(decision.agreement)
