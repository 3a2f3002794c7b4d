"""New keys for agreements: old keys and old wraps open nothing, every file still opens, and an interruption loses nothing."""

import os
import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from throughway.core.refusals import Refused
from throughway.store import Community, durable_files, process_locks
from throughway.store.actions import key_rotation
from throughway.store.actions.key_rotation import rotate_agreement_keys
from throughway.store.keyring import KEY, WRAP
from throughway.store.vault import SealedFile, Vault

PEOPLE = pa.table({"record": [1, 2], "family_name": ["Aalto-Quux", None]})
# What touches the disk, as Python reports it to an audit hook.
EVENTS = {"open", "os.rename", "os.remove", "fcntl.flock"}


@pytest.fixture
def vault(community: Community) -> Vault:
    return Vault(community)


@pytest.fixture
def files(vault: Vault) -> list[SealedFile]:
    covering = (["dsa-1"], ["dsa-1", "dul.2"], ["dul.2"])
    return [vault.seal(PEOPLE, agreements=agreements) for agreements in covering]


class Operator:
    email = "operator"


def keys_of(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_opens_under_new_keys_and_none_under_the_old(
    vault: Vault, files: list[SealedFile], community: Community, tmp_path: Path
) -> None:
    before = keys_of(community.keys)
    same_bytes = []
    for number, path in enumerate(path for path in community.keys.rglob("*") if path.is_file()):
        same_bytes.append(tmp_path / str(number))
        same_bytes[-1].hardlink_to(path)
    assert rotate_agreement_keys(by=Operator()) == {"dsa-1": 2, "dul.2": 2}
    after = keys_of(community.keys)
    assert before.keys() == after.keys()
    assert all(before[path] != after[path] for path in before)
    assert all(vault.open(file.path).equals(PEOPLE) for file in files)
    assert all(set(path.read_bytes()) == {0} for path in same_bytes)  # overwritten, not only unlinked
    for path in (path for path in after if path.suffix == WRAP):
        for key, wrap in ((before, after), (after, before)):
            with pytest.raises(InvalidUnwrap):
                aes_key_unwrap(key[path.parent / KEY], wrap[path])
        assert aes_key_unwrap(after[path.parent / KEY], after[path])


def test_interrupted_at_any_point_nothing_is_lost_and_the_next_call_goes_on(
    vault: Vault, files: list[SealedFile], community: Community, tmp_path: Path
) -> None:
    whole = shutil.copytree(community.keys, tmp_path / "whole")
    old = {path: content for path, content in keys_of(whole).items() if path.name == KEY}
    for step in range(1, 500):
        shutil.rmtree(community.keys)
        shutil.copytree(whole, community.keys)
        child = os.fork()
        if child == 0:
            die_at(step)
            vault.keyring.rotate("dsa-1")
            os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert all(vault.open(file.path).equals(PEOPLE) for file in files), step
        vault.keyring.rotate("dsa-1")
        assert vault.keyring.openers(files[0].id) == ["dsa-1"]
        assert all(vault.open(file.path).equals(PEOPLE) for file in files), step
        names = {path.name for path in (community.keys / "dsa-1").iterdir() if path.suffix != ".part"}
        assert names == {KEY, *(f"{file.id}{WRAP}" for file in files[:2])}
        assert (community.keys / "dsa-1" / KEY).read_bytes() != old[Path("dsa-1") / KEY]
        if ended == 0:
            break
    assert step > 20


def die_at(step: int) -> None:
    left = step

    def count(event: str, _: object) -> None:
        nonlocal left
        if event in EVENTS:
            left -= 1
            if left == 0:
                os._exit(1)

    sys.addaudithook(count)


def test_an_interrupted_rotation_is_destroyed_with_its_agreement(vault: Vault, community: Community) -> None:
    sealed = vault.seal(PEOPLE, agreements=["dsa-1"])
    next_key = community.keys / "dsa-1" / "key.next"
    next_key.write_bytes(bytes(range(32)))
    (same := community.data / "same bytes").hardlink_to(next_key)
    vault.unwrap_all("dsa-1")
    assert set(same.read_bytes()) == {0}
    with pytest.raises(Refused, match="No agreement's key"):
        vault.open(sealed.path)


def test_a_destroyed_wrap_does_not_come_back(
    vault: Vault, files: list[SealedFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep may destroy a superseded file's wraps while keys are replaced: here just after they were listed."""
    real = durable_files.create

    def destroyed_meanwhile(path: Path, content: bytes) -> bool:
        vault.keyring.destroy(files[0].id)
        return real(path, content)

    monkeypatch.setattr(durable_files, "create", destroyed_meanwhile)
    vault.keyring.rotate("dsa-1")
    assert vault.keyring.openers(files[0].id) == []
    assert vault.open(files[1].path).equals(PEOPLE)


def test_a_damaged_wrap_is_refused_before_anything_changes(
    vault: Vault, files: list[SealedFile], community: Community
) -> None:
    (community.keys / "dsa-1" / f"{files[0].id}{WRAP}").write_bytes(b"damaged")
    before = keys_of(community.keys)
    with pytest.raises(Refused) as refused:
        vault.keyring.rotate("dsa-1")
    assert refused.value.code == "key_damaged"
    assert keys_of(community.keys) == before


@pytest.mark.parametrize("lock", ["destruction.turn", "store/landing.lock"])
def test_loads_and_destructions_end_first(
    vault: Vault, community: Community, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    monkeypatch.setattr(key_rotation, "PATIENCE", 0.05)
    with (
        process_locks.turn(community.data / lock, alone=False, patience=1),
        pytest.raises(Refused) as refused,
    ):
        rotate_agreement_keys(by=Operator())
    assert refused.value.code == "busy"
