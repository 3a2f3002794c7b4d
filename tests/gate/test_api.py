"""The gate through the API: the same answers as a command and a page give, the same refusals, the same entries; attacks."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.casework import town
from tests.gate import making
from tests.gate.attacks import ATTACKS, READ
from tests.gate.test_attacks_pages import EVALUATOR, HIDDEN, NORTH, NOWHERE, OFFICER, STEWARD, WORKER, settle
from tests.site.people import program
from throughway.cli.root import main
from throughway.consent import actions as consents
from throughway.core.json_output import as_text
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, governed_access
from throughway.gate.actions.query_result import query_json
from throughway.ledger.access_channels import COMMAND, using_channel
from throughway.ledger.models import LedgerEntry
from throughway.partners.selectors import actor
from throughway.store.selectors import current_community

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]

HUB = "officer@hub.example"
QUESTIONS = [
    (WORKER, "casework", "SELECT person_id, first_name, last_or_surname FROM person ORDER BY 1"),
    (WORKER, "casework", "SELECT attendance_status, count(*) AS n, avg(1.5) AS a FROM attendance_day GROUP BY 1 ORDER BY 1"),
    (WORKER, "casework", "SELECT max(attendance_event_date) AS last, 1/0 AS nothing FROM attendance_day"),
    (WORKER, "casework", "SELECT birthdate FROM person"),
    (WORKER, "planning", "SELECT person_id FROM attendance_day"),
    (WORKER, "nowhere", "SELECT 1"),
    (EVALUATOR, "planning", "SELECT person_id, birthdate FROM person ORDER BY 1, 2"),
    (EVALUATOR, "planning", "SELEC person_id"),
    (EVALUATOR, "planning", "DROP TABLE person"),
    (EVALUATOR, "casework", "SELECT first_name FROM person"),
    (HUB, "counting", "SELECT count(*) AS n FROM attendance_day"),
    (NORTH, "own_records", "SELECT first_name, person_id FROM person ORDER BY 1"),
]  # fmt: skip


@pytest.fixture
def known(tmp_path: Path) -> dict[str, str]:
    return settle(tmp_path)


class Programs(dict[str, Client]):
    """A program of each user, made when it is asked for."""

    def __missing__(self, email: str) -> Client:
        self[email] = program(actor(email))
        return self[email]


@pytest.fixture
def programs(known: dict[str, str]) -> Programs:
    return Programs()


def post(client: Client, address: str, **body: Any) -> Any:
    return client.post(f"/api/{address}", json.dumps(body), content_type="application/json")


def commanded(*words: str) -> tuple[int, Any]:
    """What the command line says, and how it ends."""
    done = CliRunner().invoke(main, ["--community", str(current_community().root), *words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def without_id(document: Any) -> Any:
    """But for the entry's id, which is another each time."""
    return {k: v for k, v in document.items() if k != "disclosure"}


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, community: Any) -> None:
    monkeypatch.setenv("THROUGHWAY_COMMUNITY", str(community.root))


@pytest.fixture(autouse=True)
def command_channel() -> Iterator[None]:
    """Entries name a channel, as all do that this version writes."""
    with using_channel(COMMAND):
        yield


def test_a_question_is_answered_and_refused_as_by_the_command(programs: Programs) -> None:
    seen = set()
    for who, purpose, sql in QUESTIONS:
        exit_code, said = commanded("query", sql, "--purpose", purpose, "--as", who)
        response = post(programs[who], "query", sql=sql, purpose=purpose)
        assert (response.status_code == 200) == (exit_code == 0), sql
        assert without_id(response.json()) == without_id(said), sql
        seen.add(response.status_code)
        entries = list(LedgerEntry.objects.order_by("-at").values()[:2])
        assert [entry["way"] for entry in entries] == ["api", "command"]
        alike = [{k: v for k, v in e.items() if k not in ("id", "at", "way", "mac")} for e in entries]
        assert alike[0] == alike[1], sql  # but for that the same entry, word for word
        assert alike[0]["outcome"] == ("released" if exit_code == 0 else "refused")
    assert seen == {200, 403, 422}


def test_the_day_of_reading_counts(programs: Programs) -> None:
    sql = "SELECT count(*) AS n FROM attendance_day"
    for day in ("0001-01-01", "2019-01-01", "2026-09-01", "2999-01-01", "9999-12-31"):
        exit_code, said = commanded("query", sql, "--purpose", "planning", "--as", EVALUATOR, "--on", day)
        response = post(programs[EVALUATOR], "query", sql=sql, purpose="planning", on=day)
        assert without_id(response.json()) == without_id(said), day
        assert (response.status_code == 200) == (exit_code == 0)


def test_what_the_page_counts_the_api_counts(programs: Programs) -> None:
    page = town.signed_in(WORKER).get("/students/").content.decode()
    shown = set(map(int, re.findall(r"/students/(\d+)/", page)))
    answer = post(
        programs[WORKER], "query", sql="SELECT DISTINCT person_id FROM person", purpose="casework"
    ).json()
    assert {row[0] for row in answer["rows"]} == shown == {town.PERSON}
    record = programs[WORKER].get(f"/api/students/{town.PERSON}?purpose=casework").json()
    assert (
        record["tables"]["person"]["rows"][0][record["tables"]["person"]["columns"].index("first_name")]
        == "Ada"
    )
    assert LedgerEntry.objects.get(id=record["disclosure"]).actor_email == WORKER
    # Five days missed stand on the page; they are in the record.
    days = record["tables"]["attendance_day"]
    status = days["columns"].index("attendance_status")
    missed = sum(row[status] == "UnexcusedAbsence" for row in days["rows"])
    student = town.signed_in(WORKER).get(f"/students/{town.PERSON}/").content.decode()
    assert missed == 5
    assert re.search(rf"\b({missed}|five)\b", student, re.IGNORECASE)


def test_the_ledger_is_told_as_by_the_command(programs: Programs) -> None:
    for words, ask in (
        (("ledger", "person", "12", "--as", HUB), lambda: programs[HUB].get("/api/ledger/person/12")),
        (("ledger", "person", "--partner", "north", "--record-key", "n-12", "--looks", "--as", HUB),
         lambda: post(programs[HUB], "ledger/person", partner="north", record_key="n-12", looks=True)),
    ):  # fmt: skip
        _, said = commanded(*words)
        told = ask().json()
        assert len(told["disclosures"]) == len(said["disclosures"]) + ("--looks" in words)
        assert told["disclosures"][: len(said["disclosures"])] == said["disclosures"]
        assert said["disclosures"]
    head = programs[HUB].get("/api/ledger/head").json()
    assert head == commanded("ledger", "head")[1]
    assert post(programs[HUB], "ledger/verify").json() == commanded("ledger", "verify")[1]
    assert post(programs[HUB], "ledger/verify", head=head).json()["ok"] is True
    kept = current_community().root / "head.json"
    kept.write_text(json.dumps(head), encoding="utf-8")
    enter(actor=actor(EVALUATOR), purpose="planning").query("SELECT 1 AS one FROM attendance_day")
    grown = post(programs[HUB], "ledger/proof", head=head).json()
    assert grown == commanded("ledger", "prove", "--head", str(kept))[1]
    assert grown["head"]["size"] > head["size"]
    entry = str(LedgerEntry.objects.filter(actor_partner="hub").values_list("id", flat=True)[0])
    proof = programs[HUB].get(f"/api/ledger/proof/{entry}").json()
    assert proof == commanded("ledger", "prove", entry, "--as", HUB)[1]
    assert entry in proof["lines"]
    tied = post(programs[HUB], f"ledger/proof/{entry}/tied", head=head).json()
    assert tied == commanded("ledger", "prove", entry, "--head", str(kept), "--as", HUB)[1]
    assert tied["kept"] == head
    forged = post(programs[HUB], "ledger/verify", head=head | {"size": 99})
    assert (forged.status_code, forged.json()["error"]["code"]) == (422, "bad_head")
    for odd in (
        {},
        {"size": "x"},
        {"head": head},
        dict.fromkeys(head),
        {k: [] for k in head},
        head | {"size": -1},
    ):
        for address in ("ledger/verify", "ledger/proof", f"ledger/proof/{entry}/tied"):
            assert post(programs[HUB], address, head=odd).status_code == 422, odd


def test_who_read_is_told_as_on_the_page(programs: Programs) -> None:
    """A discloser is told the partner and the role, not the address; the steward is told it. The command tells the same.
    A proof is of the entry's own words, and goes to all who see the entry."""
    enter(actor=actor("evaluator@hub.example"), purpose="planning").query(
        "SELECT person_id FROM attendance_day"
    )
    by_north = programs[NORTH].get("/api/ledger/person/12").json()["disclosures"]
    by_hub = programs[HUB].get("/api/ledger/person/12").json()["disclosures"]
    assert "evaluator@hub.example" not in json.dumps(by_north)
    assert "evaluator@hub.example" in json.dumps(by_hub)
    others = next(e["id"] for e in by_north if e["actor"]["partner"] == "hub")
    assert "evaluator@hub.example" not in json.dumps(commanded("ledger", "person", "12", "--as", NORTH)[1])
    assert programs[NORTH].get(f"/api/ledger/proof/{others}").status_code == 200
    assert programs[HUB].get(f"/api/ledger/proof/{others}").status_code == 200


def closed_and_absent(
    known: dict[str, str],
) -> Iterator[tuple[str, str, Callable[[Client, str], Any], str, str]]:
    """Who asks; what for, as it is there and closed, and as it never was."""
    for student in ("12", "13", "22", "11"):
        yield (
            f"student {student}",
            WORKER,
            lambda c, v: c.get(f"/api/students/{v}?purpose=casework"),
            student,
            "987654321",
        )
        yield (
            f"the same {student}, of no number that fits",
            WORKER,
            lambda c, v: c.get(f"/api/students/{v}?purpose=casework"),
            student,
            str(2**70),
        )
        yield (
            f"who saw {student}",
            WORKER,
            lambda c, v: c.get(f"/api/ledger/person/{v}"),
            student,
            "987654321",
        )
    yield "who saw another's", NORTH, lambda c, v: c.get(f"/api/ledger/person/{v}"), "22", "987654321"
    yield (
        "who saw another's, looks",
        NORTH,
        lambda c, v: c.get(f"/api/ledger/person/{v}?looks=true"),
        "22",
        str(2**63),
    )
    yield (
        "another's key",
        NORTH,
        lambda c, v: post(c, "ledger/person", partner="harbor", record_key=v),
        "h-22",
        "h-99",
    )
    yield (
        "a key elsewhere",
        NORTH,
        lambda c, v: post(c, "ledger/person", partner=v, record_key="n-12"),
        "harbor",
        "nobody",
    )
    yield (
        "a key, for a worker",
        WORKER,
        lambda c, v: post(c, "ledger/person", partner="north", record_key=v),
        "n-12",
        "n-99",
    )
    for who in (OFFICER, WORKER, EVALUATOR, STEWARD):
        yield "an entry", who, lambda c, v: c.get(f"/api/ledger/proof/{v}"), known["ENTRY"], NOWHERE
        yield (
            "an entry, tied",
            who,
            lambda c, v: post(c, f"ledger/proof/{v}/tied", head={}),
            known["ENTRY"],
            NOWHERE,
        )
        for form in ("plain", "sql", "odcs", "odrl"):
            yield (
                f"an agreement {form}",
                who,
                lambda c, v, f=form: c.get(f"/api/agreements/{v}?form={f}"),
                "quiet-2026",
                "loud-2026",
            )
        yield "a load", who, lambda c, v: c.get(f"/api/loads/{v}"), "hush-hush-1", "loud-1"
        for tier in ("dsa", "dul"):
            yield (
                f"a draft of a {tier} under it",
                who,
                lambda c, v, t=tier: post(
                    c, "agreements/review", text=json.dumps(making.sharing(id="mine-2026", tier=t, under=[v]))
                ),
                "quiet-2026",
                "loud-2026",
            )
        yield "whether it is listed", who, lambda c, v: c.get("/api/agreements"), "quiet-2026", "loud-2026"
        yield "whether its loads are listed", who, lambda c, v: c.get("/api/loads"), "hush-hush-1", "loud-1"
    yield (
        "a report of a release that is none",
        EVALUATOR,
        lambda c, v: c.get(f"/api/reports/pipeline/{v}"),
        "AB12CD34",
        "XY12CD34",
    )


def test_unknown_and_closed_look_the_same(known: dict[str, str], programs: Programs) -> None:
    told = []
    asked = [(name, *rest) for name, *rest in closed_and_absent(known)]
    assert len(asked) >= 50
    for name, who, ask, closed, absent in asked:
        one, other = ask(programs[who], closed), ask(programs[who], absent)
        plain = [
            (
                r.status_code,
                {k: v for k, v in r.items() if k != "Content-Length"},
                r.content.decode().replace(v, "…"),
            )
            for r, v in ((one, closed), (other, absent))
        ]
        if plain[0] != plain[1]:
            told.append((name, who, plain))
        elif who != NORTH and any(word in plain[0][2] for word in HIDDEN):
            told.append((name, who, "says what is hidden"))
    assert told == []


def test_what_is_closed_to_some_opens_to_those_who_may(known: dict[str, str], programs: Programs) -> None:
    for who, address in (
        (NORTH, "agreements/quiet-2026"), (NORTH, "loads/hush-hush-1"), (HUB, f"ledger/proof/{known['ENTRY']}"),
        (HUB, "ledger/person/12"), (WORKER, f"students/{town.PERSON}?purpose=casework"),
    ):  # fmt: skip
        assert programs[who].get(f"/api/{address}").status_code == 200, address


def in_order(answer: dict[str, Any]) -> dict[str, Any]:
    return without_id(answer) | {"rows": sorted(answer["rows"], key=str)}


SAMPLE = [*list(ATTACKS.items())[::9], *list(READ.items())[::9]]
RAW = re.compile(
    r"duckdb|binder error|catalog error|parser error|conversion error|sqlglot|traceback", re.IGNORECASE
)


def test_attacks_by_sql_get_what_they_get_at_the_gate(programs: Programs) -> None:
    """A sample of the attacks: through the API each gets the very answer or refusal that the gate gives, and nothing hidden."""
    assert len(SAMPLE) >= 60
    told, answered = [], 0
    for name, sql in SAMPLE:
        response = post(programs[WORKER], "query", sql=sql, purpose="casework")
        text = response.content.decode()
        try:
            given = query_json(enter(actor=actor(WORKER), purpose="casework").query(sql))
            # Both by their rows, whose order is nobody's promise where none was asked for.
            same = in_order(json.loads(as_text(given))) == in_order(response.json())
            answered += 1
        except Refused as refused:
            same = {"error": refused.to_json()} == response.json() and response.status_code in (403, 422)
        if not same or any(re.search(rf"\b{word}\b", text) for word in HIDDEN) or RAW.search(text):
            told.append((name, sql, response.status_code, text[:300]))
    assert told == []
    assert answered >= 3


def test_an_answer_that_is_too_long_is_refused_as_by_the_command(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(governed_access, "MOST_ROWS", 5)
    sql = "SELECT attendance_event_date FROM attendance_day"
    response = post(programs[WORKER], "query", sql=sql, purpose="casework")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "too_large")
    assert commanded("query", sql, "--purpose", "casework", "--as", WORKER) == (1, response.json())
    assert LedgerEntry.objects.order_by("-at")[0].outcome == "refused"


def test_odd_purposes_are_refused_and_recorded(programs: Programs) -> None:
    before, odds = (
        LedgerEntry.objects.count(),
        ["\u202e", "ʼ", "a\nb", "'; DROP TABLE x; --", "../etc", "%00", "x" * 5000],
    )
    for odd in odds:
        assert post(programs[WORKER], "query", sql="SELECT 1", purpose=odd).status_code == 403
        assert programs[WORKER].get("/api/students/12", {"purpose": odd}).status_code == 403
    assert LedgerEntry.objects.count() == before + 2 * len(odds)
    assert post(programs[WORKER], "query", sql="SELECT 1", purpose="a\0b").status_code == 422
    assert programs[WORKER].get("/api/students/12?purpose=a%00b").status_code == 422


def test_a_withdrawn_consent_closes_at_the_next_question(programs: Programs, tmp_path: Path) -> None:
    asked = {"sql": "SELECT first_name FROM person", "purpose": "casework"}
    assert len(post(programs[WORKER], "query", **asked).json()["rows"]) == 1
    given = next(c for c in commanded("consent", "list")[1]["consents"] if c["decision"] == "yes")
    consents.withdraw(id=given["id"], by=actor(NORTH))
    assert post(programs[WORKER], "query", **asked).json()["rows"] == []
    record = programs[WORKER].get(f"/api/students/{town.PERSON}?purpose=casework")
    assert record.status_code == 404 or "Ada" not in record.content.decode()
