"""`/health/`: what a monitor asks, without signing in. It names no partner, no student and no version."""

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from throughway.core.disk_full import has_room
from throughway.partners.models import Partner
from throughway.site.background import is_running


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, the background process runs and the disk has room; otherwise 503, and what is missing."""
    found = {
        "database": _database_answers(),
        "background": is_running(settings.COMMUNITY.data),
        "disk": has_room(settings.COMMUNITY.data),
    }
    return JsonResponse({"ok": all(found.values()), **found}, status=200 if all(found.values()) else 503)


def _database_answers() -> bool:
    try:
        Partner.objects.exists()
    except Error:
        return False
    return True
