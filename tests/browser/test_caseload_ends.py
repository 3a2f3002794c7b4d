"""A caseload that ends: two students have left the list before anybody signs in, and one more leaves it while its page is open."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessible import judged
from tests.browser.conftest import WIDTHS, SignedIn, Site, confirm, follow
from tests.browser.test_journeys import button, found_by_key, heading

WHO = "caseworker@bright-futures.example"
TAKEN = {"phone": -1, "desk": -2}  # each takes another student, of whom no other journey asks


@pytest.mark.parametrize("width", WIDTHS)
def test_a_caseload_ends_in_the_browser(signed_in: SignedIn, site: Site, width: str) -> None:
    key = [row for row in site.rows("caseloads.csv") if row["email"] == WHO and not row["to"]][TAKEN[width]][
        "record_key"
    ]
    worker = signed_in(WHO, width=WIDTHS[width])
    worker.goto(site.at("/students/"))
    seen = worker.locator(".tw-students > li").count()
    assert re.search(
        r"2 students left your list on .+; it no longer opens their pages",
        worker.locator("main").inner_text(),
    )

    steward = signed_in("data_steward", width=WIDTHS[width])
    steward.goto(site.at("/"))
    follow(steward, steward.get_by_role("link", name="Who works with whom"))
    assert re.search("people work with", heading(steward))
    assert judged(steward) == []
    steward.get_by_label("Partner", exact=True).select_option(label="Bright Futures After School")
    steward.get_by_label(re.compile("number in that partner")).fill(key)
    button(steward, "Show who works with them")
    assert judged(steward) == []
    mine = steward.locator("section[aria-labelledby=found] li", has_text=WHO)

    record = re.search(r"the student has number (\d+)", steward.locator("main").inner_text())
    assert record
    person = found_by_key(signed_in("data_steward"), site, "bright-futures", key)
    worker.goto(site.at(f"/students/{person}/"))
    name = heading(worker)
    assert name != "Page not found"

    follow(steward, mine.get_by_role("link", name="End it"))
    assert judged(steward) == []
    button(steward, "End the assignment")  # of another partner: after the passphrase
    confirm(steward, site, "data_steward")
    expect(steward.get_by_role("status")).to_contain_text("is no longer on the list of")
    gone = steward.locator("section[aria-labelledby=ended]")
    assert record[1] in gone.inner_text()
    assert judged(steward) == []

    worker.reload()
    assert heading(worker) == "Page not found"
    assert name not in worker.content()
    worker.goto(site.at("/students/"))
    assert worker.locator(".tw-students > li").count() == seen - 1
    assert "left your list on" in worker.locator("main").inner_text()
    assert name not in worker.content()

    own = site.throughway("caseload", "list", "--as", WHO)["caseload"]
    assert {line["email"] for line in own} == {WHO}
    assert [line["today"] for line in own if str(line["record"]) == record[1]] == [False]
    seen_it = site.throughway("ledger", "person", "--partner", "bright-futures", "--record-key", key, "--as",
                              "director@bright-futures.example")["disclosures"]  # fmt: skip
    assert any(entry["actor"]["email"] == WHO for entry in seen_it)  # what was seen stays
