"""Two records side by side in a real browser: read by keyboard alone, without script, and on a phone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.accessible import judged
from tests.browser.conftest import PHONE, SignedIn, Site

MOST = 90  # stops of the tabulator until a link must have come


def tab_to(page: Page, words: str) -> None:
    """Goes from stop to stop until the focus is on what these words name."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.innerText ?? ''"):
            return
    raise AssertionError(f"no stop on {words}")


def press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def waits(page: Page) -> int:
    return int(re.search(r"([\d,]+) waits? for you", page.locator(".tw-eyebrow").inner_text())[1])  # type: ignore[index]


def test_pairs_are_read_by_keyboard_alone(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("data_steward")
    page.goto(site.at("/persons/"))
    tab_to(page, "Look at the pairs left apart")
    press(page, "Enter")
    tab_to(page, "How right linkage is")
    press(page, "Enter")
    tab_to(page, "Read the sample")  # of which always some wait; linkage may doubt no pair
    press(page, "Enter")
    first, left = page.url, waits(page)
    assert left > 1
    expect(page.get_by_role("heading", level=1)).to_have_text("Are these two records one person?")
    assert judged(page) == []
    press(page, "k")  # skipped, and still waiting
    assert page.url != first
    page.goto(first)
    press(page, "d")
    expect(page.get_by_role("status")).to_contain_text("Noted: two persons.")
    assert waits(page) == left - 1
    press(page, "z")
    assert page.url == first
    expect(page.get_by_role("status")).to_contain_text("Taken back.")
    assert waits(page) == left
    tab_to(page, "Cannot tell")  # and by the tabulator, as everywhere
    press(page, "Enter")
    expect(page.get_by_role("status")).to_contain_text("nobody can tell")
    press(page, "z")


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
    expect(page.get_by_role("status")).to_contain_text("nobody can tell")
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
    page.get_by_role("button", name="Tell groups apart").click()
    expect(page.get_by_role("heading", name="Surname")).to_be_visible()
    assert judged(page) == []
