"""After a test that commits, the database is as it was: without rows, and with each of its triggers."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from tests.agreements.documents import MOU, PARTNERS, text_of
from tests.flushing import append_only, flush
from throughway.agreements import actions
from throughway.partners import OPERATOR
from throughway.partners.actions import add_partner
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)


def rows() -> dict[str, int]:
    """How many each table holds, of those that hold any."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return {table: count for table, count in found.items() if count}


def test_what_was_committed_is_gone_and_every_trigger_stands(community: Community) -> None:
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)
    actions.add(text=text_of(MOU), by=OPERATOR)
    assert {"partners_partner", "agreements_agreementevent"} <= set(rows())
    for kept in append_only():
        kept.drop(connection)
    flush()
    assert set(rows()) == {"django_content_type", "auth_permission"}
    assert [name for kept in append_only() for name in kept.missing(connection)] == []


def test_it_leaves_what_djangos_own_flush_leaves() -> None:
    def standing() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        kinds = ContentType.objects.values_list("app_label", "model")
        rights = Permission.objects.values_list("codename", "content_type__model")
        return sorted(kinds), sorted(rights)

    flush()
    ours, counted = standing(), rows()
    for kept in append_only():
        kept.drop(connection)
    call_command("flush", verbosity=0, interactive=False)
    assert standing() == ours
    assert rows() == counted
