"""The evaluator reads what students wrote, five at a time, says which themes it speaks of, and finds a child who needs a person today."""

import re

from playwright.sync_api import expect

from tests.browser.accessible import judged, judged_at
from tests.browser.conftest import DESK, PHONE, SignedIn, Site, follow

EVALUATOR = "evaluator@riverbend-backbone.example"


def test_reading_coding_and_a_child_who_needs_a_person(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(EVALUATOR, width=DESK)
    page.goto(site.at("/experiences/comments/"))
    assert judged(page) + judged_at(page, PHONE, whole=True) == []
    expect(page.locator("main")).to_contain_text("Being known and greeted")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    written = {row["Comment"] for row in site.rows("feeds/bright-futures/comments.csv")}
    follow(page, page.get_by_role("link", name="Read on").first)
    comments = page.locator("blockquote")
    assert 0 < comments.count() <= 5
    assert {each.strip() for each in comments.all_inner_texts()} <= written
    assert judged(page) + judged_at(page, PHONE, whole=True) == []

    [left] = re.findall(r"(\d+) comments? to read", page.locator("main").inner_text())
    first = page.locator(".tw-coding").first
    first.get_by_label("The way here and home").check()
    follow(page, page.get_by_role("button", name="This child needs a person today").last)
    expect(page.locator("h1")).to_have_text("Call Bright Futures After School now")
    main = page.locator("main")
    expect(main).to_contain_text("caseworker@bright-futures.example")
    expect(main).to_contain_text("Nobody is told until you call.")
    expect(main).not_to_contain_text("riverbend-backbone.example")
    assert judged(page) + judged_at(page, DESK, whole=True) == []
    [entry] = re.findall(r"entry ([0-9a-f-]{36})", main.inner_text())
    follow(page, page.get_by_role("link", name="Back to the comments"))
    expect(main).to_contain_text(
        f"{int(left) - 1} comment"
    )  # what was chosen is saved, and of the child nothing
    follow(page, page.get_by_role("link", name="Those that were read"))
    expect(page.get_by_label("The way here and home").first).to_be_checked()

    steward = signed_in("data_steward", width=DESK)
    steward.goto(site.at(f"/ledger/{entry}/"))
    expect(steward.locator("main")).to_contain_text("One row was shown")


def test_the_report_says_themes_and_no_word(signed_in: SignedIn, site: Site) -> None:
    page = signed_in("leader", width=DESK)
    page.goto(site.at("/experiences/"))
    expect(page.locator("main")).to_contain_text("What comments say: question C5, Student climate")
    expect(page.locator("main")).to_contain_text("Feelings")
    text = page.locator("main").inner_text()
    assert not [row for row in site.rows("feeds/riverbend-schools/comments.csv") if row["Comment"] in text]
    assert judged(page) + judged_at(page, PHONE, whole=True) == []
