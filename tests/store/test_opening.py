"""Which database a command opens, with which rights: by commands in processes of their own, on SQLite and on PostgreSQL."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.town import APP, OWNER, Fresh, Town, address_of, superuser_of
from throughway.store import database_record
from throughway.store.community import Community

LEDGER = "gate_furtherevent, gate_ledgerentry, gate_ledgerhead, gate_ledgerleaf, gate_ledgersieve"
GRANTS = (
    f'GRANT USAGE ON SCHEMA public TO "{APP}"; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{APP}"; '
    f'REVOKE UPDATE, DELETE ON {LEDGER} FROM "{APP}"; GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{APP}";'
)
COMMANDS = [
    ("check",),
    ("ledger", "verify"),
    ("partner", "list"),
    ("backup", "DATA", "KEYS"),
    ("serve", "--port", "0"),
]


def refused(town: Town, *words: object) -> tuple[str, str]:
    error = town.told(*words, exit=1)["error"]
    return error["code"], error["message"]


def sql(database: str, *statements: str) -> list[Any]:
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        return [connection.execute(each) for each in statements]


@dataclass(frozen=True)
class Two:
    """A community that its owner made on PostgreSQL, and the same as the application opens it."""

    owner: Town
    app: Town

    @property
    def database(self) -> str:
        assert self.owner.database
        return self.owner.database

    @contextmanager
    def without(self, wrong: str, right: str) -> Iterator[None]:
        sql(self.database, wrong)
        try:
            yield
        finally:
            sql(self.database, right)


@pytest.fixture(scope="module")
def towns(fresh_database: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Town]]:
    """Two communities, each in a database of its own. A test leaves both as it found them."""
    root = tmp_path_factory.mktemp("towns")
    with fresh_database() as first, fresh_database() as second:
        found = [Town(root / "one", first), Town(root / "another", second)]
        found[0].ask("init", found[0].root)
        if second:
            found[1].ask("init", found[1].root)
        else:
            found[1].found()
            found[1].ask("check")  # records its file
        yield found


@pytest.fixture(scope="module")
def two(on_postgresql: bool, towns: list[Town]) -> Two:
    if not on_postgresql:
        pytest.skip("SQLite has no roles")
    owner = towns[0]
    assert owner.database
    return Two(owner, replace(owner, database=address_of(owner.database, APP)))


def test_rights_that_are_missing_are_named_with_the_line_that_gives_them(two: Two) -> None:
    for words in (("check",), ("serve", "--port", "0")):  # nobody has given the application any right
        code, message = refused(two.app, *words)
        assert code == "permission_denied"
        assert message.startswith(f"The role {APP} lacks rights on tables")
        assert message.endswith(f"As {OWNER}, who owns them, run in that database: {GRANTS}")
    sql(two.database, GRANTS)
    assert two.app.ask("check") == {"ok": True, "problems": [], "due": [], "rights": []}
    with two.without(
        f"REVOKE ALL ON partners_partner FROM {APP}; REVOKE DELETE ON partners_user FROM {APP}",
        f"GRANT DELETE ON partners_user TO {APP}; GRANT SELECT, INSERT, UPDATE, DELETE ON partners_partner TO {APP}",
    ):
        code, message = refused(two.app, "partner", "list")
        assert code == "permission_denied"
        line = message.partition("run in that database: ")[2]
        assert line == (
            f'GRANT DELETE, INSERT, SELECT, UPDATE ON partners_partner TO "{APP}"; GRANT DELETE ON partners_user TO "{APP}";'
        )
        sql(two.database, line)
        assert two.app.ask("partner", "list") == {"partners": []}
    with two.without(
        f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {APP}", f"GRANT USAGE ON SCHEMA public TO PUBLIC, {APP}"
    ):
        code, message = refused(two.app, "check")
        assert code == "permission_denied"
        assert f'run: GRANT USAGE ON SCHEMA public TO "{APP}";' in message


def test_the_application_is_told_who_brings_the_tables_up_to_date(two: Two) -> None:
    sql(two.database, GRANTS)
    applied = "django_migrations (app, name, applied) VALUES ('store', '0004_backupmade', now())"
    with two.without(
        "DELETE FROM django_migrations WHERE app = 'store' AND name LIKE '0004%'", f"INSERT INTO {applied}"
    ):
        code, message = refused(two.app, "check")
        assert code == "permission_denied"
        assert "brought up to date (1 change)" in message
        assert f"with the address of {OWNER}, who owns them" in message


def test_what_weakens_the_ledger_is_named(two: Two) -> None:
    sql(two.database, GRANTS)
    with two.without(
        f"GRANT DELETE ON gate_ledgerentry TO {APP}", f"REVOKE DELETE ON gate_ledgerentry FROM {APP}"
    ):
        [problem] = two.app.told("check", exit=1)["problems"]
        assert f"role {APP}" in problem
        assert problem.endswith(f'REVOKE UPDATE, DELETE, TRUNCATE ON gate_ledgerentry FROM "{APP}";')
    [problem] = replace(two.owner, database=superuser_of(two.database)).told("check", exit=1)["problems"]
    assert "is a superuser" in problem
    owned = two.owner.ask("check")
    assert (owned["ok"], len(owned["rights"])) == (True, 1)
    assert "owns the tables of the ledger" in owned["rights"][0]
    # A trigger that was dropped, and one that is switched off, of two rooms: named to the site, put back by the owner.
    sql(
        two.database,
        "DROP TRIGGER casework_task_stays ON casework_task",
        "ALTER TABLE gate_ledgerentry DISABLE TRIGGER gate_ledgerentry_stays",
    )
    for _ in range(2):
        problems = two.app.told("check", exit=1)["problems"]
        assert len(problems) == 2
        for problem, trigger in zip(
            sorted(problems), ("casework_task_stays", "gate_ledgerentry_stays"), strict=True
        ):
            assert (
                f": {trigger} is missing or switched off; the owner of the tables puts that back" in problem
            )
    assert all("it is back now" in problem for problem in two.owner.told("check", exit=1)["problems"])
    assert two.app.ask("check")["problems"] == two.owner.ask("check")["problems"] == []


def test_a_missing_table_is_named(two: Two) -> None:
    sql(two.database, GRANTS)
    with two.without(
        "ALTER TABLE casework_task RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO casework_task"
    ):
        [problem] = two.app.told("check", exit=1)["problems"]
        assert "lacks 1 table of this version (casework_task)" in problem


def test_a_table_of_somebody_else_is_in_no_backup(two: Two, tmp_path: Path, fresh_database: Fresh) -> None:
    sql(two.database, GRANTS)
    with two.without("CREATE TABLE notes AS SELECT 'mine' AS words", "DROP TABLE notes"):
        assert two.app.ask("backup", tmp_path / "d", tmp_path / "k")["problems"] == []
    with fresh_database() as empty:
        again = Town(tmp_path / "again", empty)
        assert again.ask("restore", tmp_path / "d", tmp_path / "k", again.root)["problems"] == []


def test_every_command_refuses_a_database_in_which_the_community_does_not_live(
    towns: list[Town], tmp_path: Path, fresh_database: Fresh, on_postgresql: bool
) -> None:
    one, another = towns
    community = Community(one.root)
    before = sorted(path.name for path in community.data.iterdir())
    with ExitStack() as stack:
        if on_postgresql:
            empty = stack.enter_context(fresh_database()) or ""
            wrong = {"not set": replace(one, database=None), "another": replace(one, database=another.database),
                     "no community": replace(one, database=empty)}  # fmt: skip
        else:
            wrong = {
                "names a server": replace(one, database="postgresql://town@127.0.0.1:1/town"),
                "another": one,
            }
            kept = community.database.rename(tmp_path / "kept")
            stack.callback(kept.rename, community.database)
            shutil.copy(Community(another.root).database, community.database)
        for words, mistaken in wrong.items():
            for command in COMMANDS:
                given = [str(tmp_path / word) if word in ("DATA", "KEYS") else word for word in command]
                code, message = refused(mistaken, *given)
                assert (code, words in message) == ("other_database", True), (words, command, message)
        assert not (tmp_path / "DATA").exists()
        assert sorted(path.name for path in community.data.iterdir()) == before
        if on_postgresql:
            third = tmp_path / "third"
            assert refused(Town(third, another.database), "init", third)[0] == "exists"
            code, message = refused(Town(third, address_of(empty, APP)), "init", third)
            assert code == "permission_denied"
            assert f"The role {APP} may make no tables" in message
            assert f"its owner, {OWNER}," in message
            assert not third.exists()
            assert sql(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")[0].fetchone() == (
                0,
            )
    assert [town.ask("check")["ok"] for town in towns] == [True, True]


def test_a_missing_sqlite_file_is_not_made_anew(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    town.found()
    community = Community(town.root)
    assert town.ask("check")["ok"]
    community.database.unlink()
    for command in COMMANDS[:3]:
        code, message = refused(town, *command)
        assert code == "half_initialised"
        assert "data/throughway.sqlite3 is missing" in message
    with town.python(
        "from throughway.partners.models import Partner\ntry: Partner.objects.count()\nexcept Exception as e: print(e)"
    ) as p:
        assert "unable to open database file" in p.communicate()[0]
    assert not community.database.exists()
    community.database.touch()  # a file cut short to nothing is no community either
    assert refused(town, "check")[0] == "other_database"


def test_a_newer_schema_is_refused(towns: list[Town]) -> None:
    town = towns[0]
    recorded(town, "R(connection).record_applied('store', '0099_later')")
    for command in COMMANDS[:3]:
        code, message = refused(town, *command)
        assert (code, "store 0099_later" in message) == ("newer_schema", True)
        assert "The way back" in message
    recorded(town, "R(connection).record_unapplied('store', '0099_later')")
    assert town.ask("check")["ok"]


def recorded(town: Town, act: str) -> None:
    code = (
        "from django.db.migrations.recorder import MigrationRecorder as R; from django.db import connection\n"
    )
    with town.python(code + act) as process:
        assert process.wait() == 0


def test_a_folder_of_an_earlier_version_is_recorded_when_its_database_proves_itself(
    towns: list[Town], tmp_path: Path
) -> None:
    town, another = towns
    community = Community(town.root)
    record = database_record.place(community)
    first = json.loads(record.read_text())
    record.unlink()
    if town.database:  # nothing has landed: any server could be the one
        assert refused(town, "check")[0] == "other_database"
    community.identity.write_text(store_of(town))
    assert town.ask("check")["ok"]
    assert json.loads(record.read_text()) == first
    record.unlink()
    if not town.database:
        kept = community.database.rename(tmp_path / "kept")
        shutil.copy(Community(another.root).database, community.database)
    assert refused(replace(town, database=another.database), "check")[0] == "other_store"
    assert not record.exists()
    if not town.database:
        kept.rename(community.database)
    assert town.ask("check")["ok"]
    community.identity.unlink()


def store_of(town: Town) -> str:
    if town.database:
        (row,) = sql(town.database, "SELECT store FROM store_storeversion")[0].fetchall()
    else:
        import sqlite3

        with closing(sqlite3.connect(Community(town.root).database)) as database:
            (row,) = database.execute("SELECT store FROM store_storeversion").fetchall()
    return str(row[0])
