import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from throughway.core.refusals import Refused
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.store.actions.landing import NewFile, land, staging
from throughway.store.actions.maintenance import check
from throughway.store.actions.removal import Swept, sweep
from throughway.store.models import REMOVED, StoredFile, StoreVersion
from throughway.store.selectors import leased_since, snapshot
from throughway.store.vault import Vault

pytestmark = pytest.mark.django_db

NOTHING = Swept(orphans=0, retired=0, unfinished=0, in_use=0, busy=False)


@pytest.fixture
def land_one(community: Community, parquet_of, table_of) -> Callable[..., list[str]]:
    """Lands one learner, in a plain and in a vaulted table."""

    def land_one(person: int, replaces: list[str] | None = None) -> list[str]:
        with staging() as folder:
            plain = parquet_of(folder, "attendance_day", record=[person], person_record=[person])
            sealed = table_of("person", record=[person], person_record=[person])
            new = [
                NewFile("attendance_day", "oak", 2022, path=plain),
                NewFile("person", "oak", 0, arrow=sealed, agreements=("dsa-1", "dsa-2")),
            ]
            return land(batch=f"b{person}", files=new, replaces=replaces or [], by=OPERATOR)

    return land_one


def files_of(community: Community) -> set[Path]:
    found = [*community.store.glob("*.parquet"), *community.vault.iterdir(), *community.keys.rglob("*.wrap")]
    return set(found)


def test_what_was_superseded_goes_and_leaves_its_row(community: Community, land_one) -> None:
    old = land_one(1)
    copy = shutil.copy(Vault(community).path(old[1]), community.data / "backup.sealed")
    before = files_of(community)
    new = land_one(2, replaces=old)
    assert before < files_of(community)
    assert sweep(by=OPERATOR) == Swept(0, 2, 0, 0, busy=False)
    assert not before & files_of(community)
    assert len(files_of(community)) == 4  # two files, and the wraps of two agreements
    assert check() == []
    removed = StoredFile.objects.filter(state=REMOVED)
    assert {f.id for f in removed} == set(old)
    assert all(f.sha256 and f.removed_by == "operator" and not f.records for f in removed)
    with pytest.raises(Refused, match="No agreement's key"):
        Vault(community).open(copy)
    with snapshot() as view:
        assert {f.id for f in view.stored()} == set(new)
    assert sweep(by=OPERATOR) == NOTHING


def test_a_file_in_use_is_not_pulled_away(community: Community, land_one) -> None:
    old = land_one(1)
    with snapshot() as early:
        new = land_one(2, replaces=old)
        with snapshot() as late:
            assert sweep(by=OPERATOR) == Swept(0, 0, 0, 2, busy=False)
            assert all(file.path.exists() for file in early.stored())
            assert early.sealed("person", "oak")["person_record"].to_pylist() == [1]
            assert {f.id for f in late.stored()} == set(new)
    with snapshot():  # opened after: holds none of what was superseded before
        assert sweep(by=OPERATOR).retired == 2
    assert leased_since() is None


def test_older_reader_keeps_files_from_removal(land_one) -> None:
    first = land_one(1)
    with snapshot() as early:
        second = land_one(2, replaces=first)
        with snapshot():
            land_one(3, replaces=second)
            assert sweep(by=OPERATOR).in_use == 4
            assert all(file.path.exists() for file in early.stored())


def test_empty_lease_holds_every_file(community: Community, land_one) -> None:
    from throughway.store import process_locks

    land_one(2, replaces=land_one(1))
    with process_locks.note(community.leases):
        assert leased_since() == 0
        assert sweep(by=OPERATOR).in_use == 2


def test_what_a_crash_left_goes(community: Community, land_one) -> None:
    live = land_one(1)
    kept = files_of(community)
    (community.store / f"{'0' * 32}.parquet").write_bytes(b"renamed, never recorded")
    (community.vault / f"{'1' * 32}.sealed").write_bytes(b"sealed, never recorded")
    (community.vault / f"{'1' * 32}.sealed.77.part").write_bytes(b"half")
    (community.keys / "dsa-1" / f"{'1' * 32}.wrap").write_bytes(b"wrap")
    (community.keys / "dsa-1" / "key.77.part").write_bytes(b"half")
    (community.staging / "dead").mkdir()
    (community.staging / "dead" / "rows.parquet").write_bytes(b"half")
    community.leases.mkdir(exist_ok=True)
    (community.leases / "dead").write_text("0")
    assert len(check()) == 6
    with staging() as mine:
        assert sweep(by=OPERATOR) == Swept(5, 0, 1, 0, busy=False)
        assert mine.is_dir()  # of a living process
    assert files_of(community) == kept
    assert check() == []
    assert {f.id for f in StoredFile.objects.all()} == set(live)


def test_check_names_each_file_that_is_not_as_it_was(community: Community, land_one) -> None:
    land_one(1)
    land_one(2)
    with snapshot() as view:
        changed, missing = (f.path for f in view.stored("attendance_day"))
        changed.write_bytes(changed.read_bytes()[:-1] + b"!")
        missing.unlink()
    Vault(community).unwrap_all("dsa-1")
    assert len(check()) == 2
    Vault(community).unwrap_all("dsa-2")
    problems = check()
    assert [changed.name in p for p in problems].count(True) == 1
    assert [missing.name in p for p in problems].count(True) == 1
    assert [p.startswith("No agreement's key") for p in problems].count(True) == 2


def test_other_stores_database_is_refused(community: Community, land_one) -> None:
    land_one(1)
    before = files_of(community)
    StoreVersion.objects.all().delete()  # as an empty database has it
    StoredFile.objects.all().delete()
    for act in (lambda: sweep(by=OPERATOR), lambda: land_one(2)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "other_store"
    assert files_of(community) == before
    assert len(check()) == 1
