"""What people wrote in their own words goes with its rows and their keys, on every way by which data are destroyed, whether a folder of an
earlier version has been sealed meanwhile or not."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.destruction.papers import HEAD, STUDENTS, end, paper, people, person, rows, sign
from tests.destruction.test_agreement import ALL, files_with, held
from tests.destruction.test_consent import decide
from tests.destruction.test_partner_and_person import ids
from throughway.consent import actions as consent
from throughway.consent.selectors.decisions import consents
from throughway.destruction.actions import orders
from throughway.identity.actions import linking
from throughway.intake import actions as intake
from throughway.partners import OPERATOR
from throughway.store import Community, schemas
from throughway.store.actions.maintenance import check
from throughway.store.selectors import snapshot
from throughway.store.vault import Vault

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "element: attendance_day.attendance_event_reason"
CHOSEN = {"SENTINEL-001": "06", "SENTINEL-002": "07"}
STEWARD = ("steward", "backbone")


def load(folder: Path, *, clear: bool, partner: str = "school") -> None:
    """Two students with a reason on each day, which names one of them; `clear`: as an earlier version stored it."""
    path, crosswalk = folder / "export.csv", folder / "reasons.yaml"
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([*HEAD, "Reason"])
        lines.writerows([*row, f"Zebulonia of {row[0]}"] for row in rows(CHOSEN))
    reason = "attendance_status: {from: Mark}, attendance_event_reason: {from: Reason}"
    crosswalk.write_text(STUDENTS.replace("attendance_status: {from: Mark}", reason), encoding="utf-8")
    with pytest.MonkeyPatch.context() as earlier:
        if clear:
            earlier.setattr(schemas, "free_text", lambda name: ())
        intake.load(path=path, partner=partner, format="csv", crosswalk=crosswalk, by=OPERATOR)
    path.unlink()


def texts(partner: str = "school") -> list[str]:
    with snapshot() as stored:
        return sorted(set(stored.text("attendance_day", partner)["attendance_event_reason"].to_pylist()))


def sealed() -> set[str]:
    """The agreements that open the sealed text."""
    with snapshot() as stored:
        files = stored.stored("attendance_day~text")
        return {name for file in files for name in Vault(stored._community).keyring.openers(file.id)}


@pytest.fixture
def town(community: Community) -> Community:
    people()
    return community


def agree(*ids: str, more: Sequence[str] = (REASON,), linkage: bool = False) -> None:
    for id in ids:
        sign(paper(id, [*ALL, *more], linkage=linkage), id)


def is_gone(town: Community) -> None:
    assert files_with(town, "Zebulonia") == []
    assert check() == []


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("seal", [False, True])
def test_two_agreements_end_one_after_the_other(
    town: Community, tmp_path: Path, clear: bool, seal: bool
) -> None:
    agree("one", "two")
    load(tmp_path, clear=clear)
    if seal:
        assert intake.seal_clear_text(by=OPERATOR).files == clear
        assert sealed() == {"one", "two"}
    end("one")
    orders.destroy(agreement="one", by=person(*STEWARD))
    intake.seal_clear_text(by=OPERATOR)
    assert sealed() == {"two"}
    assert texts() == ["Zebulonia of SENTINEL-001", "Zebulonia of SENTINEL-002"]
    is_gone(town)
    end("two")
    orders.destroy(agreement="two", by=person(*STEWARD))
    assert not list(town.vault.glob("*"))
    assert not list(town.store.glob("*.parquet"))
    assert [p.name for p in town.keys.iterdir() if (p / "key").exists()] == []
    is_gone(town)


@pytest.mark.parametrize("clear", [False, True])
def test_an_agreement_that_began_later_has_its_keys(town: Community, tmp_path: Path, clear: bool) -> None:
    agree("one")
    load(tmp_path, clear=clear)
    intake.seal_clear_text(by=OPERATOR)
    agree("two")
    agree("plain", more=())
    assert sealed() == {"one", "two"}
    end("one")
    orders.destroy(agreement="one", by=person(*STEWARD))
    assert sealed() == {"two"}
    assert len(texts()) == 2


@pytest.mark.parametrize("clear", [False, True])
def test_one_that_needs_the_rows_alone_keeps_no_text(town: Community, tmp_path: Path, clear: bool) -> None:
    agree("one")
    agree("plain", more=())
    load(tmp_path, clear=clear)
    end("one")
    made = orders.destroy(agreement="one", by=person(*STEWARD))
    assert made.destroyed["values"] == {"attendance_day.attendance_event_reason": 4}
    assert (len(held("attendance_day")), texts(), sealed()) == (4, [], set())
    is_gone(town)


@pytest.mark.parametrize("clear", [False, True])
def test_an_ended_agreement_has_its_text_until_it_is_destroyed(
    town: Community, tmp_path: Path, clear: bool
) -> None:
    agree("one")
    load(tmp_path, clear=clear)
    end("one")
    assert intake.seal_clear_text(by=OPERATOR).problems == ()
    assert sealed() == {"one"}
    is_gone(town)
    orders.destroy(agreement="one", by=person(*STEWARD))
    assert not list(town.vault.glob("*"))


@pytest.mark.parametrize("clear", [False, True])
def test_one_person(town: Community, tmp_path: Path, clear: bool) -> None:
    agree("one", linkage=True)
    load(tmp_path, clear=clear)
    linking.link(by=OPERATOR)
    orders.destroy(person=ids()["SENTINEL-001"], by=person("officer", "school"))
    assert (texts(), sealed()) == (["Zebulonia of SENTINEL-002"], {"one"})
    is_gone(town)


@pytest.mark.parametrize("clear", [False, True])
def test_a_consent(town: Community, tmp_path: Path, clear: bool) -> None:
    sign(paper("chosen", [*ALL, REASON], custody="{basis: consent, basis_details: {}}"), "chosen")
    for key in CHOSEN:
        decide(tmp_path, key)
    load(tmp_path, clear=clear)
    ended = consent.withdraw(id=consents()[0].id, by=person("officer", "school")).id
    orders.destroy(consent=ended, by=person("officer", "school"))
    assert (texts(), sealed()) == (["Zebulonia of SENTINEL-002"], {"chosen"})
    is_gone(town)


@pytest.mark.parametrize("clear", [False, True])
def test_a_partner_that_leaves(town: Community, tmp_path: Path, clear: bool) -> None:
    agree("one")
    for partner in ("school", "club"):
        load(tmp_path, clear=clear, partner=partner)
    end("one")
    orders.destroy(partner="club", by=person("officer", "club"))
    assert texts("club") == []
    intake.seal_clear_text(by=OPERATOR)
    assert (len(texts()), sealed()) == (2, {"one"})
    is_gone(town)
