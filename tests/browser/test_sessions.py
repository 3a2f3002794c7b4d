"""A group leader with a phone: 25 students marked in well under a minute, kept in the open page alone, and sent until they arrive."""

import re

from playwright.sync_api import Dialog, Page, Route, expect

from tests.browser.accessible import judged, judged_at
from tests.browser.conftest import DESK, PHONE, SignedIn, Site, follow, sign_in

LEADER = "groups@bright-futures.example"
GROUP = "/sessions/of/bright-futures/reading-circle/"
A_MINUTE = 30  # taps of a thumb that takes two seconds to find each target
STORED = "() => [localStorage.length, sessionStorage.length, document.cookie.length]"


def tap(page: Page, place: int, mark: str) -> None:
    page.locator(".tw-roster-list > li").nth(place).locator(f"input[value={mark}]").tap()


def change(page: Page, place: int) -> None:
    """Gives a student another mark."""
    page.locator(".tw-roster-list > li").nth(place).locator("input[type=radio]:not(:checked)").last.click()


def test_25_students_on_a_phone_in_a_minute(signed_in: SignedIn, site: Site) -> None:
    """From the list of groups to the saved roster, in taps; once with the exceptions alone and once with a tap for each student."""
    page = signed_in(LEADER, width=PHONE, touch=True)
    page.goto(site.at("/sessions/"))
    assert judged(page) + judged_at(page, DESK, whole=True) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    taps = 1
    follow(page, page.get_by_role("link", name="Reading Circle"))
    rows = page.locator(".tw-roster-list > li")
    assert rows.count() == 25
    for place, mark in ((2, "absent"), (9, "late"), (17, "absent")):
        tap(page, place, mark)
        taps += 1
    status = page.locator("#roster [role=status]")
    expect(page.locator(".tw-roster-counts")).to_have_text("22 present1 late2 absent")
    page.get_by_role("button", name="Save").tap()
    taps += 1
    expect(status).to_have_text("Saved: 22 present, 1 late and 2 absent.")
    assert taps == 5
    assert judged(page) + judged_at(page, DESK, whole=True) == []

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.reload()
    taps = 0
    for place in range(25):
        tap(page, place, "late" if place % 5 == 0 else "present")
        taps += 1
    page.get_by_role("button", name="Save").tap()
    taps += 1
    expect(status).to_have_text("Saved: 20 present and 5 late.")
    assert taps == 26 < A_MINUTE
    assert page.evaluate(STORED)[:2] == [0, 0]


def test_marks_stay_in_the_open_page_until_they_arrive(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(LEADER, width=PHONE)
    page.goto(site.at(GROUP))
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and len(lost) < 1:
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/reading-circle/", lose)
    change(page, 4)
    status = page.locator("#roster [role=status]")
    expect(status).to_have_text("Not saved yet.")
    page.get_by_role("button", name="Save").click()
    expect(status).to_contain_text("Your marks are still here. Trying again")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator(".tw-eyebrow a").first.click(no_wait_after=True)
    expect(status).to_contain_text("Saved: ")  # tried again by itself
    assert asked == ["beforeunload"]
    assert len(lost) == 1
    assert page.evaluate(STORED)[:2] == [0, 0]

    # Signed out meanwhile: the marks stay, and are saved after a sign-in in another tab.
    change(page, 6)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save").click()
    expect(status).to_contain_text("You are signed out. Your marks are still here")
    page.context.add_cookies([c for c in cookies if c["name"] == "sessionid"])  # type: ignore[misc]
    page.get_by_role("button", name="Save").click()
    expect(status).to_contain_text("Saved: ")


def test_a_name_from_the_door_is_matched_and_the_way_home_is_shown(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(LEADER, width=PHONE)
    page.goto(site.at(GROUP))
    change(page, 1)
    page.get_by_label("Somebody came who is not on the list").fill("Zebulon Nobody")
    page.get_by_role("button", name="Note the name").click()
    expect(page.locator("#door [role=status]")).to_contain_text("Zebulon Nobody: Noted")
    expect(page.locator("#roster [role=status]")).to_have_text("Not saved yet.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#roster [role=status]")).to_contain_text("Saved: ")
    follow(page, page.get_by_role("link", name="Who may pick up"))
    assert judged(page) + judged_at(page, DESK, whole=True) == []
    expect(page.locator("main")).to_contain_text("ask the office")
    expect(page.locator("main")).not_to_contain_text("family court")
    expect(page.locator(".tw-list-card", has_text="custodial").first).to_contain_text(
        re.compile("mother|father")
    )
    page.goto(site.at("/sessions/walk-ins/"))
    assert judged(page) + judged_at(page, DESK, whole=True) == []
    waiting = page.locator(".tw-list-card").count()
    follow(page, page.locator(".tw-list-card a").first)
    assert judged(page) + judged_at(page, DESK, whole=True) == []
    follow(page, page.get_by_role("button", name="This one").first)
    expect(page.get_by_role("status")).to_contain_text("Matched")
    assert page.locator(".tw-list-card").count() == waiting - 1
    follow(page, page.get_by_role("link", name="Zebulon Nobody"))
    follow(page, page.get_by_role("button", name="Not one of our students"))
    expect(page.locator("main")).not_to_contain_text("Zebulon")


def test_a_roster_is_saved_without_script(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(LEADER, width=PHONE, script=False)
    page.goto(site.at(GROUP))
    change(page, 0)
    follow(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_role("status").first).to_contain_text("Saved: ")
    page.goto(site.at("/sessions/of/bright-futures/late-gym/"))
    expect(page.locator("h1")).to_have_text("Late Gym is recorded in its own system")


def test_a_note_stays_in_the_open_page_when_the_session_ends(signed_in: SignedIn, site: Site) -> None:
    """As marks do: nothing is in the browser's storage, and a second press saves nothing twice."""
    page = signed_in("case_worker", width=PHONE)
    page.goto(site.at("/students/"))
    links = page.locator("main a").evaluate_all("found => found.map(a => a.getAttribute('href'))")
    page.goto(site.at(next(each for each in links if re.fullmatch(r"/students/\d+/", each or ""))))
    typed = "She will come on Monday, and asks for the bus."
    text = page.locator(".tw-note textarea")
    text.fill(typed)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.context.clear_cookies()
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".tw-not-sent")).to_contain_text("You are signed out. What you typed is still here")
    expect(page.locator(".tw-not-sent")).to_be_focused()
    assert text.input_value() == typed
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert typed not in stored
    assert sent == []
    # The sign-in in another tab begins a new session, whose forms have another token.
    sign_in(page.context.new_page(), site, "case_worker")
    page.get_by_role("button", name="Save the note").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Your note is saved.")
    assert page.get_by_text(typed).count() == 1
    assert len(sent) == 1
