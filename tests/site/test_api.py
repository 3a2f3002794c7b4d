"""The frame of the API: who is let in, what is read of a request, and what every answer is like."""

import errno
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.site.people import program, signed_in
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners import api_endpoints as frame
from throughway.partners.api_endpoints import Day, Flag, Nothing, RequestSchema, Text, from_parts, from_text
from throughway.partners.models import AccessToken
from throughway.partners.tokens.actions import make
from throughway.store import Community

People = dict[Role, Actor]


def code(response: Any) -> str:
    found: str = json.loads(response.content)["error"]["code"]
    return found


def journal(community: Community) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for path in sorted((community.data / "log").glob("site-*.jsonl")):
        lines += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return lines


def test_only_a_token_in_the_header_opens_it(people: People) -> None:
    text = make(email=people[Role.LEADER].email, name="x", days=1, by=OPERATOR).text
    closed = Client().get("/api/")
    assert (closed.status_code, code(closed)) == (401, "no_token")
    for header in (
        "", "Bearer", "Bearer ", f"Bearer {text[:-1]}", f"Basic {text}", f"Token {text}", text, f"Bearer {text} x", f"Bearer {text},",
        f"Bearer Bearer {text}", f"Bearer\t{text}x", f'Bearer "{text}"', "Bearer \u00ff", "Bearer " + "A" * 9000, "Bearer tw_%00_",
    ):  # fmt: skip
        response = Client(headers={"Authorization": header}).get("/api/")
        assert (response.status_code, response.content) == (401, closed.content), header
    for address in (
        f"/api/?access_token={text}",
        f"/api/?token={text}",
        f"/api/?Authorization=Bearer%20{text}",
    ):
        assert Client().get(address).status_code == 401
    browser = Client()
    browser.cookies["Authorization"] = browser.cookies["token"] = f"Bearer {text}"
    assert browser.get("/api/").status_code == 401
    for header in (f"Bearer {text}", f"bearer {text}", f"BEARER   {text} "):
        assert Client(headers={"Authorization": header}).get("/api/").status_code == 200, header


def test_root_shows_the_tokens_user_and_endpoints(people: People) -> None:
    told = {role: program(actor).get("/api/").json() for role, actor in people.items()}
    worker, officer = told[Role.CASE_WORKER], told[Role.PRIVACY_OFFICER]
    assert (worker["email"], worker["partner"], worker["role"]) == (
        "case_worker@oak.example",
        "oak",
        "case_worker",
    )
    offered = {each["address"] for each in worker["endpoints"]}
    assert "/api/query" in offered
    assert {each["address"] for each in officer["endpoints"]} - offered >= {
        "/api/ledger/head",
        "/api/persons",
    }


def test_answers_are_not_cached_and_set_no_cookie(people: People) -> None:
    asking = program(people[Role.LEADER])
    answers = [
        asking.get("/api/"), asking.get("/api/nowhere"), asking.post("/api/query", "x", content_type="text/plain"), Client().get("/api/"),
        asking.put("/api/query"), asking.get("/api/agreements", headers={"Origin": "https://evil.example"}),
        asking.options("/api/query", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}),
    ]  # fmt: skip
    for response in answers:
        told = response.headers
        assert (told["Cache-Control"], told["X-Content-Type-Options"]) == ("no-store", "nosniff")
        assert told["Content-Type"] == "application/json"
        assert not [
            name for name in told if name.startswith("Access-Control") or name in ("Set-Cookie", "Vary")
        ]
        json.loads(response.content)


def test_a_cookie_neither_helps_nor_is_touched(people: People) -> None:
    browser = signed_in(people[Role.LEADER])
    session = browser.session
    before = dict(session.items())
    asking = program(people[Role.CASE_WORKER])
    asking.cookies = browser.cookies
    assert asking.get("/api/").json()["role"] == "case_worker"
    assert dict(browser.session.items()) == before
    assert browser.get("/account/").status_code == 200


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options", "trace"])
def test_wrong_method_names_the_right_one(people: People, method: str) -> None:
    asking = program(people[Role.LEADER])
    response = getattr(asking, method)("/api/query")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    if method != "get":
        assert getattr(asking, method)("/api/agreements").headers["Allow"] == "GET"
    override = asking.post("/api/agreements", headers={"X-HTTP-Method-Override": "GET"})
    assert override.status_code == 405


class Example(RequestSchema):
    sql: Text
    on: Day | None = None
    looks: Flag = False
    head: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "sql is missing; this takes sql, on, looks, head."), (b"{", "The body is not JSON"), (b"\xff\xfe", "The body is not JSON"),
        (b"[]", "not a JSON object"), (b'"x"', "not a JSON object"), (b"null", "not a JSON object"), (b'{"sql": 5}', "sql has the wrong type"),
        (b'{"sql": null}', "sql has the wrong type"), (b'{"sql": "x", "Secret": 1}', "unknown parameter"),
        (b'{"sql": "x", "on": "01/02/2026"}', "on cannot be read: a day is written 2026-09-01"),
        (b'{"sql": "x", "on": 1700000000}', "on cannot be read"), (b'{"sql": "x", "on": "2026-02-30"}', "on cannot be read"),
        (b'{"sql": "x\\u0000"}', "sql cannot be read: a text may not contain the null"), (b'{"sql": "\\ud800"}', "The body is not JSON"),
        (b'{"sql": "x", "head": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}", "The body is not JSON"),
        (b'{"sql": "x", "looks": "yes"}', "looks has the wrong type"), (b'{"sql": "x"} {"sql": "y"}', "The body is not JSON"),
        (b'{"sql": "x", "looks": []}', "looks has the wrong type"), (b'{"sql": "x", "looks": {}}', "looks has the wrong type"),
    ],
)  # fmt: skip
def test_unreadable_body_is_refused_in_a_sentence(body: bytes, told: str) -> None:
    with pytest.raises(Refused) as refused:
        from_text(Example, body)
    assert told in refused.value.message
    assert "Secret" not in refused.value.message


def test_query_strings_are_read() -> None:
    assert (
        from_parts(Example, {"sql": ["x"], "looks": ["true"], "on": ["2026-09-01"]}).model_dump()["looks"]
        is True
    )
    for parts, told in (
        ({"sql": ["x", "y"]}, "more than once"), ({"sql": ["x"], "q": [""]}, "unknown parameter"), ({}, "missing"),
        ({"sql": ["x"], "looks": ["1"]}, "wrong type"), ({"sql": ["x"], "on": ["1700000000"]}, "cannot be read"),
        ({"sql": ["x"], "head": ["{}"]}, "wrong type"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=told):
            from_parts(Example, parts)
    with pytest.raises(Refused, match="takes nothing"):
        from_parts(Nothing, {"sql": ["x"]})


@given(st.binary(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_body_breaks_the_reading(body: bytes) -> None:
    with suppress(Refused):  # and nothing else: no error of the library comes through
        from_text(Example, body)


def test_a_body_has_a_kind_and_a_size(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = program(people[Role.LEADER])
    good = json.dumps({"text": "x"})
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/jsonp",
    ):
        assert asking.post("/api/agreements/review", good, content_type=kind).status_code == 415, kind
    for kind in ("application/json", "application/json; charset=utf-8", "APPLICATION/JSON"):
        assert asking.post("/api/agreements/review", good, content_type=kind).status_code == 200, kind
    at_most = json.dumps({"text": "x" * (frame.LARGEST - len('{"text": ""}'))})
    assert asking.post("/api/agreements/review", at_most, content_type="application/json").status_code == 200
    over = asking.post("/api/agreements/review", at_most + " ", content_type="application/json")
    assert (over.status_code, code(over)) == (413, "too_large")
    huge = asking.post(
        "/api/agreements/review", good, content_type="application/json", CONTENT_LENGTH=str(2**40)
    )
    assert huge.status_code == 413
    odd = asking.post("/api/agreements/review", good, content_type="application/json", CONTENT_LENGTH="many")
    assert (odd.status_code, code(odd)) == (422, "bad_request")
    assert (
        code(asking.post("/api/agreements/review?text=x", good, content_type="application/json"))
        == "bad_request"
    )


def test_failed_tries_do_not_lock_out_a_valid_token(
    people: People, community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "RATES", {"failed": "3/5m/ip", "asked": "4/m/key"})
    asking, other = program(people[Role.LEADER]), program(people[Role.EVALUATOR])
    guess = Client(headers={"Authorization": "Bearer tw_000000000000_" + "A" * 43})
    assert [guess.get("/api/").status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    assert [Client().get("/api/").status_code for _ in range(5)] == [
        401
    ] * 5  # who shows nothing guesses nothing
    assert [line["what"] for line in journal(community)] == ["token failed"] * 3 + [
        "throttled"
    ]  # and does not fill the disk
    assert guess.get("/api/").headers["Retry-After"] == "300"
    assert [asking.get("/api/").status_code for _ in range(6)] == [200, 200, 200, 200, 429, 429]
    assert asking.get("/api/").headers["Retry-After"] == "60"
    assert other.get("/api/").status_code == 200


def test_event_log_names_tokens_by_handle_only(
    people: People, community: Community, django_capture_on_commit_callbacks: Any
) -> None:
    worker = people[Role.CASE_WORKER]
    with django_capture_on_commit_callbacks(execute=True):
        made = make(email=worker.email, name="Ada's sheet", days=1, by=OPERATOR)
    asking = Client(headers={"Authorization": f"Bearer {made.text}"})
    asking.get("/api/")
    asking.get("/api/")
    asking.get("/api/ledger/head")
    AccessToken.objects.update(used=AccessToken.objects.get().used - timedelta(minutes=16))
    asking.get("/api/")
    stolen = made.text[:-4] + "AAAA"
    Client(headers={"Authorization": f"Bearer {stolen}"}).get("/api/")
    Client(headers={"Authorization": "Bearer hunter2-is-my-passphrase"}).get("/api/")
    told = [(line["what"], line.get("who"), line.get("token")) for line in journal(community)]
    handle = made.token.handle
    assert told == [
        ("token made", worker.email, handle), ("asked by token", worker.email, handle), ("turned away", worker.email, None),
        ("asked by token", worker.email, handle), ("token failed", None, handle), ("token failed", None, "a token that nobody has"),
    ]  # fmt: skip
    said = json.dumps(journal(community))
    assert not any(word in said for word in (made.text[16:], stolen[16:], "hunter2", "Ada's sheet"))


def test_internal_error_shows_a_reference(
    people: People, community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = program(people[Role.LEADER])
    asking.raise_request_exception = False

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Conversion Error: could not convert 'Ada One'")

    monkeypatch.setattr("throughway.agreements.api.agreement_lifecycles", broken)
    response = asking.get("/api/agreements")
    assert (response.status_code, code(response)) == (500, "internal")
    reference = journal(community)[-1]["reference"]
    assert reference in response.content.decode()
    assert "Ada" not in response.content.decode() + json.dumps(journal(community))


def test_full_disk_answers_503(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("throughway.agreements.api.agreement_lifecycles", full)
    response = program(people[Role.LEADER]).get("/api/agreements")
    assert (response.status_code, code(response), response.headers["Retry-After"]) == (503, "disk_full", "60")


def test_a_host_that_is_not_ours_is_answered_in_json(people: People) -> None:
    response = program(people[Role.LEADER]).get("/api/", headers={"Host": "evil.example"})
    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/json")


def test_odd_addresses_lead_nowhere(people: People) -> None:
    asking = program(people[Role.PRIVACY_OFFICER])
    unknown = asking.get("/api/nowhere").content
    for path in (
        "releases/%00", "loads/%00", "agreements/%00", "reports/pipeline/%00", "ledger/person/" + "9" * 5000, "ledger/person/-1",
        "loads/" + "x" * 5000, "agreements/a%2Fb", "/query", "./", "../", "%2e%2e/", "ledger/proof/xyz", "QUERY", "query/", "agreements/",
        "agreements/%F0%9F%92%A9", "agreements/%ff", "ledger/person/%D9%A1", "query;x", "openapi.json/x", "static/x", "..%2faccount/",
    ):  # fmt: skip
        response = asking.get(f"/api/{path}")
        assert (response.status_code, response.content) == (404, unknown), path
