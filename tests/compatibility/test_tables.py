"""The tables and columns of a folder made earlier are still there; tables.txt lists them, a table a line."""

from pathlib import Path

import pytest
from django.db import connection

TABLES = Path(__file__).with_name("tables.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.django_db
def test_no_table_and_no_column_vanishes() -> None:
    """More may come. One that must go is migrated: with a test of its own that every value arrived, and then struck from the list."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        gone = []
        for table, *columns in map(str.split, TABLES):
            if table in there:
                found = {
                    column.name for column in connection.introspection.get_table_description(cursor, table)
                }
            else:
                found = set()
            gone += [f"{table}.{column}" for column in columns if column not in found]
    assert gone == []
