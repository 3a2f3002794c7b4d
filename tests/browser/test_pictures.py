"""The pictures of the manual, taken of the real site: `make pictures` writes them anew into docs/pictures.

Everything on them is fictional. Without `PICTURES` they go to a temporary folder, so that each run shows that every page
of the manual can still be pictured.
"""

import csv
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Page

from tests.browser.conftest import PHONE, SignedIn, Site, follow

DESK = {"width": 1280, "height": 660}
TALL = {"width": 1280, "height": 1040}
SHORT = {"width": 1280, "height": 520}
HIGHEST = 840  # pixels of a part of a page
AROUND = 24  # pixels kept around a part
SMALLEST = 4_000  # bytes; a blank page has fewer

Step = Callable[[Page, Site], None]


def nothing(page: Page, site: Site) -> None:
    """The page is pictured as its address gives it."""


def first(pattern: str) -> Step:
    """Opens the first link of the page whose address looks like `pattern`."""

    def follow(page: Page, site: Site) -> None:
        hrefs = page.eval_on_selector_all("main a[href]", "links => links.map(a => a.getAttribute('href'))")
        opened = page.goto(site.at(next(href for href in hrefs if re.fullmatch(pattern, href))))
        assert opened
        assert opened.ok

    return follow


def rows_set_aside(page: Page, site: Site) -> None:
    page.locator("tr", has=page.locator(".tw-lost-number")).first.locator("a").first.click()


def student_with_days_missed(page: Page, site: Site) -> None:
    """The first of whom it is said that much was missed, else the first whose school tells days at all."""
    talk = page.locator(".tw-students li", has=page.locator(".is-talk"))
    told = talk if talk.count() else page.locator(".tw-students li", has_text="Missed")
    told.first.locator("a").first.click()


def blocked_draft(page: Page, site: Site) -> None:
    draft = min((site.folder / "agreements").glob("draft-*.yaml"))
    page.locator("textarea[name=text]").first.fill(draft.read_text(encoding="utf-8"))
    follow(page, page.locator("main form button[type=submit]").last)


def student_by_key(page: Page, site: Site) -> None:
    """Names the first student of a caseload of Riverbend Schools, as an officer does who has the school's own number."""
    with (site.folder / "caseloads.csv").open(encoding="utf-8", newline="") as file:
        key = next(row["record_key"] for row in csv.DictReader(file) if row["partner"] == "riverbend-schools")
    page.locator("select[name=partner]").select_option("riverbend-schools")
    page.locator("input[name=record_key]").fill(key)
    follow(page, page.locator("main form button[type=submit]").last)


def looked_up(page: Page, site: Site) -> None:
    """Describes one child of the program's register, as somebody who waits at the desk: name, birth date, telephone."""
    one = next(row for row in site.rows("feeds/bright-futures/participants.csv") if row["Date of Birth"])
    page.get_by_role("link", name="Check whether a partner already knows a student").click()
    page.get_by_label("First name").fill(one["First Name"])
    page.get_by_label("Last name").fill(one["Last Name"])
    born = datetime.strptime(one["Date of Birth"], "%m/%d/%Y").replace(tzinfo=UTC)
    page.get_by_label("Birth date").fill(f"{born:%Y-%m-%d}")
    page.get_by_label("Telephone").fill(one["Parent Phone"])
    follow(page, page.get_by_role("button", name="Look up"))


def sampled_pair(page: Page, site: Site) -> None:
    page.get_by_role("link", name="Read the sample").click()


def caseload_of_a_worker(page: Page, site: Site) -> None:
    page.get_by_role("link", name="caseworker@").click()


@dataclass(frozen=True)
class Picture:
    """One picture: who looks at which page, how wide, what they do first, and which part is kept (else the top)."""

    name: str
    role: str | None
    path: str
    first: Step = nothing
    part: str = ""
    width: str = "desk"


PICTURES = (
    Picture("sign-in", None, "/sign-in/"),
    Picture("home-case-worker", "case_worker", "/"),
    Picture("home-case-worker-phone", "case_worker", "/", width="phone"),
    Picture("home-data-steward", "data_steward", "/"),
    Picture("home-privacy-officer", "privacy_officer", "/"),
    Picture("home-leader", "leader", "/"),
    Picture("students", "case_worker", "/students/"),
    Picture("student", "case_worker", "/students/", student_with_days_missed),
    Picture("student-phone", "case_worker", "/students/", student_with_days_missed, width="phone"),
    Picture("agreements", "privacy_officer", "/agreements/"),
    Picture("agreement", "privacy_officer", "/agreements/riverbend-casework/"),
    Picture(
        "agreement-clauses",
        "privacy_officer",
        "/agreements/riverbend-casework/",
        part="[aria-labelledby=clauses]",
    ),
    Picture("agreement-sql", "privacy_officer", "/agreements/riverbend-casework/sql/", width="short"),
    Picture("review", "privacy_officer", "/agreements/review/", blocked_draft),
    Picture("loads", "data_steward", "/loads/"),
    Picture("load", "data_steward", "/loads/", rows_set_aside),
    Picture("send", "data_steward", "/loads/new/"),
    Picture("persons", "data_steward", "/persons/"),
    Picture("person", "data_steward", "/persons/", student_by_key),
    Picture("pair", "data_steward", "/persons/quality/", sampled_pair),
    Picture("quality", "data_steward", "/persons/quality/", width="tall"),
    Picture("look-up", "case_worker", "/students/", looked_up, width="short"),
    Picture("caseload", "data_steward", "/students/caseloads/", caseload_of_a_worker, width="short"),
    Picture("ledger", "privacy_officer", "/ledger/"),
    Picture("entry", "privacy_officer", "/ledger/", first(r"/ledger/[0-9a-f-]{36}/"), width="short"),
    Picture("who-saw", "privacy_officer", "/ledger/student/", student_by_key, width="short"),
    Picture("pipeline", "leader", "/pipeline/", width="tall"),
    Picture("pipeline-phone", "leader", "/pipeline/", width="phone"),
    Picture("sheet", "leader", "/pipeline/", first(r"/pipeline/[A-Z0-9]{6,}/slide/")),
    Picture("release", "leader", "/releases/", first(r"/releases/[A-Z0-9]{6,}/")),
    Picture("partners", "privacy_officer", "/partners/"),
    Picture("people", "privacy_officer", "/partners/people/"),
    Picture("account", "leader", "/account/"),
)
WIDTHS = {"desk": DESK, "tall": TALL, "short": SHORT, "phone": PHONE}


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = os.environ.get("PICTURES")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_page_of_the_manual_is_pictured(
    signed_in: SignedIn, site: Site, album: Path, picture: Picture
) -> None:
    page = signed_in(picture.role, width=WIDTHS[picture.width])
    answer = page.goto(site.at(picture.path))
    assert answer
    assert answer.ok
    if picture.first is not nothing:
        picture.first(page, site)
        page.wait_for_load_state("networkidle")  # a click may still lead elsewhere; it waits half a second
    page.evaluate("document.fonts.ready")
    if page.locator(".tw-chart").count():
        page.locator(".tw-chart svg, .tw-chart canvas").first.wait_for()
    assert page.locator("h1").is_visible()
    taken = page.screenshot(animations="disabled", full_page=bool(picture.part), clip=_part(page, picture))
    assert len(taken) > SMALLEST
    (album / f"{picture.name}.png").write_bytes(taken)


def _part(page: Page, picture: Picture) -> FloatRect | None:
    if not picture.part:
        return None
    box = page.locator(picture.part).first.bounding_box()
    assert box
    top = max(0, box["y"] - AROUND)
    height = min(box["height"] + 2 * AROUND, HIGHEST)
    return {"x": 0, "y": top, "width": WIDTHS[picture.width]["width"], "height": height}
