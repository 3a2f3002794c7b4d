import shutil
import stat
from pathlib import Path

import pyarrow as pa
import pytest

from throughway.core.refusals import Refused
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.actions.landing import NewFile, land
from throughway.store.actions.maintenance import cover
from throughway.store.selectors import snapshot
from throughway.store.vault import Vault

PEOPLE = pa.table({"record": [1, 2], "family_name": ["Aalto-Quux", None]})


@pytest.fixture
def vault(community: Community) -> Vault:
    return Vault(community)


def test_opens_what_it_sealed_and_shows_nothing_of_it(vault: Vault) -> None:
    sealed = vault.seal(PEOPLE, agreements=["dsa-1"])
    assert vault.open(sealed.path).equals(PEOPLE)
    assert sealed.rows == 2
    content = sealed.path.read_bytes()
    assert b"Quux" not in content
    assert b"family_name" not in content
    assert len(content) == sealed.bytes


def test_an_old_copy_dies_with_its_last_wrap(vault: Vault, tmp_path: Path) -> None:
    sealed = vault.seal(PEOPLE, agreements=["dsa-1", "dsa-2"])
    old = shutil.copy(sealed.path, tmp_path / "backup.sealed")
    assert vault.unwrap_all("dsa-1") == 1
    assert vault.open(old).equals(PEOPLE)
    assert vault.unwrap_all("dsa-2") == 1
    for path in (old, sealed.path):
        with pytest.raises(Refused, match="No agreement's key"):
            vault.open(path)
    # A new key under the same agreement's name opens nothing old.
    vault.seal(PEOPLE, agreements=["dsa-1", "dsa-2"])
    with pytest.raises(Refused, match="No agreement's key"):
        vault.open(old)


def test_destroyed_agreement_leaves_no_keys(vault: Vault, community: Community) -> None:
    vault.seal(PEOPLE, agreements=["dsa-1", "../x y.z"])
    other_names = []
    for path in sorted((community.keys / "dsa-1").iterdir()):
        other_names.append(community.data / f"same bytes as {path.name}")
        other_names[-1].hardlink_to(path)
    vault.unwrap_all("dsa-1")
    assert len(other_names) == 2
    for path in other_names:  # overwritten, not only unlinked
        assert set(path.read_bytes()) == {0}
    assert vault.keyring.agreements() == ["../x y.z"]
    vault.unwrap_all("../x y.z")
    assert list(community.keys.iterdir()) == []
    assert vault.unwrap_all("dsa-1") == 0


def test_another_agreement_can_be_given_the_key(vault: Vault) -> None:
    sealed = vault.seal(PEOPLE, agreements=["dsa-1"])
    vault.wrap_for(sealed.path, "dsa-2")
    vault.wrap_for(sealed.path, "dsa-2")
    vault.unwrap_all("dsa-1")
    assert vault.open(sealed.path).equals(PEOPLE)
    vault.unwrap_all("dsa-2")
    with pytest.raises(Refused, match="cannot be given to another"):
        vault.wrap_for(sealed.path, "dsa-3")


@pytest.mark.parametrize("position", [0, 10, 26, 40, -1])
def test_a_changed_byte_is_refused(vault: Vault, position: int) -> None:
    sealed = vault.seal(PEOPLE, agreements=["dsa-1"])
    content = bytearray(sealed.path.read_bytes())
    content[position] ^= 1
    sealed.path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        vault.open(sealed.path)
    assert refused.value.code == "vault"


def test_damaged_wrap_falls_back_to_another(vault: Vault, community: Community) -> None:
    sealed = vault.seal(PEOPLE, agreements=["dsa-1", "dsa-2"])
    (community.keys / "dsa-1" / f"{sealed.id}.wrap").write_bytes(b"short")
    assert vault.open(sealed.path).equals(PEOPLE)


def test_only_the_owner_reads_keys_and_sealed_files(vault: Vault, community: Community) -> None:
    sealed = vault.seal(PEOPLE, agreements=["dsa-1"])
    for path in [sealed.path, *community.keys.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_file_for_no_agreement_is_a_mistake(vault: Vault) -> None:
    with pytest.raises(ValueError, match="never be opened"):
        vault.seal(PEOPLE, agreements=[])


@pytest.mark.django_db
def test_cover_gives_only_the_named_keys(community: Community, vault: Vault, table_of) -> None:
    key = table_of("record_key", kind=["person"], key=["k"], record=[1])
    people = table_of("person", record=[1], person_record=[1])
    land(batch="a", files=[NewFile("person", "oak", 0, arrow=people, agreements=("a",))], by=OPERATOR)
    land(batch="b", files=[NewFile("record_key", "oak", 0, arrow=key, agreements=("a",)),
                           NewFile("record_key", "elm", 0, arrow=key, agreements=("a",))], by=OPERATOR)  # fmt: skip
    assert cover(agreement="b", partners=["oak"], tables=["record_key"], by=OPERATOR) == 1
    vault.unwrap_all("a")
    with snapshot() as view:
        assert view.sealed("record_key", "oak").num_rows == 1
        for table, partner in (("record_key", "elm"), ("person", "oak")):
            with pytest.raises(Refused, match="No agreement's key"):
                view.sealed(table, partner)
