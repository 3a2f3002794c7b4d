"""Drills of an administrator, by commands in processes of their own, on the community of an earlier version: restored to the last backup,
archives and files that are damaged, a database that goes and comes back, keys that are lost."""

import gzip
import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.compatibility.test_an_earlier_folder import CERTIFICATES, COUNT, HEAD, TRAINED, answers, unpacked
from tests.store.test_opening import GRANTS, refused, sql
from tests.town import APP, Fresh, Town, address_of, superuser_of
from throughway.store.community import Community

WITHIN = 90  # seconds, on a busy machine


@dataclass(frozen=True)
class Drilled:
    """A community that is worked in, on SQLite or by the application's role on PostgreSQL; its last backup, and two heads of its ledger:
    `kept` from before the backup, `later` from after it."""

    town: Town
    archives: tuple[Path, Path]
    kept: Path
    later: Path


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Drilled]:
    folder = tmp_path_factory.mktemp("drills")
    town = unpacked(folder)
    with fresh_database() as database:
        if database:
            town.ask("move", "--to", database)
            sql(database, GRANTS)
            town = replace(town, database=address_of(database, APP))
        archives = folder / "data.tgz", folder / "keys.tgz"
        *_, asked, head, made = answers(
            town, *TRAINED, COUNT, ["ledger", "head"], ["backup", *map(str, archives)]
        )
        assert (asked["exit"], made["exit"], made["document"]["problems"]) == (0, 0, [])
        _, after = answers(town, COUNT, ["ledger", "head"])
        kept, later = folder / "kept.json", folder / "later.json"
        for path, one in ((kept, head), (later, after)):
            path.write_text(json.dumps(one["document"]))
        assert json.loads(later.read_text())["size"] > json.loads(kept.read_text())["size"]
        yield Drilled(town, archives, kept, later)


def test_restored_to_the_last_backup_the_ledger_holds_against_a_kept_head(
    drilled: Drilled, tmp_path: Path, fresh_database: Fresh
) -> None:
    with fresh_database() as database:
        owner = Town(tmp_path / "again", database)
        restored = owner.ask("restore", *drilled.archives, owner.root)
        assert (restored["problems"], restored["one_backup"]) == ([], True)
        town = owner
        if database:
            assert (
                refused(replace(owner, database=address_of(database, APP)), "check")[0] == "permission_denied"
            )
            sql(database, GRANTS)
            town = replace(owner, database=address_of(database, APP))
        checked, kept, earlier, later, counted = answers(
            town, ["check"], *(["ledger", "verify", "--head", str(head)] for head in (drilled.kept, HEAD, drilled.later)), COUNT
        )  # fmt: skip
        assert checked["document"]["ok"], checked
        assert (kept["document"]["ok"], earlier["document"]["ok"], counted["exit"]) == (True, True, 0)
        assert (
            later["exit"] == 1
        )  # what came after the backup is gone, and the head that a partner kept says so
        # The restored community lives in its own database, and the former folder in the former one.
        if database:
            assert refused(replace(drilled.town, database=town.database), "check")[0] == "other_database"


@pytest.mark.parametrize("which", [0, 1], ids=["data", "keys"])
def test_altered_archives_are_refused_before_anything_is_written(
    drilled: Drilled, which: int, tmp_path: Path
) -> None:
    whole = bytearray(drilled.archives[which].read_bytes())
    for at in (
        len(whole) // 3,
        len(whole) // 2,
        len(whole) - 6,
    ):  # the last one in the checksum of the compression
        altered = bytearray(whole)
        altered[at] ^= 1
        if content_of(altered) == content_of(whole):
            continue  # one run of zeros was copied from another: one bit in fifty is such
        assert message_of_a_restore(drilled, which, bytes(altered), tmp_path).endswith("or an older backup.")
    with tarfile.open(drilled.archives[which]) as archive:
        members = [(each, archive.extractfile(each).read()) for each in archive]  # type: ignore[union-attr]
    again = tmp_path / "packed-again"
    with tarfile.open(again, "w:gz") as archive:  # whole as an archive, with one file that is another
        for member, content in members:
            if member is members[1][0]:
                content = bytes(byte ^ 1 for byte in content)
            archive.addfile(member, io.BytesIO(content))
    assert f"such as {members[1][0].name}" in message_of_a_restore(
        drilled, which, again.read_bytes(), tmp_path
    )


def content_of(archive: bytearray) -> bytes | None:
    """What the compression holds, if its checksum fits."""
    try:
        return gzip.decompress(archive)
    except (OSError, EOFError, zlib.error):
        return None


def message_of_a_restore(drilled: Drilled, which: int, content: bytes, folder: Path) -> str:
    """What a restore says that refuses an archive with this content; nothing of it is left, and no server was asked."""
    bad = folder / "bad.tgz"
    bad.write_bytes(content)
    pair = list(drilled.archives)
    pair[which] = bad
    before = sorted(folder.iterdir())
    nowhere = Town(folder / "new", drilled.town.database and "postgresql://nobody@127.0.0.1:1/none")
    code, message = refused(nowhere, "restore", *pair, nowhere.root)
    assert code == "damaged", message
    assert sorted(folder.iterdir()) == before
    return message


def test_a_refused_restore_leaves_nothing(drilled: Drilled, tmp_path: Path, fresh_database: Fresh) -> None:
    forged = json.loads(CERTIFICATES[0].read_text())
    forged["certificate"]["finished"] = "2020-01-01T00:00:00+00:00"
    paper = tmp_path / "forged.json"
    paper.write_text(json.dumps(forged))
    with fresh_database() as database:
        town = Town(tmp_path / "deep" / "new", database)
        code, _ = refused(town, "restore", *drilled.archives, town.root, "--certificate", paper)
        assert code == "bad_certificate"  # after the tables were filled
        assert [path.name for path in tmp_path.iterdir()] == ["forged.json"]
        if database:
            left = "SELECT (SELECT count(*) FROM pg_tables WHERE schemaname = 'public') + (SELECT count(*) FROM pg_proc WHERE proname LIKE 'throughway%')"
            assert sql(database, left)[0].fetchone() == (0,)


# When a restore kills itself: as a function of that module is called, or as it calls what is written in C.
KILLED = {
    "filled": ("throughway.store.actions.opening", "bring_up_to_date", "call", ""),
    "whole, not in its place": ("throughway.store.archives", "bring_back", "c_call", "replace"),
}
KILLING = """
import os, signal, sys
def look(frame, event, called):
    at = (frame.f_globals.get("__name__"), frame.f_code.co_name, event, called.__name__ if event == "c_call" else "")
    if at == {at!r}:
        os.kill(os.getpid(), signal.SIGKILL)
from throughway.cli import main
sys.argv = ["throughway", "restore", *{words!r}]
sys.setprofile(look)
main()
"""


def test_a_killed_restore_is_taken_away_by_the_next(
    drilled: Drilled, tmp_path: Path, fresh_database: Fresh
) -> None:
    with fresh_database() as database:
        town = Town(tmp_path / "new", database)
        words = [*map(str, drilled.archives), str(town.root)]
        for moment, at in KILLED.items():
            code = KILLING.format(at=at, words=words)
            with town.python(code, ready=False) as killed:
                killed.communicate()
            assert killed.returncode == -signal.SIGKILL, moment
            assert not town.root.exists(), moment
            [_] = (tmp_path / ".new.restoring").iterdir()  # of this one alone
        if database:  # the last one was killed when the database was whole
            assert (
                refused(Town(tmp_path / "other", database), "restore", *drilled.archives, tmp_path / "other")[
                    0
                ]
                == "exists"
            )
        done = town.run("restore", *words)
        assert done.returncode == 0, done.stdout
        assert "was interrupted" in done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["new"]
        checked, kept = answers(town, ["check"], ["ledger", "verify", "--head", str(drilled.kept)])
        assert (checked["document"]["ok"], kept["document"]["ok"]) == (True, True)


def test_a_backup_that_is_not_whole_does_not_end_well(drilled: Drilled, tmp_path: Path) -> None:
    community = Community(drilled.town.root)
    plain = max(community.store.glob("*.parquet"), key=lambda path: path.stat().st_size)
    sealed = next(community.vault.glob("*.sealed"))
    with moved_away(plain, tmp_path / "plain"), moved_away(sealed, tmp_path / "sealed"):
        altered = bytearray((tmp_path / "sealed").read_bytes())
        altered[-1] ^= 1
        sealed.write_bytes(altered)
        made = drilled.town.told("backup", tmp_path / "d", tmp_path / "k", exit=1)
        sealed.unlink()
    assert sorted(made["problems"]) == sorted(
        [each for each in made["problems"] if plain.name in each and each.startswith("A file is missing")]
        + [each for each in made["problems"] if sealed.name in each and each.startswith("A file has changed")]
    )
    assert len(made["problems"]) == 2
    assert (tmp_path / "d").is_file()  # what is there is kept nevertheless


@contextmanager
def moved_away(path: Path, to: Path) -> Iterator[None]:
    path.rename(to)
    try:
        yield
    finally:
        to.rename(path)


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=WITHIN) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def becomes(address: str, wanted: int) -> None:
    until = time.monotonic() + WITHIN
    while (found := status(address)) != wanted:
        assert time.monotonic() < until, found
        time.sleep(0.2)


def test_while_the_database_is_gone_the_site_says_so_and_then_goes_on(
    drilled: Drilled, tmp_path: Path
) -> None:
    town = drilled.town
    command = [sys.executable, "-m", "throughway", "serve", "--port", "0", "--json"]
    server = subprocess.Popen(command, env=town.environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        address = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")["address"]
        becomes(f"{address}register/", 200)
        with database_gone(town, tmp_path):
            becomes(f"{address}health/", 503)
            becomes(f"{address}register/", 503)
            assert refused(town, "check")[0] in ("database", "half_initialised")
        becomes(f"{address}register/", 200)
        becomes(f"{address}health/", 200)
    finally:
        server.terminate()
        assert server.wait(WITHIN) == 0
        assert server.stdout
        server.stdout.close()
    assert town.ask("ledger", "verify", "--head", str(drilled.later))["ok"]


@contextmanager
def database_gone(town: Town, folder: Path) -> Iterator[None]:
    if not town.database:
        community = Community(town.root)
        with moved_away(community.database, folder / "away"):
            yield
        return
    name = urlsplit(town.database).path[1:]
    server = superuser_of("postgresql://x/postgres")
    sql(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false',
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # fmt: skip
    try:
        yield
    finally:
        sql(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_without_the_keys_each_file_that_does_not_open_is_named(drilled: Drilled, tmp_path: Path) -> None:
    """What docs/operations.md says under "If the keys are lost"."""
    town = drilled.town
    community = Community(town.root)
    with moved_away(community.keys, tmp_path / "keys"):
        community.keys.mkdir(mode=0o700)
        checked, verified, made, agreements = answers(
            town,
            ["check"],
            ["ledger", "verify", "--head", str(drilled.kept)],
            ["backup", str(tmp_path / "d"), str(tmp_path / "k")],
            ["agreement", "list"],
        )
        shutil.rmtree(community.keys)
    sealed = len(list(community.vault.glob("*.sealed")))
    assert (
        sum(each.startswith("No agreement's key opens") for each in checked["document"]["problems"]) == sealed
    )
    *_, signed, asked, entered = checked["document"]["problems"]
    assert "The key that signed the ledger is not in keys/" in signed
    assert asked.startswith("keys/ledger-questions.key is missing")
    assert entered.startswith("keys/ledger-entries.key is missing")
    # The backup names each file, and the ledger's two keys without which it would keep entries that nobody can read.
    assert (verified["exit"], made["exit"], len(made["document"]["problems"])) == (1, 1, sealed + 2)
    assert len(agreements["document"]["agreements"]) > 5  # who agreed on what stays
    checked, verified = answers(town, ["check"], ["ledger", "verify", "--head", str(drilled.later)])
    assert (checked["document"]["ok"], verified["document"]["ok"]) == (True, True)
