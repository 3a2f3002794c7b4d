"""Attacks through the pages of the site, each with a name. The table only grows.

Each asks once for something that is there and closed to who asks, and once for something that was never there. Both answers
must be the same: status, headers and every word, but for the asked address itself and tokens that are new in every answer.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.utils.html import escape

from tests.casework import town
from tests.gate import making
from throughway.gate.actions import enter
from throughway.intake.models import IntakeBatch, Upload
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners import actions as partners

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]

WORKER, STEWARD = town.WORKER, "steward@harbor.example"
OFFICER, NORTH, EVALUATOR = "officer@harbor.example", "officer@north.example", "evaluator@harbor.example"
HX = {"HX-Request": "true"}
NOWHERE = "0b9f3c1e-0000-4000-8000-00000000dead"  # the id of no entry
# What stands in the answer to one who may read it, and so must never stand in that to one who may not.
HIDDEN = ("Ben", "Two", "Cyd", "Six", "Dot", "Quiet terms", "hush-hush", "secret-file", "quiet-reports")


@dataclass(frozen=True)
class Attack:
    """`closed` and `absent`: what stands for `{}` in the address, or in the body where the address has none."""

    name: str
    who: str
    address: str
    closed: str
    absent: str
    method: str = "get"
    body: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def of_students() -> list[Attack]:
    found = []
    for student, why in (
        ("12", "refused"),
        ("13", "off the caseload"),
        ("22", "unlinked"),
        ("11", "by a record's number"),
    ):
        for method in ("get", "post", "head"):
            found.append(
                Attack(f"student {why}, {method}", WORKER, "/students/{}/", student, "987654321", method)
            )
        found.append(
            Attack(
                f"student {why}, a part of the page",
                WORKER,
                "/students/{}/",
                student,
                "987654321",
                headers=HX,
            )
        )
        found.append(
            Attack(f"who saw the student {why}", WORKER, "/ledger/student/{}/", student, "987654321")
        )
        found.append(Attack(f"the person {why}", WORKER, "/persons/{}/", student, "987654321"))
        found.append(
            Attack(
                f"the person {why}, for the desk of a program", STEWARD, "/persons/{}/", student, "987654321"
            )
        )
    for name in ("Ben", "Two", "Cyd", "n-12", "%", "_", "B%", "' OR 1=1 --"):
        found.append(
            Attack(f"search for {name}", WORKER, "/students/", name, "Xyzzy", "post", {"words": "{}"})
        )
        found.append(
            Attack(f"search in the address for {name}", WORKER, "/students/?words={}", name, "Xyzzy")
        )
        found.append(
            Attack(
                f"search for {name}, a part of the page",
                WORKER,
                "/students/",
                name,
                "Xyzzy",
                "post",
                {"words": "{}"},
                HX,
            )
        )
    for chip in ("talk", "consent", "12", "n-13"):
        found.append(Attack(f"chip {chip} of nobody", EVALUATOR, "/students/?show={}", chip, "xyzzy"))
    return found  # fmt: skip


def of_the_ledger() -> list[Attack]:
    found = [
        Attack("an entry of others", OFFICER, "/ledger/{}/", "ENTRY", NOWHERE),
        Attack("an entry of others, head", OFFICER, "/ledger/{}/", "ENTRY", NOWHERE, "head"),
        Attack("an entry, for a worker", WORKER, "/ledger/{}/", "ENTRY", NOWHERE),
        Attack("entries before one of others", OFFICER, "/ledger/?days=&before={}", "ENTRY", NOWHERE),
        Attack("entries before one of others, a part", OFFICER, "/ledger/?days=&before={}", "ENTRY", NOWHERE, headers=HX),
        Attack("entries of a purpose of others", OFFICER, "/ledger/?days=&purpose={}", "quiet-reports", "loud-reports"),
        Attack("who saw another partner's student", NORTH, "/ledger/student/{}/", "22", "987654321"),
        Attack("who saw another partner's student, by a program", OFFICER, "/ledger/student/{}/", "12", "987654321"),
        Attack("another partner's key", NORTH, "/ledger/student/", "h-22", "h-99", "post", {"partner": "harbor", "record_key": "{}"}),
        Attack("another partner's key, by a program", OFFICER, "/ledger/student/", "n-12", "n-99", "post",
               {"partner": "north", "record_key": "{}"}),
        Attack("a key under the wrong partner", OFFICER, "/ledger/student/", "n-12", "n-99", "post",
               {"partner": "harbor", "record_key": "{}"}),
        Attack("a key, for a worker", WORKER, "/ledger/student/", "n-12", "n-99", "post", {"partner": "north", "record_key": "{}"}),
        Attack("a key at the persons' desk", STEWARD, "/persons/find/", "n-12", "n-99", "post", {"partner": "north", "record_key": "{}"}),
        Attack("a key in the persons' address", STEWARD, "/persons/find/?record_key={}", "n-12", "n-99"),
    ]  # fmt: skip
    for outcome in ("released", "refused", "published"):
        address = f"/ledger/?days=&outcome={outcome}&before={{}}"
        found.append(Attack(f"{outcome} before one of others", OFFICER, address, "ENTRY", NOWHERE))
    return found


def of_papers() -> list[Attack]:
    found = []
    for who in (WORKER, OFFICER, EVALUATOR, STEWARD):
        mine = who.split("@")[0]
        for path in (
            "",
            "sql/",
            "sql/?file=1",
            "sign/",
            "activate/",
            "suspend/",
            "resume/",
            "terminate/",
            "xyzzy/",
        ):
            address = f"/agreements/{{}}/{path}"
            found.append(
                Attack(f"agreement of others {path}, {mine}", who, address, "quiet-2026", "loud-2026")
            )
        for act in ("sign", "terminate", "suspend"):
            address = f"/agreements/{{}}/{act}/"
            found.append(
                Attack(
                    f"{act} an agreement of others, {mine}",
                    who,
                    address,
                    "quiet-2026",
                    "loud-2026",
                    "post",
                    {"reason": "x"},
                )
            )
        for tier in ("dsa", "dul"):
            draft = json.dumps(making.sharing(id="mine-2026", tier=tier, under=["{}"]))
            name = f"draft of a {tier} under an agreement of others, {mine}"
            found.append(
                Attack(name, who, "/agreements/review/", "quiet-2026", "loud-2026", "post", {"text": draft})
            )
        for path in ("", "set-aside.csv"):
            found.append(
                Attack(f"load of others {path}, {mine}", who, f"/loads/{{}}/{path}", "hush-hush-1", "loud-1")
            )
        found.append(Attack(f"upload of others, {mine}", who, "/loads/sent/{}/", "hush-hush-2", "loud-2"))
        found.append(
            Attack(
                f"upload of others, a part, {mine}",
                who,
                "/loads/sent/{}/",
                "hush-hush-2",
                "loud-2",
                headers=HX,
            )
        )
        found.append(
            Attack(
                f"file for a partner of others, {mine}",
                who,
                "/loads/new/",
                "north",
                "nobody",
                "post",
                {"partner": "{}"},
            )
        )
        found.append(Attack(f"report for a purpose of others, {mine}", who, "/pipeline/new/", "quiet-reports", "loud-reports", "post",
                            {"purpose": "{}"}))  # fmt: skip
        found.append(Attack(f"figure for a purpose of others, {mine}", who, "/figures/", "quiet-reports", "loud-reports", "post",
                            {"purpose": "{}", "sql": "SELECT count(DISTINCT person_id) AS n FROM person"}))  # fmt: skip
    return found


def of_people() -> list[Attack]:
    found = []
    for who in (WORKER, EVALUATOR, OFFICER):
        mine = who.split("@")[0]
        for path, method in (
            ("", "get"),
            ("", "post"),
            ("link/", "post"),
            ("close/", "post"),
            ("open/", "post"),
        ):
            name = f"a user of another partner, {path or 'page'} {method}, {mine}"
            found.append(Attack(name, who, f"/partners/people/{{}}/{path}", "USER", "987654", method))
    return found


ATTACKS = [*of_students(), *of_the_ledger(), *of_papers(), *of_people()]


def settle(folder: Path) -> dict[str, str]:
    """Harbor's worker reaches Ada alone; north and hub have an agreement, loads and readings of their own."""
    town.settle()
    town.works_with(11, 12)
    town.allow(folder, ("n-11", "yes"), ("n-12", "no"), ("n-13", "yes"))
    partners.add_user(email=STEWARD, partner="harbor", role="data_steward", by=OPERATOR)
    reports = making.purpose(
        "quiet-reports", "reporting", "aggregate", recipients=["hub"], interest="hush-hush"
    )
    making.in_effect(making.sharing(
        id="quiet-2026", title="Quiet terms", purposes=[reports],
        parties=[making.party("north", "discloser", "recipient"), making.party("hub", "steward", "recipient")],
        schedule=[making.line("attendance_day.*", "quiet-reports")],
    ))  # fmt: skip
    now = datetime.now(UTC)
    IntakeBatch.objects.create(
        id="hush-hush-1", partner="north", format="csv", source="secret-file.csv", at=now, by="x"
    )
    Upload.objects.create(
        id="hush-hush-2",
        partner="north",
        format="csv",
        name="secret-file.csv",
        at=now,
        by="x",
        state="waiting",
    )
    # Readings of harbor's before and after, so that a place in the ledger would show.
    read = "SELECT person_id FROM attendance_day"
    enter(actor=making.reader(EVALUATOR), purpose="planning").query(read)
    entry = enter(actor=making.reader("evaluator@hub.example"), purpose="planning").query(read).disclosure
    enter(actor=making.reader(EVALUATOR), purpose="planning").query(read)
    from throughway.partners.models import User

    return {"ENTRY": entry, "USER": str(User.objects.get(email="officer@hub.example").pk)}  # fmt: skip


def plain(response: HttpResponse, address: str, value: str) -> tuple[object, ...]:
    """The answer without what is new in each, and without what was asked for."""
    body = re.sub(r'value="\w{64}"|nonce="[^"]+"', "", response.content.decode())
    told = {n: v for n, v in response.items() if n not in ("Content-Length", "Set-Cookie")}
    # Of what is so short that it stands everywhere, only where a form gives it back.
    given_back = f'value="{escape(value)}"'
    for asked in (address, quote(address), given_back, *((value, escape(value)) if len(value) > 2 else ())):
        body, told = body.replace(asked, "…"), {n: v.replace(asked, "…") for n, v in told.items()}
    return response.status_code, told, body


def test_there_are_many_attacks_and_there_will_be_more() -> None:
    """Raise the number with the table; never lower it."""
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 168


def test_unknown_and_forbidden_look_the_same(tmp_path: Path) -> None:
    known = settle(tmp_path)
    clients = {who: town.signed_in(who) for who in (WORKER, STEWARD, OFFICER, NORTH, EVALUATOR)}

    def answer(attack: Attack, value: str) -> tuple[object, ...]:
        value = known.get(value, value)
        ask: Callable[..., Any] = getattr(clients[attack.who], attack.method)
        address = attack.address.replace("{}", value)
        body = {n: v.replace("{}", value) for n, v in attack.body.items()}
        said = ask(address, body, headers=attack.headers) if body else ask(address, headers=attack.headers)
        return plain(said, address, value)

    told = []
    for attack in ATTACKS:
        closed, absent = answer(attack, attack.closed), answer(attack, attack.absent)
        if closed != absent:
            told.append((attack.name, *_different(closed, absent)))
        elif attack.who != NORTH and any(word in str(closed) for word in HIDDEN):
            told.append((attack.name, "says what is hidden", [w for w in HIDDEN if w in str(closed)]))
    assert told == []


def _different(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[object, ...]:
    if one[:2] != other[:2]:
        return one[:2], other[:2]
    lines = zip(one[2].splitlines(), other[2].splitlines(), strict=False)
    return next(((a, b) for a, b in lines if a != b), (len(one[2]), len(other[2])))


def test_what_is_closed_to_some_opens_to_those_who_may(tmp_path: Path) -> None:
    """The attacks ask for what is there."""
    known = settle(tmp_path)
    opened = [
        ("officer@north.example", "/agreements/quiet-2026/"), ("officer@hub.example", f"/ledger/{known['ENTRY']}/"),
        ("officer@hub.example", "/ledger/student/12/"), ("officer@north.example", "/loads/hush-hush-1/"),
        ("officer@north.example", "/loads/sent/hush-hush-2/"), (WORKER, f"/students/{town.PERSON}/"),
        ("officer@hub.example", f"/partners/people/{known['USER']}/"),
    ]  # fmt: skip
    assert [(who, a, town.signed_in(who).get(a).status_code) for who, a in opened] == [
        (w, a, 200) for w, a in opened
    ]
    assert LedgerEntry.objects.filter(outcome="released").count() >= 3
