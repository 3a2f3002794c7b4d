"""`/health/`: what a monitor asks, without signing in. It names no partner, no student and no version."""

from django.conf import settings
from django.db import DatabaseError, Error, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from throughway.core.disk_full import has_room
from throughway.partners.models import Partner
from throughway.site.background import is_running

LONGEST = 5  # seconds that a change may wait for others


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, a change need not wait for others, the background process runs and the disk has room; otherwise 503,
    and what is missing."""
    answers = _database_answers()
    found = {
        "database": answers,
        "changes": answers and _changes_begin(),
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


def _changes_begin() -> bool:
    """False while somebody has waited LONGEST for others. SQLite has one lock for all who write, and this asks for it; a server tells which
    of its statements wait."""
    try:
        if connection.vendor == "sqlite":
            return _lock_is_granted()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                " AND now() - query_start > %s * interval '1 second'",
                [LONGEST],
            )
            [waiting] = cursor.fetchone()
            return int(waiting) == 0
    except Error:
        return False


def _lock_is_granted() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        [usual] = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {LONGEST * 1000}")
        try:
            with transaction.atomic():
                return True
        except DatabaseError:
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
