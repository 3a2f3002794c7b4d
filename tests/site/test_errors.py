"""What went wrong is told in a sentence, with nothing that only insiders may know."""

import json

import pytest
from django.test import Client, RequestFactory

from tests.site.broken_urls import SECRET
from tests.site.people import signed_in
from throughway.partners import Actor, Role
from throughway.site import errors, event_log
from throughway.site.middleware import ErrorPages
from throughway.store import Community

People = dict[Role, Actor]


@pytest.fixture
def breaking(settings: object) -> Client:
    settings.ROOT_URLCONF = "tests.site.broken_urls"  # type: ignore[attr-defined]
    return Client(raise_request_exception=False)


def lines(community: Community) -> list[dict[str, object]]:
    found = sorted((community.data / "log").glob("site-*.jsonl"))
    return [json.loads(line) for path in found for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/breaks/", 500, "Something went wrong on our side"),
        ("/busy/", 503, "busy"),
        ("/full/", 503, "The disk of this site is full"),
    ],
)
def test_what_breaks_shows_a_reference_and_no_value(
    breaking: Client, people: People, community: Community, path: str, status: int, says: str
) -> None:
    response = breaking.get(path, {"student": "n-4711"})
    page = response.content.decode()
    assert response.status_code == status
    assert says in page
    for kept in (SECRET, "Marisol", "n-4711", "Traceback", "ValueError"):
        assert kept not in page
    [line] = [line for line in lines(community) if line["what"] == "broke"]
    assert str(line["reference"]) in page
    assert SECRET not in json.dumps(line)
    assert "n-4711" not in json.dumps(line)


def test_plain_page_when_the_error_page_fails(people: People) -> None:
    def fails(request: object) -> object:
        raise RuntimeError(SECRET)

    response = ErrorPages(fails)(RequestFactory().get("/"))  # type: ignore[arg-type]
    assert response.status_code == 500
    assert b"Reference" in response.content  # type: ignore[attr-defined]
    assert SECRET.encode() not in response.content  # type: ignore[attr-defined]


def test_unwritable_event_log_stops_no_page(breaking: Client, people: People, community: Community) -> None:
    (community.data / "log").write_text("a file where the folder should be", encoding="utf-8")
    assert breaking.get("/breaks/").status_code == 500
    assert breaking.get("/sign-in/").status_code == 200


def test_unknown_and_forbidden_look_the_same(people: People) -> None:
    client = signed_in(people[Role.CASE_WORKER])
    unknown, forbidden = client.get("/partners/people/elsewhere/"), client.get("/partners/people/")
    assert (unknown.status_code, forbidden.status_code) == (404, 404)
    assert page(unknown) == page(forbidden)


def page(response: object) -> str:
    """The page without its tokens and the address it would come back to, which differ from request to request."""
    import re

    return re.sub(r'value="[^"]*"', "", response.content.decode())  # type: ignore[attr-defined]


def test_a_page_asked_the_wrong_way(breaking: Client, people: People) -> None:
    response = breaking.get("/posts/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert "does not accept that kind of request" in response.content.decode()


def test_what_is_too_large_is_not_read(people: People) -> None:
    request = RequestFactory().post("/loads/new/", b"", content_type="text/csv")
    request.META["CONTENT_LENGTH"] = str(500 * 1024 * 1024)

    def never(request: object) -> object:
        raise AssertionError

    response = ErrorPages(never)(request)  # type: ignore[arg-type]
    assert response.status_code == 413
    assert "200 MB" in response.content.decode()  # type: ignore[attr-defined]


def test_a_form_that_was_open_too_long(people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/sign-in/", {"login": "a@b.example", "password": "x"})
    assert response.status_code == 403
    assert "The page was open too long" in response.content.decode()


def test_a_bad_request_and_a_bare_refusal(people: People) -> None:
    request = RequestFactory().get("/")
    assert errors.bad_request(request, ValueError(SECRET)).status_code == 400
    assert errors.not_allowed(request).status_code == 403


def test_sign_ins_are_logged_without_passphrases(people: People, community: Community) -> None:
    leader = people[Role.LEADER].email
    client = Client()
    client.post("/sign-in/", {"login": leader, "password": "wrong\nwrong"})
    client.post("/sign-in/", {"login": "correct-horse-battery@staple.example", "password": "x"})
    signed_in(people[Role.LEADER], client).post("/sign-out/")
    told = lines(community)
    assert [(line["what"], line.get("who")) for line in told] == [
        ("sign-in failed", leader),
        ("sign-in failed", "an address that nobody has"),
        ("signed in", leader),
        ("signed out", leader),
    ]
    assert all(str(line["at"]).endswith("+00:00") for line in told)
    assert "wrong" not in json.dumps(told)
    assert "correct-horse" not in json.dumps(told)


def test_a_role_that_is_turned_away_is_on_record(people: People, community: Community) -> None:
    signed_in(people[Role.CASE_WORKER]).get("/partners/people/")
    last = lines(community)[-1]
    assert (last["what"], last["who"], last["page"]) == (
        "turned away",
        people[Role.CASE_WORKER].email,
        "partners:people",
    )


def test_a_line_break_cannot_make_a_line(community: Community, settings: object) -> None:
    event_log.write('one\n{"at": "forged"}', who="a\r\nb")
    [line] = lines(community)
    assert line["what"] == 'one\n{"at": "forged"}'
    [path] = (community.data / "log").iterdir()
    assert path.stat().st_mode & 0o077 == 0
