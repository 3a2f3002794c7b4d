"""Linking without names: what is sent, what is refused, what is found, and who can be given a secret."""

import ast
import csv
import inspect
import json
import os
import random
import stat
import subprocess
import sys
import tracemalloc
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from tests.commands import commands
from throughway.cli.root import main
from throughway.core.refusals import Refused
from throughway.identity.linkage.resolution import resolve
from throughway.identity.pprl import (
    candidates,
    encoding,
    key_files,
    key_making,
    linking,
    secret,
    source_file,
)
from throughway.identity.pprl.leakage import leaks

HEADING = [
    "person_id",
    "first_name",
    "middle_name",
    "last_or_surname",
    "birthdate",
    "sex",
    "address_street_number_and_name",
]
FIRST = ("Ana", "José", "Mary", "William", "Sofía", "Li", "Omar", "Zoë", "Pedro", "Ngozi", "Aaliyah", "Håkon")
LAST = (
    "García",
    "Smith",
    "O’Brien",
    "Nguyen",
    "López-Ruiz",
    "Khan",
    "Müller",
    "Silva",
    "Jones",
    "Petrov",
    "Adeyemi",
    "Rossi",
)
MIDDLE = ("Lee", "Rosa", "James", "May", "Juan", "Eve", "")


def town(size: int, seed: int = 5) -> list[list[str]]:
    """People in homes of two or three who share surname and street; no two of a home have one first name and one birth date."""
    drawn = random.Random(seed)
    made: list[list[str]] = []
    while len(made) < size:
        last = f"{drawn.choice(LAST)} {drawn.choice(LAST)}" if drawn.random() < 0.2 else drawn.choice(LAST)
        street = f"{drawn.randint(1, 999)} {drawn.choice(LAST)} Street"
        for first in drawn.sample(FIRST, drawn.choice((2, 3))):
            born = date(2004, 1, 1) + timedelta(days=drawn.randrange(5000))
            made.append(
                [
                    str(len(made)),
                    first,
                    drawn.choice(MIDDLE),
                    last,
                    born.isoformat(),
                    drawn.choice(("Male", "Female")),
                    street,
                ]
            )
    return made[:size]


def garbled(rows: list[list[str]], seed: int = 6) -> list[list[str]]:
    """The same people in another register: other keys, and in every fourth record something wrong, moved or missing."""
    drawn = random.Random(seed)
    made = []
    for row in rows:
        key, first, middle, last, born, sex, street = row
        wrong = drawn.randrange(20)
        if wrong == 0:
            first = first + first[-1]
        elif wrong == 1:
            born = f"{int(born[:4]) + 1}{born[4:]}"
        elif wrong == 2:
            street = "17 Elsewhere Road"
        elif wrong == 3:
            last = last[:-1]
        elif wrong == 4:
            middle = street = ""
        made.append([f"b{key}", first.upper(), middle, last, born, sex, street])
    drawn.shuffle(made)
    return made


def written(path: Path, rows: list[list[str]], heading: list[str] = HEADING) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return path


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two partners' files and their keys, made with one secret."""
    folder = tmp_path_factory.mktemp("sent")
    shared, rows = secret.new(folder / "secret"), town(700)
    for name, said in (("north", rows[:500]), ("south", garbled(rows[200:]))):
        key_making.encode(
            written(folder / f"{name}.csv", said), out=folder / f"{name}.keys", secret=shared, key="person_id"
        )
        key_making.encode(
            folder / f"{name}.csv",
            out=folder / f"{name}.tokens",
            secret=shared,
            key="person_id",
            by_tokens=True,
        )
    return folder


def scores(matches: list[linking.Match]) -> tuple[float, float]:
    right = sum(f"b{m.one}" == m.other for m in matches)
    return right / len(matches), right / 300


def test_keys_find_persons_of_both_files(sent: Path) -> None:
    linked = linking.link([key_files.read(sent / "north.keys"), key_files.read(sent / "south.keys")])
    precision, recall = scores(linked.matches)
    assert linked.between[0].learned
    assert precision >= 0.98
    assert recall >= 0.97
    assert (
        len({m.one for m in linked.matches}) == len({m.other for m in linked.matches}) == len(linked.matches)
    )


def test_tokens_find_fewer_and_are_never_wrong(sent: Path) -> None:
    linked = linking.link([key_files.read(sent / "north.tokens"), key_files.read(sent / "south.tokens")])
    precision, recall = scores(linked.matches)
    assert precision == 1
    assert 0.7 < recall < 0.95


def test_buckets_find_what_a_whole_comparison_finds(sent: Path) -> None:
    one, other = (key_files.read(sent / f"{name}.keys").bytes for name in ("north", "south"))
    whole, bucketed = candidates.similar_pairs(one, other), candidates.similar_pairs(one, other, exhaustive=0)
    enough, *_ = linking.threshold(whole)
    surely = {
        (a, b)
        for a, b, likely in zip(whole.left, whole.right, whole.similarity, strict=True)
        if likely >= enough + 0.05
    }
    found = dict(zip(zip(bucketed.left, bucketed.right, strict=True), bucketed.similarity, strict=True))
    assert len(surely & found.keys()) >= 0.99 * len(surely)
    exact = dict(zip(zip(whole.left, whole.right, strict=True), whole.similarity, strict=True))
    assert all(abs(exact[pair] - likely) < 1e-6 for pair, likely in found.items())


def test_similarity_is_dice_of_the_best_key() -> None:
    drawn = np.random.default_rng(1).integers(0, 256, (6, 384), dtype=np.uint8)
    a, b = candidates.PackedKeys(drawn[:3]), candidates.PackedKeys(drawn[3:])
    bits = np.unpackbits(drawn.reshape(6, 3, 128), axis=2).astype(int)
    for left in range(3):
        for right in range(3):
            x, y = bits[left], bits[3 + right]
            expected = max(2 * (x[k] & y[k]).sum() / (x[k].sum() + y[k].sum()) for k in range(3))
            assert candidates.dice(a, b, np.array([left]), np.array([right]))[0] == pytest.approx(
                expected, abs=1e-6
            )


def test_key_file_has_no_name_no_secret_and_no_order(sent: Path) -> None:
    text = (sent / "north.keys").read_text(encoding="utf-8")
    key = secret.read(sent / "secret").key
    heading, *rows = text.splitlines()
    plain = heading + " ".join(
        row.split(" ", 1)[1] for row in rows
    )  # of 64 signs drawn by chance some spell a name
    drawn = b"".join(row.tobytes() for row in key_files.read(sent / "north.keys").bytes)
    assert not [
        n for n in (*FIRST, *LAST) if len(n) > 4 and (n.lower() in plain.lower() or n.encode() in drawn)
    ]
    assert key.hex() not in text
    assert key_files.read(sent / "north.keys").records != [str(n) for n in range(500)]


def test_pseudonyms_stand_for_record_keys(sent: Path, tmp_path: Path) -> None:
    shared = secret.read(sent / "secret")
    key_making.encode(
        sent / "north.csv",
        out=tmp_path / "keys",
        secret=shared,
        key="person_id",
        pseudonyms=tmp_path / "whose",
    )
    held, plain = key_files.read(tmp_path / "keys"), key_files.read(sent / "north.keys")
    whose = {
        row["pseudonym"]: row["record_key"]
        for row in csv.DictReader((tmp_path / "whose").read_text().splitlines())
    }
    assert stat.S_IMODE((tmp_path / "whose").stat().st_mode) == 0o600
    assert {whose[name]: row.tobytes() for name, row in zip(held.records, held.bytes, strict=True)} == {
        name: row.tobytes() for name, row in zip(plain.records, plain.bytes, strict=True)
    }
    with pytest.raises(Refused, match="only way back"):
        key_making.encode(
            sent / "north.csv",
            out=tmp_path / "keys",
            secret=shared,
            key="person_id",
            pseudonyms=tmp_path / "whose",
        )


def test_keys_of_another_secret_are_unrelated(sent: Path, tmp_path: Path) -> None:
    key_making.encode(
        sent / "north.csv",
        out=tmp_path / "north2.keys",
        secret=secret.new(tmp_path / "other"),
        key="person_id",
    )
    mine, theirs = key_files.read(sent / "north.keys"), key_files.read(tmp_path / "north2.keys")
    with pytest.raises(Refused, match="different secrets"):
        linking.link([mine, theirs])
    place = {record: at for at, record in enumerate(theirs.records)}
    same = np.array([place[record] for record in mine.records])
    likeness = candidates.dice(
        candidates.PackedKeys(mine.bytes), candidates.PackedKeys(theirs.bytes), np.arange(len(mine)), same
    )
    assert likeness.max() < candidates.FLOOR


def test_keys_and_tokens_are_not_linked(sent: Path) -> None:
    with pytest.raises(Refused, match="different schemes"):
        linking.link([key_files.read(sent / "north.keys"), key_files.read(sent / "south.tokens")])


@pytest.mark.parametrize("kind", ["cut", "changed", "more", "count", "empty", "csv"])
def test_a_file_that_was_tampered_with_is_refused(sent: Path, tmp_path: Path, kind: str) -> None:
    whole = (sent / "north.keys").read_bytes()
    changed = bytearray(whole)
    changed[key_files.HEADING + 40] = ord("A") if changed[key_files.HEADING + 40] != ord("A") else ord("B")
    made = {
        "cut": whole[:-300], "changed": bytes(changed), "more": whole + whole[key_files.HEADING :],
        "count": whole.replace(b'"rows": 500', b'"rows": 10**9'[:11]), "empty": b"", "csv": (sent / "north.csv").read_bytes(),
    }[kind]  # fmt: skip
    (tmp_path / "x.keys").write_bytes(made)
    with pytest.raises(Refused) as refused:
        key_files.read(tmp_path / "x.keys")
    assert refused.value.code in ("keys", "keys_changed")


def test_heading_of_a_billion_rows_takes_no_memory(sent: Path, tmp_path: Path) -> None:
    whole = (sent / "north.keys").read_bytes()
    (tmp_path / "x.keys").write_bytes(whole.replace(b'"rows": 500, ', b'"rows": 9999999999, ', 1))
    tracemalloc.start()
    with pytest.raises(Refused, match="cut short or changed"):
        key_files.read(tmp_path / "x.keys")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_ten_thousand_equal_keys_stay_within_memory() -> None:
    drawn = np.random.default_rng(2).integers(0, 256, (1, 384), dtype=np.uint8) & 0x55
    same = np.repeat(drawn, 10_000, axis=0)
    tracemalloc.start()
    found = candidates.similar_pairs(same, same, exhaustive=0)
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()
    assert found.crowded
    assert len(found.left) <= candidates.MOST_KEPT


def test_records_with_too_little_are_left_out(tmp_path: Path) -> None:
    rows = [["1", "", "", "", "2010-01-02", "Male", "1 Elm Street"], ["2", "Ana", "", "", "", "", ""], ["3", "Ana", "", "Silva", "", "", ""],
            ["3", "Ana", "", "Silva", "2010-01-02", "", ""], ["4", "Unknown", "", "", "1900-01-01", "", ""]]  # fmt: skip
    made = key_making.encode(
        written(tmp_path / "a.csv", rows),
        out=tmp_path / "k",
        secret=secret.new(tmp_path / "s"),
        key="person_id",
    )
    assert (made.rows, made.left_out) == (1, 3)
    assert key_files.read(tmp_path / "k").records == ["3"]


def test_one_spelling_in_any_unicode_form(tmp_path: Path) -> None:
    shared = secret.new(tmp_path / "s")
    for name, first in (("a", "José"), ("b", "Jose\u0301"), ("c", "JOSE")):
        key_making.encode(written(tmp_path / f"{name}.csv", [["ключ 1", first, "", "Núñez", "2010-01-02", "Male", ""]]),
                      out=tmp_path / name, secret=shared, key="person_id")  # fmt: skip
    a, b, c = (key_files.read(tmp_path / name) for name in "abc")
    assert a.records == ["ключ 1"]
    assert a.bytes.tobytes() == b.bytes.tobytes() == c.bytes.tobytes()


def test_secret_is_random_private_and_never_overwritten(tmp_path: Path) -> None:
    made = secret.new(tmp_path / "s")
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600
    assert secret.read(tmp_path / "s") == made
    assert made.key.hex() not in repr(made)
    with pytest.raises(Refused, match="never overwritten"):
        secret.new(tmp_path / "s")
    (tmp_path / "weak").write_text("correct horse battery staple")
    os.chmod(tmp_path / "weak", 0o600)
    with pytest.raises(Refused, match="not a secret"):
        secret.read(tmp_path / "weak")
    os.chmod(tmp_path / "s", 0o644)
    with pytest.raises(Refused, match="may read"):
        secret.read(tmp_path / "s")


def test_the_steward_can_be_given_no_secret(sent: Path, tmp_path: Path) -> None:
    for module in (linking, candidates, key_files):
        tree = ast.parse(inspect.getsource(module))
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom | ast.Import)
            for alias in node.names
        }
        assert not imported & {"secret", "Secret", "making", "Encoder", "hmac"}
    keys = main.get_command(None, "link").commands["keys"]  # type: ignore[arg-type, union-attr]
    assert not [option for parameter in keys.params for option in parameter.opts if "secret" in option]
    told = CliRunner().invoke(main, ["link", "keys", str(sent / "north.keys"), str(sent / "south.keys"), "--out", str(tmp_path / "p"),
                                     "--secret", str(sent / "secret")])  # fmt: skip
    assert told.exit_code == 2
    refused = CliRunner().invoke(
        main, ["link", "keys", str(sent / "north.keys"), str(sent / "secret"), "--out", str(tmp_path / "p")]
    )
    assert refused.exit_code == 1
    assert secret.read(sent / "secret").key.hex() not in refused.output


def test_steward_folder_has_nothing_of_the_secret(sent: Path, tmp_path: Path) -> None:
    folder, key = tmp_path / "town", secret.read(sent / "secret").key
    for words in (["init", str(folder)], ["--community", str(folder), "link", "keys", str(sent / "north.keys"), str(sent / "south.keys"),
                                          "--out", str(folder / "pairs.csv"), "--groups", str(folder / "groups.csv")]):  # fmt: skip
        done = commands().run(words, os.environ)
        assert done.returncode == 0
        assert key.hex() not in done.stdout + done.stderr
    held = [path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()]
    assert len(held) >= 3  # the pairs, the groups, and what a community begins with
    assert not [
        text for text in held if key in text or key.hex().encode() in text or key.hex()[:16].encode() in text
    ]


def test_guess_is_confirmed_only_with_the_secret(sent: Path) -> None:
    """What the manual tells a privacy officer plainly: a partner who gets another's file can try names until a key fits."""
    guesses = source_file.read(
        written(sent / "guesses.csv", town(40)), into=sent, format="csv", crosswalk=None, key="person_id"
    )
    file = {row.tobytes() for row in key_files.read(sent / "north.keys").bytes}
    known = list(guesses.table.people())
    partner, thief = (
        encoding.Encoder(held) for held in (secret.read(sent / "secret"), secret.Secret(bytes(32)))
    )
    assert all(partner.key(person) in file for person in known)
    assert not any(thief.key(person) in file for person in known)


def test_a_key_shows_no_name_by_how_often_it_occurs(sent: Path) -> None:
    shared = secret.read(sent / "secret")
    made = written(sent / "many.csv", town(1500))
    known = list(
        source_file.read(made, into=sent, format="csv", crosswalk=None, key="person_id").table.people()
    )
    encoder = encoding.Encoder(shared)
    keys = np.stack([np.frombuffer(encoder.key(person), np.uint8) for person in known])
    told = leaks(keys, [person.first for person in known])
    assert told.unprotected > 0.5
    assert told.guessed < told.by_chance + 0.06
    assert told.unique > 0.99
    assert sum(told.words()[-1].count(word) for word in ("secret", "guess")) >= 2


def test_salt_is_no_piece_of_its_own_key() -> None:
    ana = source_file.StandardizedRecord(
        "1", "ana", ["ana"], None, ["silva"], "silva", "a", "silva", date(2010, 5, 6), "f", [], [], [], []
    )
    encoder = encoding.Encoder(secret.Secret(bytes(32)))
    year = source_file.StandardizedRecord(**{**ana.__dict__, "birthdate": date(2011, 5, 6)})
    one, other = (candidates.PackedKeys(np.frombuffer(encoder.key(p), np.uint8)[None]) for p in (ana, year))
    both = np.bitwise_count(one.words & other.words).sum(axis=2)[0] / one.ones[0]
    assert both[0] < 0.4 < 0.7 < both[1]
    assert not [p for p in encoding.within(encoding.pieces(ana), 0)["birth"] if p.startswith("year")]
    assert "_a" not in encoding.within(encoding.pieces(ana), 1)["first"]


def test_encoding_needs_no_community_and_no_django(sent: Path, tmp_path: Path) -> None:
    asked = (
        "import sys; from throughway.cli.root import main\n"
        f"try: main(['link', 'encode', {str(sent / 'north.csv')!r}, '--out', {str(tmp_path / 'k')!r}, '--secret', {str(sent / 'secret')!r},"
        f" '--leaks', {str(tmp_path / 'leaks.json')!r}, '--json'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('django', 'splink')]"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["rows"] == 500
    assert json.loads((tmp_path / "leaks.json").read_text())["leaks"]["words"] == told["leaks"]["words"]
    assert not any(name in done.stdout for name in FIRST if len(name) > 4)


def test_the_command_links_and_gives_each_person_one_key(sent: Path, tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["link", "keys", str(sent / "north.keys"), str(sent / "south.keys"), "--out", str(tmp_path / "pairs.csv"),
                                     "--groups", str(tmp_path / "groups.csv"), "--json"])  # fmt: skip
    assert told.exit_code == 0, told.output
    groups = list(csv.DictReader((tmp_path / "groups.csv").read_text().splitlines()))
    pairs = list(csv.DictReader((tmp_path / "pairs.csv").read_text().splitlines()))
    of = {(row["file"], row["record_key"]): row["linkage_key"] for row in groups}
    assert json.loads(told.output)["pairs"] == len(pairs)
    assert all(of[p["one_file"], p["one"]] == of[p["other_file"], p["other"]] for p in pairs)
    assert len(set(of.values())) == len(pairs)


def test_three_files_make_persons_with_one_record_of_each(sent: Path, tmp_path: Path) -> None:
    shared = secret.read(sent / "secret")
    third = [[f"c{row[0]}", *row[1:]] for row in town(700)[300:600]]
    key_making.encode(
        written(tmp_path / "east.csv", third), out=tmp_path / "east.keys", secret=shared, key="person_id"
    )
    linked = linking.link(
        [key_files.read(path) for path in (sent / "north.keys", sent / "south.keys", tmp_path / "east.keys")]
    )
    held: dict[int, list[tuple[str, str]]] = {}
    for side, person in linked.groups.items():
        held.setdefault(person, []).append(side)
    assert all(len({file for file, _ in sides}) == len(sides) for sides in held.values())
    whole = [sides for sides in held.values() if len(sides) == 3]
    assert len(whole) > 180
    assert sum(len({record.lstrip("bc") for _, record in sides}) == 1 for sides in whole) >= 0.98 * len(whole)


def test_nobody_and_one_row(tmp_path: Path) -> None:
    shared = secret.new(tmp_path / "s")
    for name, rows in (("none", []), ("one", town(1))):
        key_making.encode(
            written(tmp_path / f"{name}.csv", rows), out=tmp_path / name, secret=shared, key="person_id"
        )
    assert not linking.link([key_files.read(tmp_path / "none"), key_files.read(tmp_path / "one")]).matches
    with pytest.raises(Refused, match="the same name"):
        linking.link([key_files.read(tmp_path / "one"), key_files.read(tmp_path / "one")])


def test_a_linkage_key_joins_records_without_names() -> None:
    """What `--groups` gives, loaded as an identifier of both partners, joins their records and no others."""
    record = pa.array(range(1, 201), pa.int64())
    partner = pa.array(["north"] * 100 + ["south"] * 100)
    tables = {
        "person": pa.table({"person_record": record, "partner": partner}),
        "person_identifier": pa.table({
            "person_record": record, "partner": partner, "person_identifier": [f"{7**20 + n % 100:016x}" for n in range(200)],
            "person_identification_system": ["LinkageKey"] * 200,
        }),
    }  # fmt: skip
    found = resolve(tables)
    person = dict(zip(found.record.tolist(), found.person.tolist(), strict=True))
    assert all(person[n] == person[n + 100] for n in range(1, 101))
    assert len(set(person.values())) == 100
    assert len(encoding.TOKEN_RULES) == 3
