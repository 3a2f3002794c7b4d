"""Two records side by side in a real browser: read by keyboard alone, without script, and on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import judged
from tests.browser.conftest import PHONE, WIDTHS, SignedIn, Site
from tests.browser.test_pictures import looked_up

MOST = 90  # stops of the tabulator until a link must have come


def tab_to(page: Page, words: str) -> None:
    """Goes from stop to stop until the focus is on what these words name."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.innerText ?? ''"):
            return
    raise AssertionError(f"no stop on {words}")


SEEN = """() => { const e = document.activeElement, r = e.getBoundingClientRect(), style = getComputedStyle(e);
  const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
  return r.top >= 0 && r.bottom <= innerHeight && e.contains(top) && style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2 }"""


def stops(page: Page, number: int) -> list[str]:
    """The next stops of the tabulator, each with its focus in sight and nothing over it."""
    found = []
    for _ in range(number):
        page.keyboard.press("Tab")
        found.append(page.evaluate("document.activeElement.firstChild.textContent").strip())
        assert page.evaluate(SEEN), found[-1]
    return found


def press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def waits(page: Page) -> int:
    return int(re.search(r"([\d,]+) waits? for you", page.locator(".tw-eyebrow").inner_text())[1])  # type: ignore[index]


@pytest.mark.parametrize("width", WIDTHS)
def test_pairs_are_read_by_keyboard_alone(signed_in: SignedIn, site: Site, width: str) -> None:
    page = signed_in("data_steward", width=WIDTHS[width])
    page.goto(site.at("/persons/"))
    tab_to(page, "Look at the pairs that wait")
    press(page, "Enter")
    tab_to(page, "Accuracy of linkage")
    press(page, "Enter")
    tab_to(page, "Read the sample")  # of which always some wait; linkage may doubt no pair
    press(page, "Enter")
    first, left = page.url, waits(page)
    assert left > 1
    expect(page.get_by_role("heading", level=1)).to_have_text("Are these two records one person?")
    assert judged(page) == []
    expect(page.locator(".tw-keys")).to_be_visible()
    assert stops(page, 4) == ["Same person", "Two persons", "Cannot tell", "Skip"]
    page.locator(".tw-pair").focus()
    press(page, "k")  # skipped, and still waiting
    assert page.url != first
    page.goto(first)
    press(page, "d")
    expect(page.get_by_role("status")).to_contain_text("Noted: two persons.")
    assert waits(page) == left - 1
    press(page, "z")
    assert page.url == first
    expect(page.get_by_role("status")).to_contain_text("Your verdict is taken back")
    assert waits(page) == left
    tab_to(page, "Cannot tell")  # and by the tabulator, as everywhere
    press(page, "Enter")
    expect(page.get_by_role("status")).to_contain_text("undecided")
    press(page, "z")


def test_a_second_reader_is_asked_and_does_not_see_what_the_first_said(
    signed_in: SignedIn, site: Site
) -> None:
    first, second = site.known("data_steward")[0], "records@riverbend-backbone.example"
    open_to = [
        {each["pair"] for each in site.throughway("link", "review", "list", "--sample", "--as", who)["pairs"]}
        for who in (first, second)
    ]
    here = site.at(f"/persons/review/{min(open_to[0] & open_to[1])}/?sample")
    one, other = signed_in("data_steward"), signed_in(second)
    one.goto(here)
    press(one, "t")
    expect(one.get_by_role("status")).to_contain_text("Another reader is asked too.")
    other.goto(here)
    assert "undecided" not in other.locator("main").inner_text()
    press(other, "s")
    expect(other.get_by_role("status")).to_contain_text("A third reader decides.")
    press(other, "z")
    press(one, "z")
    one.goto(site.at("/persons/quality/"))
    assert "did not know each other’s answer" in one.locator("section[aria-labelledby=agree]").inner_text()
    # Of 20 samples, drawn by chance, the range of one does not hold the truth.
    told = re.compile("(within|outside) the range")
    assert one.locator("section[aria-labelledby=truth]").get_by_text(told).count() == 2


def test_letters_do_nothing_outside_the_pair(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("data_steward")
    page.goto(site.at("/persons/quality/"))
    page.get_by_role("link", name="Read the sample").click()
    here = page.url
    page.locator("header a").first.focus()
    page.keyboard.press("s")
    assert page.url == here
    expect(page.locator(".tw-message")).to_have_count(0)


def test_without_script_and_on_a_phone(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("data_steward", width=PHONE, script=False)
    page.goto(site.at("/persons/quality/"))
    page.get_by_role("link", name="Read the sample").click()
    here, button = page.url, page.get_by_role("button", name="Cannot tell")
    box = button.bounding_box()
    assert box
    assert box["y"] + box["height"] <= PHONE["height"]  # at the thumb
    assert box["height"] >= 44
    button.click()
    expect(page.get_by_role("status")).to_contain_text("undecided")
    page.get_by_role("button", name="Take it back").click()
    assert page.url == here


def test_every_page_of_review_holds_on_a_phone(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("data_steward", width=PHONE)
    page.goto(site.at("/persons/review/"))
    assert judged(page) == []
    page.goto(site.at("/persons/quality/"))
    page.get_by_role("link", name="Read the sample").click()
    assert judged(page) == []
    page.goto(site.at("/persons/quality/"))
    page.get_by_role("button", name="Compare groups").click()
    for dimension in ("Surname", "Race", "Language", "Home"):
        expect(page.get_by_role("heading", name=dimension, exact=True)).to_be_visible()
    assert judged(page) == []


def test_a_case_worker_finds_out_whether_somebody_new_is_known(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("case_worker", width=PHONE)
    page.goto(site.at("/students/"))
    looked_up(page, site)
    assert judged(page) == []
    expect(page.locator("h1")).to_contain_text("may match")
    shown = page.locator("section[aria-labelledby=c1]").inner_text()
    assert "Bright Futures After School" in shown
    assert page.locator("main").get_by_text(re.compile("entry [0-9a-f]{8}")).count() == 1
    assert page.get_by_label("Last name").input_value() not in shown  # no name of a record is told
