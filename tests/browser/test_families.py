"""A family's rights, by keyboard alone: a record shown before its day, a record contested as far as the statement, an incident."""

import re
from datetime import date, timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignedIn, Site
from tests.browser.test_keyboard import LONGEST

OFFICER = "privacy_officer"
WHICH = "The mark of the first school day"
SAID = "She was at school that day, and her teacher knows it."


def reach(page: Page, what: Locator) -> None:
    """Presses the tabulator until the focus is there."""
    for _ in range(LONGEST):
        page.keyboard.press("Tab")
        if what.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"the tabulator does not come to {what}")


def write(page: Page, label: str | re.Pattern[str], text: str) -> None:
    """Writes into a field that has the focus after some tabulators."""
    field = page.locator("main").get_by_label(label).first
    reach(page, field)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def press(page: Page, name: str | re.Pattern[str], role: str = "button") -> None:
    """Presses a button, or follows a link, that has the focus, and waits for the page after it."""
    reach(page, page.locator("main").get_by_role(role, name=name).first)  # type: ignore[arg-type]
    with page.expect_navigation():
        page.keyboard.press("Enter")


def asks(page: Page, family: dict[str, str]) -> None:
    write(page, "Student’s number", family["record_key"])
    write(page, "Name of the requester", family["signer"])
    write(page, "How you verified the requester’s identity", "Photo ID at the counter")


def family_of(site: Site) -> dict[str, str]:
    """A parent of a student of Riverbend Schools who signed a yes."""
    said = [f for f in site.rows("consents/casework.csv") if f["partner"] == "riverbend-schools"]
    return [f for f in said if (f["decision"], f["relation"]) == ("yes", "parent")][2]


def test_a_record_is_shown_before_its_day(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(OFFICER)
    page.goto(site.at("/requests/"))
    press(page, "Record a request to inspect", "link")
    asks(page, family_of(site))
    press(page, "Record the request")
    expect(page.locator("main")).to_contain_text("45 days left")
    press(page, "Gather the record")
    expect(page.locator("#record")).to_be_visible()
    reach(page, page.locator("main summary").first)  # the record's tables open by keyboard
    page.keyboard.press("Enter")
    expect(page.locator("main details[open] table").first).to_be_visible()
    press(page, "Record the answer")
    expect(page.locator("main")).to_contain_text("You answered the family")


def test_what_is_contested_goes_as_far_as_the_statement(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(OFFICER)
    page.goto(site.at("/requests/"))
    press(page, "Record a request to amend", "link")
    asks(page, family_of(site))
    reach(page, page.get_by_label("What they dispute"))
    page.keyboard.type("attendance status")
    write(page, "Which record", WHICH)
    write(page, "Why", "She was there")
    press(page, "Record the request")
    expect(page.locator("main")).to_contain_text(WHICH)
    write(page, "Why you do not amend it", "The teacher’s list says absent.")
    press(page, "Do not amend it")
    press(page, "Record its request")
    hearing = date.today() + timedelta(days=9)
    write(page, "Day of the hearing", f"{hearing:%m%d%Y}")
    write(page, "Time", "16:30")
    write(page, "Place", "Room 4")
    write(page, "Office that conducts the hearing", "Deputy superintendent")
    press(page, "Set the hearing")
    expect(page.locator("main")).to_contain_text("conducted by Deputy superintendent")
    press(page, "Record that it was held")
    leave = page.locator("section").filter(has=page.get_by_role("heading", name="not to amend it"))
    for label, text in (
        ("Summary of the evidence", "Two lists, and what she said"), ("Reasons for the decision", "The first list was made that day"),
    ):  # fmt: skip
        reach(page, leave.get_by_label(label))
        page.keyboard.type(text)
    press(page, "Do not amend it")
    write(page, "in its own words", SAID)
    press(page, "Place the statement")
    expect(page.locator("main")).to_contain_text(f"“{SAID}”")
    press(page, "Families’ requests", "link")
    expect(page.locator("main")).to_contain_text("the family’s statement is shown with the record")


def test_an_incident_is_looked_at_before_it_is_recorded(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(OFFICER)
    page.goto(site.at("/requests/"))
    press(page, "Record an incident", "link")
    write(page, "What happened", "A list was left on a bus.")
    reach(page, page.get_by_label("Bright Futures After School"))
    page.keyboard.press("Space")
    write(page, "First day on which records", f"{date.today():%m%d%Y}")
    write(page, "Office that reported it", "Director’s office")
    press(page, "See what the ledger shows")
    expect(page.locator("main")).to_contain_text("Nothing has been recorded yet")
    expect(page.locator("main")).to_contain_text(
        re.compile(r"Bright Futures After School: \d+ students?, in \d+ disclosures?")
    )
    press(page, "Record the incident")
    expect(page.locator("main")).to_contain_text("Who must be notified")
    press(page, "They are notified")
    expect(page.locator("main")).to_contain_text(re.compile(r"notified \d+ \w+, \d\d:\d\d"))
