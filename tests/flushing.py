"""What a test that commits left in the database, deleted: from the tables that hold something, and from no other.

Django's own flush empties every table and then makes content types and permissions anew, the same ones: on PostgreSQL that
took longer than most tests, since each table that is emptied so gets new files.
"""

from dataclasses import replace

from django.db import connection, transaction

from throughway.partners.triggers import append_only

STANDS = {"django_content_type", "auth_permission"}  # filled by `migrate`, of what no test changes


def flush() -> None:
    """Deletes every row that a test committed, and puts back each trigger that is missing, whoever took it away."""
    kept = list(append_only())
    with transaction.atomic():
        full = tables_with_rows()
        for each in kept:
            replace(each, tables={t: once for t, once in each.tables.items() if t in full}).drop(connection)
        with connection.cursor() as cursor:
            for table in full:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
    for each in kept:
        if each.missing(connection):
            each.put(connection)


def tables_with_rows() -> list[str]:
    """The tables that hold a row, save what `migrate` fills."""
    names = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - STANDS
    asked = (
        f"SELECT '{n}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(n)})" for n in sorted(names)
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [name for (name,) in cursor.fetchall()]
