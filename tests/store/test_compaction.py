import pyarrow.parquet as pq
import pytest

from throughway.core.refusals import Refused
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.actions import maintenance as module
from throughway.store.actions.landing import NewFile, land, staging
from throughway.store.actions.maintenance import compact, cover
from throughway.store.actions.removal import sweep
from throughway.store.selectors import snapshot
from throughway.store.vault import Vault

pytestmark = pytest.mark.django_db


@pytest.fixture
def land_days(community: Community, parquet_of):
    def land_days(batch: str, persons: list[int], year: int = 2022) -> list[str]:
        with staging() as folder:
            path = parquet_of(folder, "attendance_day", record=persons, person_record=persons)
            return land(batch=batch, files=[NewFile("attendance_day", "oak", year, path=path)], by=OPERATOR)

    return land_days


def land_people(table_of, persons: list[int], *agreements: str) -> list[str]:
    new = NewFile("person", "oak", 0, arrow=table_of("person", record=persons, person_record=persons),
                  agreements=agreements)  # fmt: skip
    return land(batch="b", files=[new], by=OPERATOR)


def test_many_files_become_one_sorted_file_with_the_same_rows(land_days) -> None:
    land_days("b1", [5, 9])
    land_days("b2", [1, 7])
    land_days("other year", [2], year=2023)
    [merged] = compact("attendance_day", "oak", 2022, by=OPERATOR)
    with snapshot() as view:
        [path] = view.files("attendance_day", "oak", years=[2022])
        assert path.stem == merged
        assert pq.read_table(path)["person_record"].to_pylist() == [1, 5, 7, 9]
        assert view.records("attendance_day", "oak").tolist() == [1, 2, 5, 7, 9]
    assert compact("attendance_day", "oak", 2022, by=OPERATOR) == []
    assert sweep(by=OPERATOR).retired == 2


def test_file_landed_during_compaction_stays(land_days, monkeypatch) -> None:
    land_days("b1", [1])
    land_days("b2", [2])
    landing = module.land

    def slowly(**given: object) -> list[str]:
        land_days("b3", [3])
        return landing(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "land", slowly)
    compact("attendance_day", "oak", 2022, by=OPERATOR)
    with snapshot() as view:
        assert len(view.files("attendance_day", "oak")) == 2
        assert view.records("attendance_day", "oak").tolist() == [1, 2, 3]


def test_file_superseded_during_compaction_stays_gone(land_days, monkeypatch, parquet_of) -> None:
    [old] = land_days("b1", [1])
    land_days("b2", [2])
    landing = module.land

    def slowly(**given: object) -> list[str]:
        landing(batch="erased", files=[], replaces=[old], by=OPERATOR)
        return landing(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "land", slowly)
    with pytest.raises(Refused) as refused:
        compact("attendance_day", "oak", 2022, by=OPERATOR)
    assert refused.value.code == "changed_meanwhile"
    with snapshot() as view:
        assert view.records("attendance_day", "oak").tolist() == [2]


def test_vault_files_merge_only_under_the_same_agreements(community: Community, table_of) -> None:
    for persons, agreements in (([4], "a"), ([1], "ab"), ([2], "a"), ([3], "b"), ([6], "ab"), ([5], "c")):
        land_people(table_of, persons, *agreements)
    Vault(community).unwrap_all("c")
    compact("person", "oak", 0, by=OPERATOR)
    vault = Vault(community)
    with snapshot() as view:
        opened = {
            tuple(vault.keyring.openers(f.id)): vault.open(f.path)["person_record"].to_pylist()
            for f in view.stored("person")
            if vault.opens(f.id)
        }
        assert opened == {("a",): [2, 4], ("a", "b"): [1, 6], ("b",): [3]}
        assert len(view.stored("person")) == 4  # what no key opens stays as it is


def test_merge_that_would_lose_an_agreement_is_refused(community: Community, table_of, monkeypatch) -> None:
    land_people(table_of, [1], "a")
    land_people(table_of, [2], "a")
    landing = module.land

    def slowly(**given: object) -> list[str]:
        assert cover(agreement="b", partners=["oak"], by=OPERATOR) == 2
        return landing(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "land", slowly)
    with pytest.raises(Refused) as refused:
        compact("person", "oak", 0, by=OPERATOR)
    assert refused.value.code == "changed_meanwhile"
    vault = Vault(community)
    vault.unwrap_all("a")
    with snapshot() as view:
        assert view.sealed("person", "oak")["person_record"].to_pylist() == [1, 2]


def test_cover_gives_only_the_named_keys(community: Community, table_of) -> None:
    land_people(table_of, [1], "a")
    key = table_of("record_key", kind=["person"], key=["k"], record=[1])
    land(batch="b", files=[NewFile("record_key", "oak", 0, arrow=key, agreements=("a",)),
                           NewFile("record_key", "elm", 0, arrow=key, agreements=("a",))], by=OPERATOR)  # fmt: skip
    assert cover(agreement="b", partners=["oak"], tables=["record_key"], by=OPERATOR) == 1
    vault = Vault(community)
    vault.unwrap_all("a")
    with snapshot() as view:
        assert view.sealed("record_key", "oak").num_rows == 1
        for table, partner in (("record_key", "elm"), ("person", "oak")):
            with pytest.raises(Refused, match="No agreement's key"):
                view.sealed(table, partner)
