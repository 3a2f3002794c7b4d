"""A community backed up, destroyed in part, and brought back, by its command line in processes of their own; run by test_backups.py.

    python -m tests.destruction.archived

Prints one JSON line: what each way of bringing it back tells.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

import duckdb  # noqa: E402

from tests.destruction.papers import end, load, paper, people, person, rows, sign  # noqa: E402
from tests.destruction.test_agreement import ALL, held  # noqa: E402
from tests.town import Town, fresh_database  # noqa: E402
from throughway.core.refusals import Refused  # noqa: E402
from throughway.destruction.actions import certificates, orders  # noqa: E402
from throughway.gate.actions.backups import back_up  # noqa: E402
from throughway.gate.backups import bring_back  # noqa: E402
from throughway.ledger.signed_heads import make_signing_key  # noqa: E402
from throughway.partners import OPERATOR  # noqa: E402
from throughway.store.community import Community  # noqa: E402
from throughway.store.selectors import current_community  # noqa: E402

STEWARD = "steward@backbone.example"


def holds(root: Path, text: str) -> list[str]:
    """Files under the folder that hold the text, as bytes or in a column of a Parquet file."""
    found = []
    for path in (path for path in root.rglob("*") if path.is_file()):
        if text.encode() in path.read_bytes():
            found.append(path.name)
        elif path.suffix == ".parquet":
            with duckdb.connect() as engine:
                if text in str(engine.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()):
                    found.append(path.name)
    return found


def numbers_of_keys() -> dict[int, str]:
    return {int(str(row["record"])): str(row["key"]) for row in held("record_key")}


def refused(act: Callable[[], object]) -> str:
    try:
        act()
    except Refused as said:
        return said.code
    return ""


def unpack(data: Path, keys: Path, root: Path) -> None:
    with bring_back(data, keys, root):
        pass


def opened(root: Path) -> int:
    """Sealed files that the keys of the folder open."""
    community = Community(root)
    wraps = {path.stem for path in community.keys.glob("*/*.wrap")}
    return sum(path.stem in wraps for path in community.vault.glob("*.sealed"))


def main() -> dict[str, Any]:
    people("leader", "steward", "officer")
    sign(paper("one", ALL), "one")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        at = Path(folder)
        load(at, rows({"SENTINEL-001": "06", "SENTINEL-002": "07"}))
        town = Town(current_community().root, os.environ.get("THROUGHWAY_DATABASE_URL"))
        old, new = (at / "old-data", at / "old-keys"), (at / "new-data", at / "new-keys")
        make_signing_key(current_community().keys)
        first = at / "first-data", at / "first-keys"
        back_up(data=first[0], keys=first[1], by=OPERATOR)
        one = next(n for n, key in sorted(numbers_of_keys().items()) if key == "SENTINEL-001")
        gone = orders.destroy(person=one, why="Asked", asked_by="A parent", by=person("officer", "school"))
        shutil.copy(gone.path, at / "person.json")
        told: dict[str, Any] = {"made": town.ask("backup", *old)["files"]}
        told["twice"] = refused(lambda: back_up(data=old[0], keys=at / "k", by=OPERATOR))
        told["inside"] = refused(
            lambda: back_up(data=current_community().root / "d", keys=at / "k", by=OPERATOR)
        )
        told["as"] = refused(lambda: back_up(data=at / "d", keys=at / "k", by=person("steward", "backbone")))
        end("one")
        made = orders.destroy(agreement="one", by=person("steward", "backbone"))
        shutil.copy(made.path, at / "certificate.json")
        back_up(data=new[0], keys=new[1], by=OPERATOR)

        def back(name: str, data: Path, keys: Path, *more: object) -> tuple[Town, dict[str, Any]]:
            there = Town(at / name, stack.enter_context(fresh_database()))
            answer = there.ask("restore", data, keys, there.root, *more)
            found = {
                "problems": answer["problems"], "one_backup": answer["one_backup"], "opened": opened(there.root),
                "sealed": len(list(Community(there.root).vault.glob("*"))), "sentinels": holds(there.root, "SENTINEL-00"),
            }  # fmt: skip
            return there, found

        for name, keys, more in (
            ("of one", old[1], ()),
            ("of one heeding", first[1], ("--certificate", at / "person.json")),
        ):
            there, told[name] = back(name.replace(" ", "-"), first[0], keys, *more)
            order = ("destroy", "--person", one, "--as", "officer@school.example")
            there.ask(*order)
            told[f"{name} again"] = there.ask("check")["problems"]
        mixed, told["mixed"] = back("mixed", old[0], new[1])
        mixed.ask("destroy", "--agreement", "one", "--as", STEWARD)
        told["mixed again"] = mixed.ask("check")["problems"]
        told["old"] = back("old", *old)[1]
        heeding, told["heeding"] = back("heeding", *old, "--certificate", at / "certificate.json")
        heeding.ask("destroy", "--agreement", "one", "--as", STEWARD)
        told["heeding again"] = heeding.ask("check")["problems"]

        forged = json.loads((at / "certificate.json").read_text())
        forged["certificate"]["subject"] = "two"
        told["forged"] = refused(lambda: certificates.apply_certificate(document=forged, by=OPERATOR))
        (at / "cut").write_bytes(old[0].read_bytes()[:-200])
        told["exists"] = refused(lambda: unpack(*old, at / "mixed"))
        told["swapped"] = refused(lambda: unpack(old[1], old[0], at / "nowhere"))
        told["cut"] = refused(lambda: unpack(at / "cut", old[1], at / "nowhere"))
        told["left"] = (at / "nowhere").exists() or bool(list(at.glob(".*.part")))
        return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()))
