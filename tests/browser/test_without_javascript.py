"""The site with JavaScript off: every page tells what it has to tell, and every form does what it says."""

import re
import time

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, SignedIn, Site, follow, sign_in
from tests.browser.life import COUNCIL, HOUSE, Life, moved, seated
from tests.browser.ourtown import offered
from tests.browser.test_pages import FIRST

SIGNER = "director@page-by-page.example"  # whose signature alone is missing


def plain(signed_in: SignedIn, who: str | None) -> Page:
    return signed_in(who, width=PHONE, script=False)


@pytest.mark.parametrize("role", FIRST)
def test_every_page_is_whole(signed_in: SignedIn, site: Site, role: str) -> None:
    page = plain(signed_in, role)
    for path in FIRST[role]:
        answer = page.goto(site.at(path))
        assert answer
        assert answer.status == 200
        assert page.locator("h1").inner_text().strip()
        steps = page.locator("ol.tw-chart > li").all()
        assert len(steps) >= 6 or path != "/pipeline/"
        for step in steps:  # its bars are hidden; its numbers are text
            assert re.search("lost|Cannot be seen", step.inner_text())
        for chart in page.locator(".tw-chart[role=img]").all():
            assert chart.get_attribute("aria-label")
            figure = page.locator("figure", has=chart)
            figure.locator("summary", has_text="table").click()
            assert figure.locator("table").is_visible()


def test_one_signs_in_and_out(signed_in: SignedIn, site: Site) -> None:
    page = plain(signed_in, None)
    sign_in(page, site, "director@long-walk-mentors.example")
    page.locator("header summary").click()
    follow(page, page.get_by_role("button", name="Sign out"))
    assert page.locator("h1").inner_text() == "You are signed out"


def test_one_narrows_the_ledger(signed_in: SignedIn, site: Site) -> None:
    page = plain(signed_in, "privacy_officer")
    page.goto(site.at("/ledger/"))
    page.locator("select[name=outcome]").select_option("refused")
    follow(page, page.get_by_role("button", name="Show"))
    assert "outcome=refused" in page.url
    told = page.locator(".tw-entries > li")
    assert told.count() > 0
    assert all("refused" in entry.lower() for entry in told.all_inner_texts())
    assert page.locator("select[name=outcome]").input_value() == "refused"


def test_one_finds_a_student(signed_in: SignedIn, site: Site) -> None:
    page = plain(signed_in, "case_worker")
    page.goto(site.at("/students/"))
    every = page.locator(".tw-students > li").count()
    name = page.locator(".tw-students a").last.inner_text()
    page.locator("main input[name=words]").fill(name)
    follow(page, page.locator("main").get_by_role("button", name="Find"))
    assert name not in page.url
    assert 0 < page.locator(".tw-students > li").count() < every
    follow(page, page.get_by_role("link", name=name).first)
    assert page.locator("h1").inner_text() == name


def test_one_sends_a_file(signed_in: SignedIn, site: Site) -> None:
    page = plain(signed_in, "data_steward")
    page.goto(site.at("/loads/new/"))
    page.locator("select[name=partner]").select_option("page-by-page")
    page.locator("select[name=format]").select_option("csv")
    page.locator("select[name=crosswalk]").select_option("page-by-page-sessions.yaml")
    last = site.rows("feeds/page-by-page/sessions.csv")[-1] | {"Session No": "plain-1"}
    row = f"{','.join(last)}\n{','.join(last.values())}\n".encode()
    page.locator("input[name=file]").set_input_files(
        [{"name": "sessions.csv", "mimeType": "text/csv", "buffer": row}]
    )
    follow(page, page.get_by_role("button", name="Send it"))
    until = time.monotonic() + 120
    while page.get_by_role("link", name="Check again").count() and time.monotonic() < until:
        follow(page, page.get_by_role("link", name="Check again"))
    assert page.locator("h1").inner_text() == "The file is loaded"
    follow(page, page.get_by_role("link", name="See what was loaded"))
    assert re.match("1 row|One row", page.locator("h1").inner_text())


def test_one_signs_an_agreement(signed_in: SignedIn, site: Site) -> None:
    page = plain(signed_in, None)
    sign_in(page, site, SIGNER)
    follow(page, page.locator("main a.usa-button").first)
    assert page.url == site.at("/agreements/tutoring-study-license/")
    follow(page, page.get_by_role("link", name="Read it and sign"))
    assert page.locator("main form").count() == 1
    page.locator("main [name=signer]").fill("Pat Hill")
    follow(page, page.locator("main form button[type=submit]"))
    page.locator("main [name=password]").fill(site.known(SIGNER)[1])  # once more, to sign
    follow(page, page.locator("main form button[type=submit]"))
    assert page.url == site.at("/agreements/tutoring-study-license/")
    signatures = page.locator("section[aria-labelledby=signatures]").inner_text()
    assert "not signed" not in signatures
    assert page.get_by_role("link", name="Read it and sign").count() == 0


# --- agreements that are being made -----------------------------------------------------------------------------------


def test_one_proposes_a_change(in_town: SignedIn, town: Site) -> None:
    offered(town, "plainly", "Proposed plainly")
    page = in_town("director@after.example", width=PHONE, script=False)
    page.goto(town.at("/negotiation/plainly/"))
    follow(page, page.locator("main a[href$='at=terms.destruction.within_days']"))
    page.locator("main [name=value]").fill("45")
    page.locator("main [name=why]").fill("Our backups turn over in 40 days.")
    follow(page, page.get_by_role("button", name="See what would follow"))
    follow(page, page.get_by_role("button", name="Propose it"))
    assert "45" in page.locator("h1").inner_text()
    assert "Waits for" in page.locator("main").inner_text()


def test_one_votes(in_town: SignedIn, town: Site) -> None:
    life = Life(town, in_town)
    seated(life, HOUSE, "council", COUNCIL)
    motion = moved(life, HOUSE, "council", "other", "Meet in spring")
    page = in_town("lead@oak.example", width=PHONE, script=False)
    page.goto(town.at(motion))
    follow(page, page.get_by_role("button", name="No", exact=True))
    assert page.locator("[aria-pressed=true]").inner_text().startswith("No")


def test_one_picks_a_line_of_the_schedule(in_town: SignedIn, town: Site) -> None:
    page = in_town("steward@oak.example", width=PHONE, script=False)
    page.goto(town.at("/drafts/new/?template=school-official"))
    page.locator("[name=title]").fill("Plain lines")
    page.locator("[name=id]").fill("plain-lines")
    page.locator("[name=part_school][value=oak-schools]").check()
    page.get_by_label("The organization that does it").select_option("after-school")
    follow(page, page.locator("main form button[type=submit]").first)
    draft = page.url
    page.goto(f"{draft}schedule/?table=person")
    page.locator("[name=chosen][value='person.birthdate']").check()
    page.locator("main [name=purposes]").check()
    page.locator("main [name=necessity]").fill("Two of one name are told apart by it")
    follow(page, page.get_by_role("button", name="List it"))
    assert "Birth date" in page.locator("section[aria-labelledby=listed]").inner_text()
    follow(page, page.locator("[name=remove]").last)
    assert "Birth date" not in page.locator("section[aria-labelledby=listed]").inner_text()
    page.goto(f"{draft}do/discard/")
    follow(page, page.locator("main form button[type=submit]").first)
