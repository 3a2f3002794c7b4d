"""Every page that a role can reach from its header and its lists: accessible, never sideways, its headings in order."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.accessible import judged, judged_at, too_wide
from tests.browser.conftest import DESK, PHONE, ROLES, SignedIn, Site
from throughway.evidence.verdict_words import HEADLINES

FIRST = {
    "case_worker": [
        "/", "/students/", "/agreements/", "/pipeline/", "/releases/", "/account/", "/services/",
        "/training/", "/training/ferpa-basics/", "/training/consent/",
        "/vocabulary/", "/vocabulary/assessment_result/", "/vocabulary/C000255/",
    ],
    "data_steward": [
        "/", "/loads/", "/loads/new/", "/loads/look/", "/persons/", "/agreements/", "/agreements/review/", "/ledger/", "/partners/",
        "/pipeline/", "/pipeline/new/", "/figures/", "/figures/?table=program_participation", "/drafts/", "/destruction/", "/partners/riverbend-schools/systems/",
        "/releases/outside/", "/releases/outside/add/", "/training/people/",
    ],
    "privacy_officer": [
        "/", "/agreements/", "/agreements/review/", "/ledger/", "/loads/", "/partners/", "/ledger/use/", "/drafts/new/",
        "/open-steps/", "/governance/requests/", "/requests/consents/", "/requests/consents/new/", "/requests/limits/",
    ],
    "leader": [
        "/", "/pipeline/", "/agreements/", "/ledger/", "/partners/", "/releases/", "/governance/", "/governance/decisions/",
        "/governance/join/", "/studies/", "/studies/new/",
    ],
}  # fmt: skip
LISTS = [
    "/students/", "/agreements/", "/loads/", "/persons/", "/ledger/", "/partners/", "/releases/", "/drafts/", "/governance/requests/", "/studies/",
]  # fmt: skip
FOR_ALL = ("/pipeline/", "/releases/")  # long, and the same for everyone: judged once, as the leader has them
OF_ONE_ROLE = ("/pipeline/new/", "/releases/outside/", "/releases/outside/add/")
NARROW = {"width": 320, "height": 700}  # what is left of 1280 px at 400% (WCAG 1.4.10)


def entries(page: Page, listed: str) -> list[str]:
    """The addresses of the entries on a list, as far as the page shows any."""
    hrefs = page.eval_on_selector_all("main a[href]", "links => links.map(a => a.getAttribute('href'))")
    return [
        h
        for h in hrefs
        if re.fullmatch(rf"{listed}[\w.-]+/", h) and not re.search(r"/(new|review|people|use|student)/$", h)
    ]


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_a_role(signed_in: SignedIn, site: Site, role: str) -> None:
    """Each page is opened once on a phone and judged whole, then as it is on a desk and at 400 percent.

    On a phone what one can click is large enough, and at 400 percent nothing scrolls sideways.
    """
    page = signed_in(role, width=PHONE)
    faults: dict[str, list[str]] = {}
    waiting = list(FIRST[role])
    while waiting:
        path = waiting.pop(0)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        answer = page.goto(site.at(path))
        assert answer
        assert answer.status == 200, path
        if path in LISTS:
            waiting += entries(page, path)[:2]
        found = [f"too small: {name}" for name in page.evaluate(TOO_SMALL)] if path in FIRST[role] else []
        if not path.startswith(FOR_ALL) or path in OF_ONE_ROLE or role == "leader":
            found += judged(page) + judged_at(page, DESK, whole=path == "/")  # its header is that of all
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found += too_wide(page)
        if found:
            faults[path] = found
    assert faults == {}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", ["/sign-in/", "/nowhere/", "/register/", "/directory/"])
def test_pages_of_a_stranger(signed_in: SignedIn, site: Site, path: str, language: str) -> None:
    page = signed_in(None, width=PHONE)
    page.goto(site.at("/sign-in/"))
    if language == "es":
        page.get_by_role("button", name="Español").click()
    page.goto(site.at(path))
    assert page.locator("html").get_attribute("lang") == language
    assert judged(page) + judged_at(page, DESK, whole=True) == []


def test_a_headline_of_a_study_fits_a_phone(signed_in: SignedIn, site: Site) -> None:
    """The demonstration's studies are run by the served site alone, so each headline is put into the tag of a study that waits."""
    page = signed_in("leader", width=PHONE)
    page.goto(site.at("/studies/"))
    first = page.locator("main .tw-list a").first.get_attribute("href")
    for path in ("/studies/", first):
        page.goto(site.at(str(path)))
        for headline in HEADLINES.values():
            page.locator("main .usa-tag").first.evaluate(
                "(tag, words) => { tag.lastChild.data = words; }", headline
            )
            assert too_wide(page) == [], headline


# WCAG 2.5.8: 24 px each way, save links within a sentence.
TOO_SMALL = """
() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')].filter(e => {
  if (!e.checkVisibility() || e.closest('p, li, td, th, dd, caption, figcaption') && e.tagName === 'A') return false;
  const box = e.getBoundingClientRect();
  return box.width > 1 && (box.width < 24 || box.height < 24);
}).map(e => e.outerHTML.slice(0, 120))
"""
