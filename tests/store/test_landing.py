import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from throughway.core.refusals import Refused
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.actions.landing import NewFile, land, staging
from throughway.store.actions.record_keys import reserve_records
from throughway.store.selectors import snapshot
from throughway.store.vault import Vault

pytestmark = pytest.mark.django_db


def test_lands_plain_and_vaulted_tables_together(community: Community, parquet_of, table_of) -> None:
    with staging() as folder:
        path = parquet_of(folder, "attendance_day", record=[1, 2], person_record=[7, 8])
        new = [
            NewFile("attendance_day", "oak", 2022, path=path),
            NewFile("person", "oak", 2022, arrow=table_of("person", record=[8, 7], person_record=[8, 7]),
                    agreements=("dsa-1",)),
        ]  # fmt: skip
        ids = land(batch="b1", files=new, by=OPERATOR)
    assert list(community.staging.iterdir()) == []
    with snapshot() as view:
        [file] = view.files("attendance_day", "oak")
        assert pq.read_table(file)["record"].to_pylist() == [1, 2]
        assert view.sealed("person", "oak")["person_record"].to_pylist() == [7, 8]
        assert view.records("attendance_day", "oak").tolist() == [7, 8]
        assert {f.id for f in view.stored()} == set(ids)
        assert [f.batch for f in view.stored("person", "oak")] == ["b1"]
        assert view.sealed("guardian", "oak").num_rows == 0
        assert "oak" not in str(file.relative_to(community.root))
        assert view.links() is None


def test_replacing_needs_that_the_old_file_is_still_live(community: Community, parquet_of) -> None:
    with staging() as folder:

        def one(person: int) -> list[NewFile]:
            return [NewFile("attendance_day", "oak", 2022,
                            path=parquet_of(folder, "attendance_day", record=[person], person_record=[person]))]  # fmt: skip

        [first] = land(batch="b1", files=one(1), by=OPERATOR)
        [second] = land(batch="b2", files=one(2), replaces=[first], by=OPERATOR)
        with pytest.raises(Refused) as refused:
            land(batch="b3", files=one(3), replaces=[first], by=OPERATOR)
    assert refused.value.code == "changed_meanwhile"
    with snapshot() as view:
        assert [f.id for f in view.stored()] == [second]
        assert view.records("attendance_day", "oak").tolist() == [2]
    assert len(list(community.store.glob("*.parquet"))) == 2  # the refused file is gone again


def test_failure_within_the_transaction_lands_nothing(community: Community, table_of) -> None:
    def fails() -> None:
        raise Refused("no", code="no")

    new = NewFile("record_key", "oak", 0, arrow=table_of("record_key", kind=["person"], key=["k"], record=[1]),
                  agreements=("dsa-1",))  # fmt: skip
    with pytest.raises(Refused, match="no"):
        land(batch="b1", files=[new], by=OPERATOR, within=fails)
    with snapshot() as view:
        assert view.stored() == []
    assert list(community.vault.iterdir()) == []
    assert not list(community.keys.rglob("*.wrap"))


def test_record_numbers_are_never_given_twice(community: Community) -> None:
    first, second = reserve_records(3), reserve_records(2)
    assert [*first, *second] == [1, 2, 3, 4, 5]


def test_a_file_of_another_shape_is_a_mistake(community: Community) -> None:
    with staging() as folder:
        pq.write_table(pa.table({"record": [1]}), folder / "x.parquet")
        new = NewFile("attendance_day", "oak", 2022, path=folder / "x.parquet")
        with pytest.raises(ValueError, match="missing"):
            land(batch="b1", files=[new], by=OPERATOR)
    assert list(community.store.glob("*.parquet")) == []


def test_opened_file_is_withheld_once_keys_are_destroyed(community: Community, table_of) -> None:
    people = table_of("person", record=[1], person_record=[1])
    land(batch="b", files=[NewFile("person", "oak", 0, arrow=people, agreements=("dsa-1",))], by=OPERATOR)
    with snapshot() as view:
        first, again = view.sealed("person", "oak"), view.sealed("person", "oak")
        assert first.equals(again)
        Vault(community).unwrap_all("dsa-1")
        with pytest.raises(Refused) as refused:
            view.sealed("person", "oak")
    assert refused.value.code == "vault"


def test_one_version_of_the_links_is_in_force(community: Community, parquet_of) -> None:
    def land_links(person: int, *replaces: str) -> list[str]:
        with staging() as folder:
            path = parquet_of(folder, "person_link", record=[1], person=[person])
            new = [NewFile("person_link", "", 0, path=path)]
            return land(batch="linkage", files=new, replaces=replaces, by=OPERATOR)

    first = land_links(2**40)
    with pytest.raises(Refused) as refused:
        land_links(2**40 + 1)
    assert refused.value.code == "changed_meanwhile"
    [second] = land_links(2**40 + 2, *first)
    with snapshot() as view:
        links = view.links()
        assert links is not None
        assert links.stem == second
