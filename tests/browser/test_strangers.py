"""A stranger at the door, and a known one at a door that is not theirs: one sentence, nothing shown, nothing kept."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessible import judged
from tests.browser.conftest import PHONE, SignedIn, Site, follow, sign_in
from tests.browser.ourtown import offered

OTHER = "director@falls-college.example"  # who signs in nowhere else: what is tried here locks out nobody
NOWHERE = "/nothing/here/"
CLOSED = {  # addresses of others
    "case_worker": ["/ledger/", "/persons/", "/persons/1/", "/partners/new/", "/pipeline/new/", "/ledger/student/1/",
                    "/drafts/", "/drafts/new/", "/destruction/", "/ledger/use/"],
    "data_steward": ["/students/", "/students/1/", "/persons/999999999999/", "/drafts/999999/"],
    "privacy_officer": ["/students/", "/persons/1/", "/agreements/riverbend-data/sign/", "/governance/motions/999999/"],
    "leader": ["/students/", "/persons/", "/agreements/no-such-agreement/", "/loads/no-such-load/",
               "/negotiation/no-such-agreement/", "/destruction/order/agreement/no-such-agreement/"],
}  # fmt: skip


def tried(page: Page, site: Site, email: str, password: str) -> str:
    """What the door says."""
    page.goto(site.at("/sign-in/"))
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    follow(page, page.locator("main form button[type=submit]").first)
    return page.locator("[role=alert]").inner_text()


def test_wrong_and_unknown_are_told_the_same_and_many_tries_end(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(None, width=PHONE)
    unknown = tried(page, site, "nobody@nowhere.example", "whatever it may be")
    wrong = tried(page, site, OTHER, "whatever it may be")
    assert wrong == unknown
    assert judged(page) == []
    for _ in range(4):
        assert tried(page, site, OTHER, "whatever it may be") == unknown
    assert "Wait five minutes" in tried(page, site, OTHER, site.known(OTHER)[1])
    assert page.locator("input[name=password]").input_value() == ""


def test_a_session_copied_before_sign_out_opens_nothing_after(
    browser: Browser, signed_in: SignedIn, site: Site
) -> None:
    who = "director@next-step.example"  # whose sign-in is not shared
    page = signed_in(None)
    sign_in(page, site, who)
    page.goto(site.at("/account/"))
    thief = browser.new_context(storage_state=page.context.storage_state())
    stolen = thief.new_page()
    stolen.goto(site.at("/account/"))
    assert who in stolen.content()
    page.locator("header summary").click()
    follow(page, page.get_by_role("button", name="Sign out"))
    assert page.locator("h1").inner_text() == "You are signed out"
    for path in ("/account/", "/", "/agreements/", "/static/../account/"):
        stolen.goto(site.at(path))
        assert "/sign-in/" in stolen.url
        assert who not in stolen.content()
    page.go_back()
    page.reload()
    assert "/sign-in/" in page.url
    left = {cookie["name"] for cookie in page.context.cookies()}
    assert left <= {"csrftoken", "known_browser"}  # neither opens a page
    thief.close()


@pytest.mark.parametrize("role", CLOSED)
def test_what_is_not_yours_is_not_there(signed_in: SignedIn, site: Site, role: str) -> None:
    """The page of an address that exists for others is the very page of one that does not exist."""
    page = signed_in(role)
    unknown = bare(page, site, NOWHERE)
    assert "Page not found" in unknown
    differs = [path for path in CLOSED[role] if bare(page, site, path) != unknown]
    assert differs == []


SHUT = [  # of an agreement in negotiation, and of what leads to it
    "/agreements/{}/", "/agreements/{}/later/", "/agreements/{}/side-by-side/", "/agreements/{}/papers/", "/agreements/{}/papers/pdf/",
    "/negotiation/{}/", "/negotiation/{}/propose/", "/negotiation/{}/versions/", "/negotiation/{}/proposals/1/",
    "/agreements/{}/sign/", "/drafts/from/{}/", "/governance/join/{}/", "/governance/leave/{}/", "/register/{}/",
]  # fmt: skip


def test_an_agreement_of_others_is_not_there(in_town: SignedIn, town: Site) -> None:
    """A district that is no party meets the page of what does not exist; who is not signed in is asked to sign in."""
    offered(town, "of-others", "Of others")
    elm, party, nobody = in_town("lead@elm.example"), in_town("lead@oak.example"), in_town(None)
    unknown = bare(elm, town, NOWHERE)
    assert party.goto(town.at("/negotiation/of-others/")).status == 200  # type: ignore[union-attr]
    differs = [path for path in SHUT if bare(elm, town, path.format("of-others")) != unknown]
    assert differs == []
    for path in (
        *SHUT[:-1],
        "/drafts/",
        "/governance/",
        "/open-steps/",
        "/destruction/",
        "/services/",
        "/ledger/use/",
    ):
        nobody.goto(town.at(path.format("of-others")))
        assert "/sign-in/" in nobody.url, path
        assert "Of others" not in nobody.content()
    assert nobody.request.get(town.at("/register/of-others/")).status == 404
    nobody.goto(town.at("/register/"))
    assert "Of others" not in nobody.content()


def bare(page: Page, site: Site, path: str) -> str:
    """The answer at an address: its status and its page, without the tokens of a form and what was asked for."""
    answer = page.request.get(site.at(path))
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.text()).replace(path, NOWHERE)
    return f"{answer.status} {answer.headers.get('cache-control')} {text}"


# --- files that cannot come in ----------------------------------------------------------------------------------------

REFUSED = {
    "another kind": ("letter.pdf", b"%PDF-1.7", "A file of this kind cannot be loaded; send a .csv"),
    "empty": ("sessions.csv", b"", "The file is empty; export it again."),
    "not what its name says": (
        "sessions.csv",
        b"%PDF-1.7",
        "The file is named .csv but holds something else",
    ),
    "damaged": ("sessions.xlsx", b"PK\x03\x04 and no more", "A .xlsx file cannot hold"),
}


def send(page: Page, site: Site, file: object) -> None:
    page.goto(site.at("/loads/new/"))
    page.locator("select[name=partner]").select_option("page-by-page")
    page.locator("select[name=format]").select_option("csv")
    page.locator("select[name=crosswalk]").select_option("page-by-page-sessions.yaml")
    page.locator("input[name=file]").set_input_files(file)  # type: ignore[arg-type]
    follow(page, page.locator("main form button[type=submit]"))


def test_back_to_a_sent_file_shows_the_whole_page(signed_in: SignedIn, site: Site) -> None:
    """htmx fetched a part of the page from the same address meanwhile."""
    page = signed_in("data_steward")
    row = site.rows("feeds/page-by-page/sessions.csv")[-1] | {"Session No": "back-1"}
    text = f"{','.join(row)}\n{','.join(row.values())}\n".encode()
    send(page, site, [{"name": "sessions.csv", "mimeType": "text/csv", "buffer": text}])
    expect(page.locator("h1")).to_have_text("The file is loaded")
    follow(page, page.get_by_role("link", name="See what was loaded"))
    page.go_back()
    assert "/loads/sent/" in page.url
    expect(page.locator("header nav").first).to_be_attached()
    assert page.locator("link[rel=stylesheet]").count() > 0
    assert page.locator("h1").inner_text() == "The file is loaded"


def kept(site: Site) -> list[str]:
    return [path.name for path in (site.folder / "data" / "uploads").glob("*/*")]


def test_files_that_cannot_come_in_get_one_sentence(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("data_steward", width=PHONE)
    page.goto(site.at("/loads/"))
    before = page.locator("main dl.tw-numbers").inner_text()
    for name, content, sentence in REFUSED.values():
        send(page, site, [{"name": name, "mimeType": "text/csv", "buffer": content}])
        told = page.locator(".usa-error-message")
        assert told.count() == 1
        assert sentence in told.inner_text()
        assert page.locator("select[name=partner]").input_value() == "page-by-page"  # what was chosen stays
    assert judged(page) == []
    assert kept(site) == []
    page.goto(site.at("/loads/"))
    assert page.locator("main dl.tw-numbers").inner_text() == before


def test_a_file_that_is_too_large_is_not_even_read(signed_in: SignedIn, site: Site, tmp_path: Path) -> None:
    large = tmp_path / "sessions.csv"
    with large.open("wb") as file:
        file.truncate(230 * 1024 * 1024)  # it takes no room on the disk
    page = signed_in("data_steward")
    send(page, site, large)
    assert page.locator("h1").inner_text() == "The request is too large"
    assert "200 MB" in page.locator("main").inner_text()
    assert judged(page) == []
    assert kept(site) == []


def test_a_form_without_its_token_says_what_to_do(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("privacy_officer")
    page.route("**/forms*.js", lambda route: route.abort())  # which would fetch a new token
    page.goto(site.at("/agreements/riverbend-casework/suspend/"))
    page.get_by_label("Why").fill("We look at how it is used.")
    page.context.clear_cookies(name="csrftoken")
    follow(page, page.locator("main form button[type=submit]"))
    assert page.locator("h1").inner_text() == "The page was open too long"
    assert "Nothing was saved. Go back, load the page again" in page.locator("main").inner_text()
    assert judged(page) == []
    page.goto(site.at("/agreements/riverbend-casework/"))
    assert "in effect" in page.locator(".tw-title-row").inner_text().lower()
