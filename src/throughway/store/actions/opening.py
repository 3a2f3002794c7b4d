"""Opens the community's database: the one that its folder records, with tables and rights that this program can work with.

Everything is checked before anything is written. Tables are made in a new, empty database alone; `throughway init`, `demo` and
`restore` do so, and no other command.
"""

from collections.abc import Collection
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from throughway.core.database_errors import ROLES, permission_denied
from throughway.core.prose import counted, listed
from throughway.core.refusals import Refused
from throughway.store import database_record
from throughway.store.actions import database_rights
from throughway.store.community import Community
from throughway.store.database_record import APART, POSTGRESQL, SQLITE, UNFINISHED, DatabaseRecord
from throughway.store.models import StoreVersion

MIGRATIONS = "django_migrations"
VERSION = StoreVersion._meta.db_table
ANOTHER = (
    "The database that is named is not the one in which this community lives: {why}. Name the right one in THROUGHWAY_DATABASE_URL; "
    "nothing was changed."
)


PATIENCE = 120  # seconds that a command or a background task waits for another's transaction: nobody looks at a page meanwhile


def wait_long_for_others() -> None:
    """From the next connection on this process waits PATIENCE for SQLite's one write lock; a server has none."""
    if connection.vendor == SQLITE:
        connection.settings_dict["OPTIONS"]["timeout"] = PATIENCE


def open_database(community: Community, *, append_only: Collection[str]) -> None:
    """Brings the tables of a community up to date; Refused where the database is another's, was written by a newer program, or gives
    this role too few rights. A folder from before there were records gets one here.

    `append_only`: the tables in which the role needs no right to change a row.
    """
    if connection.settings_dict["NAME"] == database_record.sqlite_address(community):
        database_record.check_file(community)
    if connection.vendor == POSTGRESQL:
        database_rights.check_usable()
    tables = tables_there()
    if UNFINISHED in tables:
        raise Refused(
            "The database is not whole: a command that was filling it, `init`, `demo` or `restore`, was interrupted. Give that command "
            "again; it removes what is there.",
            code="half_initialised",
        )
    if MIGRATIONS not in tables:
        raise Refused(ANOTHER.format(why="it holds no community"), code="other_database")
    if connection.vendor == POSTGRESQL:
        ours, kept = own_tables() & tables, set(append_only) & tables
        database_rights.check_rights(changes=ours - kept, appends=kept, reads=[MIGRATIONS])
    record = _proven(community, tables)
    bring_up_to_date()
    if record is None:
        record_database(community, keep=True)


def create_database(community: Community) -> None:
    """Makes the tables of a new community, in a database that is empty (`filling`), and records the database."""
    if connection.vendor == SQLITE:
        community.database.touch(mode=0o600, exist_ok=False)  # connecting never makes it
    call_command("migrate", verbosity=0, interactive=False)
    record_database(community)


def migrate_to(applied: Collection[tuple[str, str]]) -> None:
    """Makes the tables as a database has them to which exactly these migrations, (app, name), were applied."""
    executor = MigrationExecutor(connection)
    _check_known(applied, executor)
    graph = executor.loader.graph
    executor.migrate(
        [each for each in applied if not any(child.key in applied for child in graph.node_map[each].children)]
    )


def record_database(community: Community, *, keep: bool = False) -> DatabaseRecord:
    """Writes into the connected database, and then into the folder, that the community lives there, under a new id; `keep`: under the
    id that the database has already.

    Whoever moves a community to another database calls it there, last: from then on the folder refuses the former database. A crash
    between the two leaves a folder that refuses the new one.
    """
    with transaction.atomic(durable=True):
        version, _ = StoreVersion.objects.select_for_update().get_or_create(
            id=1, defaults={"store": uuid4().hex}
        )
        if not (keep and version.database):
            version.database = uuid4().hex
            version.save(update_fields=["database"])
    record = DatabaseRecord(connection.vendor, version.database)
    database_record.write(community, record)
    return record


def own_tables() -> set[str]:
    """The tables of this program's models and caches."""
    return {str(cache.get("LOCATION")) for cache in settings.CACHES.values()} | {
        m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy
    }  # fmt: skip


def tables_there() -> set[str]:
    """The names of the database's tables, whoever made them."""
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor))


def _proven(community: Community, tables: Collection[str]) -> DatabaseRecord | None:
    """The record that folder and database share; None where neither contradicts the other and there is none yet. Refused otherwise."""
    record = database_record.read(community)
    store, id = named_by_database(tables)
    if record is not None:
        if record != DatabaseRecord(connection.vendor, id):
            why = "it holds another community" if id else "it does not have the id that the folder records"
            raise Refused(ANOTHER.format(why=why), code="other_database")
        return record
    if community.store_name is not None or community.has_landed:
        if community.store_name != store:
            raise Refused(APART, code="other_store")
    elif connection.vendor == POSTGRESQL and (store or id):
        # The file in the folder proves itself by lying there; a server does not.
        raise Refused(ANOTHER.format(why="it holds another community"), code="other_database")
    return None


def named_by_database(tables: Collection[str]) -> tuple[str, str]:
    """The store and the database's id that the database names, each empty where it names none; read before the tables are up to date."""
    if VERSION not in tables:
        return "", ""
    with connection.cursor() as cursor:
        columns = {c.name for c in connection.introspection.get_table_description(cursor, VERSION)}
        id = "database" if "database" in columns else "''"
        cursor.execute(f"SELECT store, {id} FROM {VERSION}")
        row: tuple[str, str] | None = cursor.fetchone()
    return row or ("", "")


def _check_known(applied: Collection[tuple[str, str]], executor: MigrationExecutor) -> None:
    unknown = sorted(set(applied) - executor.loader.disk_migrations.keys())
    if unknown:
        first = listed(f"{app} {name}" for app, name in unknown[:2])
        more = f" and {counted(len(unknown) - 2, 'other')}" if len(unknown) > 2 else ""
        raise Refused(
            f"The database was changed by a newer version of Throughway ({first}{more}), which this one does not know. Install that "
            'version again, or go back to a backup from before the upgrade: docs/operations.md, "The way back". Nothing was changed.',
            code="newer_schema",
        )


def bring_up_to_date() -> None:
    """Applies the migrations that are missing; Refused where the database has some that are unknown, or where this role may not."""
    executor = MigrationExecutor(connection)
    _check_known(executor.loader.applied_migrations, executor)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return
    if connection.vendor == POSTGRESQL and not database_rights.owns(MIGRATIONS):
        raise permission_denied(
            f"The tables must be brought up to date ({counted(len(plan), 'change')}), and the role {database_rights.role()} may not "
            f"(permission denied): end `serve`, run `throughway check` once with the address of {database_rights.owner(MIGRATIONS)}, who "
            f"owns them, in THROUGHWAY_DATABASE_URL, and give {database_rights.role()} its rights on new tables ({ROLES}). Nothing was "
            "changed."
        )
    call_command("migrate", verbosity=0, interactive=False)
