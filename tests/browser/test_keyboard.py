"""The site by keyboard alone: everything can be reached, where one is can be seen, and nothing lies upon it."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.accessible import judged, judged_at
from tests.browser.conftest import DESK, PHONE, SignedIn, Site
from tests.browser.life import COUNCIL, HOUSE, Life, moved, seated
from tests.browser.ourtown import offered

LONGEST = 120  # stops of the tabulator on one page
# Where the focus is: its name, whether it is drawn round, and what lies upon its middle or its edges.
FOCUS = """
() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getClientRects()[0] ?? e.getBoundingClientRect(), style = getComputedStyle(e);
  const across = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
  const points = [[0.5, 0.5], [0.5, 0.1], [0.5, 0.9]].map(([x, y]) =>
    [Math.max(box.left, 0) + across * x, box.top + box.height * y]);
  const seen = points.filter(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (e.contains(top) || top.contains(e) || top.closest('label')?.control === e);
  });
  return {
    name: (e.getAttribute('aria-label') || e.innerText || e.name || e.id || '').trim().replace(/\\s+/g, ' '),
    tag: e.tagName.toLowerCase(),
    destination: e.matches('.tw-nav a') ? e.getAttribute('href') : '',
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    high: box.height > innerHeight * 0.4,  // a long table: a part of it is enough
    seen: seen.length,
    within: box.bottom > 1 && box.top < innerHeight - 1,
  };
}
"""


def stops(page: Page, most: int = LONGEST) -> list[dict[str, object]]:
    """Where the tabulator stops, from the top of the page to its end or to `most`."""
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at is None:
            break
        found.append(at)
    return found


def test_the_first_stop_leads_past_the_header(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("leader")
    page.goto(site.at("/partners/"))
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.get_attribute("href") == "#main"
    box = skip.bounding_box()
    assert box
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


WAYS = {  # a page of each role, and what its main form or its main act is
    "case_worker": ("/students/", "words"),
    "data_steward": ("/loads/new/", "school_year"),
    "privacy_officer": ("/ledger/", "days"),
    "leader": ("/", ""),
}


@pytest.mark.parametrize("role", WAYS)
def test_the_tabulator_reaches_every_destination_and_the_form(
    signed_in: SignedIn, site: Site, role: str
) -> None:
    page = signed_in(role)
    path, field = WAYS[role]
    page.goto(site.at(path))
    destinations = page.locator("nav.tw-nav a").evaluate_all("l => l.map(a => a.getAttribute('href'))")
    fields = page.locator("main form :is(input:not([type=hidden]), select, button)").count()
    found = stops(page)
    assert [at["destination"] for at in found if at["destination"]] == destinations
    in_form = [at for at in found if at["tag"] in ("input", "select", "button")]
    assert len(in_form) >= fields
    assert not field or page.locator(f"main [name={field}]").count() == 1
    assert [at["name"] for at in found if not at["ring"]] == []


@pytest.mark.parametrize("width", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize(("role", "page_of"), [("case_worker", "student"), ("leader", "pipeline")])
def test_focus_is_seen_and_nothing_lies_upon_it(
    signed_in: SignedIn, site: Site, role: str, page_of: str, width: dict[str, int]
) -> None:
    page = signed_in(role, width=width)
    page.goto(site.at("/students/" if page_of == "student" else "/pipeline/"))
    if page_of == "student":
        page.locator(".tw-students a").first.click()
        page.wait_for_url(re.compile(r"/students/\d+/"))
    page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    down = stops(page)
    assert len(down) > 6
    up = []
    for _ in down:  # backwards, what sticks to the top is met
        page.keyboard.press("Shift+Tab")
        if at := page.evaluate(FOCUS):
            up.append(at)
    assert [at["name"] for at in down + up if not at["ring"]] == []
    assert [at["name"] for at in down + up if not at["within"] or (at["seen"] < 3 and not at["high"])] == []


def test_what_is_folded_opens_by_keyboard(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("leader", width=PHONE)
    page.goto(site.at("/pipeline/"))
    folded = page.locator("main details:not([open]) > summary").first
    folded.focus()
    table = page.locator("main details table").first
    assert not table.is_visible()
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        assert table.is_visible() == (key == "Enter")
    page.locator("header summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "My account"


def reached(page: Page, name: str) -> None:
    """Tabs to what is named so, and presses it."""
    for _ in range(LONGEST):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at and str(at["name"]).startswith(name):
            assert at["ring"], name
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"the tabulator never stops at {name}")


def test_a_proposal_is_answered_by_keyboard(in_town: SignedIn, town: Site) -> None:
    asked = (
        "terms.destruction.within_days",
        "--value",
        "45",
        "--why",
        "Our backups turn over in 40.",
    )
    offered(
        town,
        "by-keys",
        "Answered by keys",
        ("agreement", "propose", "by-keys", *asked, "--as", "privacy@oak.example"),
    )
    page = in_town("director@after.example")
    page.goto(town.at("/negotiation/by-keys/"))
    reached(page, "Read and answer")
    reached(page, "Accept it")
    assert re.search("Waits for Our Town Together", page.locator("main").inner_text())


def test_one_votes_by_keyboard(in_town: SignedIn, town: Site) -> None:
    life = Life(town, in_town)
    seated(life, HOUSE, "council", COUNCIL)
    motion = moved(life, HOUSE, "council", "other", "Meet in the library")
    page = in_town("director@after.example", width=PHONE)
    page.goto(town.at(motion))
    reached(page, "Abstain")
    assert "Your vote is cast" in page.locator("main").inner_text()
    assert page.locator("[aria-pressed=true]").inner_text().startswith("Abstain")


def test_the_check_sees_what_covers_the_focus(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("leader")
    page.goto(site.at("/partners/"))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["seen"] == 3
    page.evaluate(
        """() => {
            document.querySelector('header').style.setProperty('outline', 'none');
            document.activeElement.style.setProperty('outline', 'none', 'important');
            const lid = document.createElement('div');
            Object.assign(lid.style, {position: 'fixed', inset: '0 0 auto 0', height: '9rem', zIndex: 99});
            document.body.append(lid);
        }"""
    )
    at = page.evaluate(FOCUS)
    assert at["seen"] == 0
    assert not at["ring"]


def test_a_contact_is_noted_in_six_actions(signed_in: SignedIn, site: Site) -> None:
    """Two stops, the way to the form, the text, one stop, save; the pages are without fault at both widths."""
    page = signed_in("case_worker")
    page.goto(site.at("/students/"))
    page.locator(".tw-student-name a").first.click()
    page.wait_for_load_state()
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    page.keyboard.insert_text("The bus leaves before breakfast.\nWe speak again on Friday.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Your note is saved.").wait_for()
    assert page.locator(".tw-timeline").get_by_text("We speak again on Friday.").count() == 1
    for open_page in (lambda: None, lambda: page.locator('a[href*="/notes/"]').first.click()):
        page.set_viewport_size(DESK)
        open_page()
        page.wait_for_load_state()
        assert judged(page) == []
        assert judged_at(page, PHONE) == []
