"""A support, from its provider to a student: confirmed with one tap, found for a student with its reasons, read by everybody."""

import re

from playwright.sync_api import expect

from tests.browser.accessible import judged, judged_at
from tests.browser.conftest import DESK, PHONE, SignedIn, Site, follow


def test_a_provider_confirms_a_support_and_a_case_worker_finds_it(signed_in: SignedIn, site: Site) -> None:
    provider = signed_in("director@family-services.example", width=PHONE)
    provider.goto(site.at("/supports/"))
    assert judged(provider) + judged_at(provider, DESK, whole=True) == []
    provider.set_viewport_size(PHONE)  # type: ignore[arg-type]
    follow(provider, provider.get_by_role("link", name="Look at it"))
    expect(provider.get_by_role("heading", level=1)).to_have_text("Rent and utilities")
    expect(provider.locator("main")).to_contain_text("offered to no student")
    assert judged(provider) + judged_at(provider, DESK) == []
    follow(provider, provider.get_by_role("button", name="Yes, it is right"))
    expect(provider.get_by_role("status")).to_contain_text("Rent and utilities stays in the directory")
    follow(provider, provider.get_by_role("link", name="Change it"))
    assert judged(provider) + judged_at(provider, PHONE) == []

    worker = signed_in("case_worker", width=PHONE)
    worker.goto(site.at("/students/"))
    student = worker.locator("main a[href]").evaluate_all(
        "links => links.map(a => a.getAttribute('href')).find(h => /^.students.[0-9]+.$/.test(h))"
    )
    worker.goto(site.at(student))
    follow(worker, worker.locator("#supports").get_by_role("link", name=re.compile("others do not")))
    assert judged(worker) + judged_at(worker, DESK, whole=True) == []
    worker.get_by_label("What does the student look for?").select_option(label="Housing")
    follow(worker, worker.get_by_role("button", name="Put these first"))
    expect(worker.locator("main")).to_contain_text("You look for housing")
    rent = worker.locator("li", has_text="Rent and utilities").first
    expect(rent).to_contain_text(re.compile("seats? free|no seat is free"))  # by the demo's day
    expect(rent).to_contain_text("Does the family meet the program’s condition? About to lose a home.")
    assert judged(worker) == []

    family = signed_in(None, width=PHONE)
    family.goto(site.at("/directory/?language=es"))
    follow(family, family.get_by_role("link", name="Homework Club"))
    expect(family.locator("main")).to_contain_text("Lunes 15:00–17:30")
    expect(family.locator("main")).not_to_contain_text("espera")
    assert judged(family) + judged_at(family, DESK, whole=True) == []
