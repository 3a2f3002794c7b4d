"""What a role of PostgreSQL may do with the tables of a community, and the line that cures what is missing.

Read from the catalogs, which every role may read: nothing is tried out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import connection

from throughway.core.database_errors import ROLES, permission_denied
from throughway.core.prose import listed

# The rights that the program needs and this role lacks, table by table: all four, but no change of an append-only table, and nothing but
# to read of some.
LACKS = """
SELECT needed, c.relname FROM pg_class c CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS needed
WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) AND NOT has_table_privilege(c.oid, needed) AND (
  c.relname = ANY(%(changes)s) OR (needed IN ('SELECT', 'INSERT') AND c.relname = ANY(%(appends)s))
  OR (needed = 'SELECT' AND c.relname = ANY(%(reads)s)))
ORDER BY 2, 1
"""
FEW = 6  # tables up to which a line names each


def role() -> str:
    """The role under which this process is connected."""
    return str(_one("SELECT current_user"))


def owner(table: str) -> str:
    return str(_one("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = %s::regclass", table))


def owns(table: str) -> bool:
    """Whether this role is the table's owner, a member of it, or a superuser."""
    return bool(_one("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass", table))


def is_superuser() -> bool:
    return bool(_one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))


def check_usable() -> None:
    """Refused where this role may not use the schema, so that every table would seem to be missing."""
    if _one("SELECT current_schema()") is None:
        raise permission_denied(
            f"The role {role()} may not use the schema public of the database {_name()} (permission denied). As the owner of the "
            f'database, run: GRANT USAGE ON SCHEMA public TO "{role()}"; and then give it its rights on the tables ({ROLES}).'
        )


def check_may_create() -> None:
    """Refused where this role may make no tables in the database."""
    check_usable()
    if not _one("SELECT has_schema_privilege(current_schema(), 'CREATE')"):
        owning = _one("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
        raise permission_denied(
            f"The role {role()} may make no tables in the database {_name()} (permission denied). Name the address of its owner, {owning}, "
            f"in THROUGHWAY_DATABASE_URL for this command; afterwards, give {role()} its rights on the tables ({ROLES})."
        )


def check_rights(*, changes: Collection[str], appends: Collection[str], reads: Collection[str]) -> None:
    """Refused where this role lacks a right that the program needs: to read, add, change and delete rows in `changes`, to read and add
    in `appends`, to read in `reads`."""
    with connection.cursor() as cursor:
        cursor.execute(LACKS, {"changes": list(changes), "appends": list(appends), "reads": list(reads)})
        found = cursor.fetchall()
    if not found:
        return
    names = sorted({table for _, table in found})
    shown = listed(names) if len(names) <= FEW else f"{', '.join(names[:FEW])} and {len(names) - FEW} more"
    lines = " ".join(_few(found) if len(names) <= FEW else grants(role(), appends))
    raise permission_denied(
        f"The role {role()} lacks rights on tables of the database {_name()} (permission denied): {shown}. As {owner(names[0])}, who "
        f"owns them, run in that database: {lines}"
    )


def _few(found: Iterable[tuple[str, str]]) -> list[str]:
    """A line for each set of rights that is missing: never more than that."""
    rights: dict[str, list[str]] = defaultdict(list)
    for right, table in found:
        rights[table].append(right)
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for table, missing in rights.items():
        alike[tuple(missing)].append(table)
    return [
        f'GRANT {", ".join(missing)} ON {", ".join(tables)} TO "{role()}";'
        for missing, tables in alike.items()
    ]


def grants(to: str, appends: Collection[str]) -> list[str]:
    """The lines with which the owner of the tables gives a role all that the program needs, and no right to change `appends`."""
    return [
        f'GRANT USAGE ON SCHEMA public TO "{to}";',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{to}";',
        f'REVOKE UPDATE, DELETE ON {", ".join(sorted(appends))} FROM "{to}";',
        f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{to}";',
    ]


def changeable(tables: Collection[str]) -> list[str]:
    """Those of the tables in which this role may change, delete or truncate rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind IN ('r', 'p') AND pg_table_is_visible(oid) AND "
            "(has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE') OR has_table_privilege(oid, 'TRUNCATE')) "
            "ORDER BY 1",
            [list(tables)],
        )
        return [name for (name,) in cursor.fetchall()]


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _one(sql: str, *values: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        row = cursor.fetchone()
    return row[0] if row else None
