"""What every page shows around its content: the community, the reader's destinations in the header and at the foot, who is signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from throughway.partners.actor import CUSTODIANS, OFFICERS, Role
from throughway.store.community import Community

LABELS: Mapping[str, str] = {
    "home": "Home",
    "casework:students": "Students",
    "sessions:list": "Today’s sessions",
    "agreements:list": "Agreements",
    "insight:pipeline": "Pipeline",
    "intake:loads": "Loads",
    "identity:persons": "Persons",
    "ledger:ledger": "Ledger",
    "partners:list": "Partners",
    "publication:releases": "Releases",
    "services:newest": "Services promised",
    "needs:newest": "Needs",
    "overlaps:newest": "Overlaps",
    "trends:newest": "Trends",
    "reach:newest": "Whom programs reach",
    "studies:list": "What works",
    "desk:ask": "Ask in SQL",
    "experiences:newest": "Experiences",
    "experiences:comments": "Read comments",
    "reach:what_if": "What if",
    "monthly:month": "The month",
    "supports:list": "Supports",
    "open_steps:open_steps": "Where things stand",
    "drafting:list": "Drafts",
    "governance:list": "How we decide",
    "destruction:list": "Destruction",
    "families:list": "Families’ requests",
    "casework:referrals": "Referrals",
    "casework:unanswered": "Referrals without an answer",
    "casework:caseloads": "Who works with whom",
    "training:list": "Training",
    "vocabulary:list": "Vocabulary",
    "readiness:start": "Getting started",
    "backups": "Backups",
}
HEADER: Mapping[Role, tuple[str, ...]] = {
    Role.CASE_WORKER: ("home", "casework:students", "supports:list", "agreements:list", "insight:pipeline"),
    Role.PROGRAM_MANAGER: (
        "home",
        "casework:students",
        "supports:list",
        "agreements:list",
        "insight:pipeline",
    ),
    Role.DATA_STEWARD: ("home", "intake:loads", "identity:persons", "agreements:list", "ledger:ledger"),
    Role.PRIVACY_OFFICER: ("home", "agreements:list", "ledger:ledger", "intake:loads", "partners:list"),
    Role.EVALUATOR: ("home", "insight:pipeline", "studies:list", "desk:ask", "agreements:list"),
    Role.LEADER: ("home", "insight:pipeline", "agreements:list", "ledger:ledger", "partners:list"),
}
# The links in a page's footer, and their readers.
FOOT: Mapping[str, frozenset[Role]] = {
    "open_steps:open_steps": frozenset(Role),
    "drafting:list": CUSTODIANS,
    "governance:list": frozenset(Role),
    "partners:list": frozenset(Role),
    "supports:list": frozenset(Role),
    "services:newest": frozenset(Role),
    "needs:newest": frozenset(Role),
    "overlaps:newest": frozenset(Role),
    "trends:newest": frozenset(Role),
    "reach:newest": frozenset(Role),
    "studies:list": frozenset(Role),
    "experiences:newest": frozenset(Role),
    "experiences:comments": frozenset({Role.EVALUATOR, Role.DATA_STEWARD}),
    "reach:what_if": frozenset({Role.LEADER, Role.PROGRAM_MANAGER}),
    "monthly:month": frozenset({Role.LEADER, Role.PROGRAM_MANAGER}),
    "publication:releases": frozenset(Role),
    "destruction:list": CUSTODIANS,
    "families:list": OFFICERS,
    "casework:referrals": frozenset({Role.CASE_WORKER, Role.PROGRAM_MANAGER}),
    "casework:unanswered": frozenset({Role.LEADER}),
    "casework:caseloads": OFFICERS,
    "sessions:list": frozenset({Role.CASE_WORKER, Role.PROGRAM_MANAGER}),
    "training:list": frozenset(Role),
    "vocabulary:list": frozenset(Role),
    "readiness:start": CUSTODIANS,
    "backups": CUSTODIANS,
}


@dataclass(frozen=True)
class Destination:
    label: str
    href: str
    is_current: bool = False


def _address(name: str) -> str | None:
    """The address of a destination, or None while its room has no screens."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def destinations(role: Role, path: str) -> list[Destination]:
    """The header's destinations; the one that `path` lies under is current."""
    found = [(LABELS[name], href) for name in HEADER[role] if (href := _address(name)) is not None]
    return [
        Destination(label, href, path == href or (href != "/" and path.startswith(href)))
        for label, href in found
    ]


def quiet_destinations(role: Role) -> list[Destination]:
    """Further destinations of this role, at the foot of a page."""
    names = [name for name, roles in FOOT.items() if role in roles and name not in HEADER[role]]
    return [Destination(LABELS[name], href) for name in names if (href := _address(name)) is not None]


def page_context(request: HttpRequest) -> dict[str, Any]:
    from django.conf import settings

    community: Community = settings.COMMUNITY
    name = community.settings.community.name
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        # shown once: why the visitor must sign in again
        ended = hasattr(request, "session") and request.session.pop("ended", False)
        has_register = community.settings.site.register
        sign_on = {partner: found.name or partner for partner, found in community.settings.sign_on.items()}
        return {"community_name": name, "ended": ended, "sign_on": sign_on, "has_register": has_register}
    role = Role(user.role)
    return {
        "community_name": name,
        "destinations": destinations(role, request.path),
        "quiet_destinations": quiet_destinations(role),
        "role_name": role.label,
        "partner_name": user.partner.name,
    }
