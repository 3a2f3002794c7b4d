"""What every page says around its content: the community, the way round, who is signed in."""

from typing import Any

from django.http import HttpRequest

from throughway.partners import Role
from throughway.site.navigation import destinations, quiet_destinations
from throughway.store.community import Community


def page(request: HttpRequest) -> dict[str, Any]:
    from django.conf import settings

    community: Community = settings.COMMUNITY
    name = community.settings.get("community", {}).get("name", "")
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        # Why a visitor is at the door again, said once.
        ended = hasattr(request, "session") and request.session.pop("ended", False)
        has_register = community.settings.get("site", {}).get("register", True)
        return {"community_name": name, "ended": ended, "has_register": has_register}
    role = Role(user.role)
    return {
        "community_name": name,
        "destinations": destinations(role, request.path),
        "quiet_destinations": quiet_destinations(role),
        "role_name": role.label,
        "partner_name": user.partner.name,
    }
