"""A destruction that stopped says so, is gone on with, and still looks for what it set out to look for."""

from pathlib import Path

import pytest

from tests.destruction.papers import end, load, paper, people, person, rows, sign
from tests.destruction.test_agreement import ALL, files_with, held
from tests.kept import kept
from throughway.core.refusals import Refused
from throughway.destruction import tasks
from throughway.destruction.actions import execution, orders
from throughway.destruction.models import Destruction
from throughway.destruction.selectors import one
from throughway.gate.actions import enter
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@kept
def town(community: Community, tmp_path: Path) -> Community:
    people("leader", "steward", "officer", "evaluator")
    sign(paper("one", ALL), "one")
    load(tmp_path, rows({"SENTINEL-001": "06", "SENTINEL-002": "07"}))
    return community


def test_a_worker_that_breaks_says_so_and_another_goes_on(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    end("one")
    id = orders.order(kind="agreement", id="one", by=person("steward", "backbone"))
    assert stands(id) == ("waits", "")

    def broken(*given: object) -> None:
        raise ValueError("Family-SENTINEL-001 cannot be read")

    with monkeypatch.context() as patched:
        patched.setattr(execution, "scan", broken)
        with pytest.raises(RuntimeError):
            tasks.carry_out.func(id)
    assert stands(id) == ("stopped", "It failed (ValueError).")
    assert (
        files_with(town, "Family-SENTINEL") == files_with(town, "SENTINEL-00") == []
    )  # kept sealed meanwhile
    tasks.carry_out.func(id)
    assert stands(id) == ("certified", "")
    scan = Destruction.objects.get(id=id).certificate["certificate"]["scan"]
    assert scan["values"] == 2
    assert not list((town.keys / ".sought").iterdir())


def stands(id: str) -> tuple[str, str]:
    found = one(id)
    assert found is not None
    return found.stands, found.stopped


def test_dead_worker_is_distinguished_from_a_running_one(town: Community) -> None:
    end("one")
    id = orders.order(kind="agreement", id="one", by=person("steward", "backbone"))
    Destruction.objects.filter(id=id).update(step="landed")
    assert stands(id) == ("stopped", "")
    with execution.process_locks.alone(town.data / "destruction.turn", patience=0, busy=""):
        assert stands(id) == ("under way", "")


def test_found_value_stops_the_certificate_until_it_is_gone(town: Community) -> None:
    end("one")
    left = town.data / "left.txt"
    left.write_text("SENTINEL-001, SENTINEL-002")
    for _ in range(2):
        with pytest.raises(Refused, match="still holds some of the data"):
            orders.destroy(agreement="one", by=person("steward", "backbone"))
    left.unlink()
    made = orders.destroy(agreement="one", by=person("steward", "backbone"))
    assert made.body["scan"]["values"] == 2


def test_values_without_their_key_are_reported_as_not_sought(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    end("one")
    with monkeypatch.context() as patched:
        patched.setattr(execution, "scan", lambda *given: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            orders.destroy(agreement="one", by=person("steward", "backbone"))
    for key in (town.keys / ".sought").iterdir():
        key.unlink()
    made = orders.destroy(agreement="one", by=person("steward", "backbone"))
    assert made.body["scan"]["lost"]
    assert made.body["scan"]["values"] == 0


def test_codes_of_vanished_values_are_destroyed_everywhere(town: Community, tmp_path: Path) -> None:
    sign(
        paper(
            "coded", ["element: person.last_or_surname, transform: pseudonym", "element: person.first_name"]
        ),
        "coded",
    )
    lines = rows({"SENTINEL-001": "06", "SENTINEL-002": "07"})
    load(
        tmp_path,
        [
            *lines,
            *(
                [*line[:2], "Common", *line[3:]]
                for line in rows({"SENTINEL-003": "06", "SENTINEL-004": "06"})
            ),
        ],
    )
    enter(actor=person("evaluator", "backbone"), purpose="use-coded").query(
        "SELECT last_or_surname FROM person"
    )
    values = {"Family-SENTINEL-001", "Family-SENTINEL-002", "Common"}
    assert {row["value"] for row in held("value_code", "coded/use-coded")} == values
    record = {row["key"]: int(str(row["record"])) for row in held("record_key")}
    orders.destroy(person=record["SENTINEL-001"], by=person("officer", "school"))
    orders.destroy(person=record["SENTINEL-003"], by=person("officer", "school"))
    assert {row["value"] for row in held("value_code", "coded/use-coded")} == values - {"Family-SENTINEL-001"}
    orders.destroy(person=record["SENTINEL-004"], by=person("officer", "school"))
    assert {row["value"] for row in held("value_code", "coded/use-coded")} == {"Family-SENTINEL-002"}
