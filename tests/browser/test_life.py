"""The whole life of an agreement, by people of three partners and a fourth who joins, on their phones."""

import re
import time
from datetime import date, timedelta

from pypdf import PdfReader

from tests.browser.conftest import PHONE, SignedIn, Site
from tests.browser.life import COUNCIL, HOUSE, Life, moved, saved, seated
from tests.browser.ourtown import PASSPHRASE, told
from tests.town import Town

PRIVACY, LEAD, STEWARD = "privacy@oak.example", "lead@oak.example", "steward@oak.example"
DIRECTOR, WORKER = "director@after.example", "worker@after.example"
KEEPER = "steward@our-town.example"
ELM = "lead@elm.example"
NOTICE = "Annual notice 2026, section 3"


def drafted(life: Life) -> None:
    """From a template to a text without a blocking finding, its schedule picked beside what the district holds."""
    page = life.at(PRIVACY, "/drafts/")
    life.press(page, "Start a draft")
    life.press(page, "Have an organization do a task for the schools")
    page.get_by_label("What is it about, in a line?").fill(life.title)
    page.get_by_label("Short name").fill(life.id)
    page.get_by_label("Oak Schools", exact=True).check()
    page.get_by_label("The organization that does it").select_option(label="After School")
    page.get_by_label("Who keeps the shared data, if another does").select_option(label="Our Town Together")
    page.get_by_label("First day").fill((date.today() - timedelta(days=30)).isoformat())
    page.get_by_label("Which task of the schools").fill("calling families, a task of the attendance office")
    life.press(page, "Begin the draft")
    draft = page.url.removeprefix(life.site.at(""))
    assert "6 to answer or cure" in page.locator(".tw-title-row").inner_text()
    assert "says who is a school official" in page.locator("#section-purposes .is-stop").first.inner_text()

    life.press(page, "Write it")  # the one next step: who agrees
    for office, authority in enumerate(("Board policy 12", "Bylaws 4", "Bylaws 7")):
        page.get_by_label("What gives it the authority?").nth(office).fill(authority)
    page.get_by_label("School district").check()
    life.press(page, "Save")
    for kind in ("What the records are used for", "By what right the data is kept for all"):
        life.at(PRIVACY, f"{draft}purposes/")
        follow_in(life, kind, "Change it")
        page.get_by_label("annual notice").fill(NOTICE)
        life.press(page, "Save")
    life.at(PRIVACY, f"{draft}terms/")
    page.get_by_label("Last day").fill((date.today() + timedelta(days=600)).isoformat())
    page.get_by_label("Oak Schools", exact=True).check()  # it may end it for all three
    life.press(page, "Save")
    picked(life, draft)
    life.at(PRIVACY, draft)
    assert "ready to be finished" in page.locator(".tw-title-row").inner_text()
    life.press(page, "Finish it")
    life.press(page, "Finish it")
    assert page.url.endswith(f"/agreements/{life.id}/")


def follow_in(life: Life, heading: str, name: str) -> None:
    """Presses what is named so in the section of that heading."""
    page = life.at(PRIVACY)
    section = page.locator("section", has=page.get_by_role("heading", name=heading))
    with page.expect_navigation():
        section.locator("a", has_text=name).first.click()
    life.look(page)


def picked(life: Life, draft: str) -> None:
    """What nobody holds goes; a birth date is asked for, with the reason without which it is refused."""
    page = life.at(PRIVACY, f"{draft}schedule/")
    life.press(page, "See which")
    unheld = page.locator("section[aria-labelledby=unheld]")
    assert "guardian" in unheld.inner_text().lower()
    assert "Course grades" in page.locator("section[aria-labelledby=unasked]").inner_text()
    with page.expect_navigation():
        unheld.get_by_role("link").first.click()
    life.press(page, "Take out")
    life.at(PRIVACY, f"{draft}schedule/gaps/")
    assert "Nothing" in unheld.inner_text()
    life.at(PRIVACY, f"{draft}schedule/?table=person")
    page.get_by_label("Birth date").check()
    page.locator("main [name=purposes]").check()
    life.press(page, "List it")
    assert "Say why" in page.locator("main").inner_text()
    page.get_by_label("Why can’t the purpose").fill("Two students of one name are told apart by it")
    life.press(page, "List it")
    assert "Birth date" in page.locator("section[aria-labelledby=listed]").inner_text()


def negotiated(life: Life) -> None:
    """Submitted, offered; one change is taken, another refused with its reason; then the text is settled."""
    life.act(PRIVACY, "submit")
    life.waits_for(PRIVACY, "Offer it to the other parties")
    life.act(PRIVACY, "offer")
    assert life.stands("in negotiation")

    page = life.agreement(DIRECTOR)
    life.enter(page, f"/negotiation/{life.id}/")
    life.press(page, "Propose or comment on Birth date")
    life.press(page, "Propose another for How it is shown")
    page.get_by_label("The year only").check()
    proposed(life, "We tell students apart by name and year alone.")
    page.get_by_role("textbox", name="Comment").fill("Our forms ask for the year as it is.")
    life.press(page, "Post the comment")
    life.at(DIRECTOR, f"/negotiation/{life.id}/")
    life.press(page, "Propose or comment on Attendance by day")
    life.press(page, "Take it out of the text")
    proposed(life, "We would rather ask the family.")

    life.waits_for(PRIVACY, "Answer")
    page = life.at(PRIVACY, f"/negotiation/{life.id}/")
    assert "Two proposals wait for your answer" in page.locator("h1").inner_text()
    answered(life, PRIVACY, "the year only", "Accept it")
    answered(life, PRIVACY, "No longer listed", "Refuse it", "Without it nobody knows whom to call.")
    answered(life, KEEPER, "the year only", "Accept it")  # the last answer: it stands in a new text

    page = life.at(DIRECTOR, f"/negotiation/{life.id}/versions/")
    assert page.locator("h1").inner_text() == "What changed from text 1 to text 2"
    assert "the year only" in page.locator("section[aria-labelledby=words]").inner_text()
    ended = life.at(DIRECTOR, f"/negotiation/{life.id}/").locator("section[aria-labelledby=ended]")
    ended.locator("summary").click()
    assert "Without it nobody knows whom to call" in ended.inner_text()
    life.waits_for(PRIVACY, "Settle the text")
    life.act(PRIVACY, "agree")
    assert life.stands("waits for approvals")


def proposed(life: Life, why: str) -> None:
    """Sees what would follow, and proposes it."""
    page = life.at(DIRECTOR)
    page.get_by_label("Why do you propose it?").fill(why)
    life.press(page, "See what would follow")
    life.press(page, "Propose it")


def answered(life: Life, who: str, words: str, button: str, why: str = "") -> None:
    """Opens the proposal that says so, and answers."""
    page = life.at(who, f"/negotiation/{life.id}/")
    with page.expect_navigation():
        page.locator("section[aria-labelledby=open] h3 a", has_text=words).click()
    life.look(page)
    if why:
        page.get_by_label("Why").first.fill(why)
    life.press(page, button)


def approved(life: Life) -> None:
    """Each capacity approves; the district's board by a vote, of which the log keeps the line."""
    life.waits_for(STEWARD, "Approve it as steward")
    life.act(STEWARD, "approve")
    life.act(PRIVACY, "approve")
    seated(life, LEAD, "oak-board", {LEAD: "Superintendent", PRIVACY: "Member"})
    board_votes(life, f"Approve {life.title}")
    assert "approval" in life.at(LEAD).locator("section[aria-labelledby=followed]").inner_text()
    for who in (
        KEEPER,
        HOUSE,
        DIRECTOR,
        DIRECTOR,
    ):  # nobody else at the program: its director stands for both offices
        life.act(who, "approve")
    assert life.stands("approved")


def board_votes(life: Life, title: str) -> None:
    """The district's board approves the text in preparation, without which nobody signs it for the district."""
    motion = moved(life, LEAD, "oak-board", "approve", title, life.title)
    voted(life, motion, {LEAD: "Yes", PRIVACY: "Yes"})
    life.press(life.at(LEAD, motion), "Close the vote")


def abstained(life: Life) -> None:
    """A council decides on something else; who abstains stops nothing, and is named in the log."""
    seated(life, HOUSE, "council", COUNCIL)
    motion = moved(life, HOUSE, "council", "other", f"Meet each month: {life.id}")
    voted(life, motion, {HOUSE: "Yes", LEAD: "Yes", DIRECTOR: "Abstain"})
    life.press(life.at(HOUSE, motion), "Close the vote")
    page = life.at(HOUSE)
    assert "passed" in page.locator(".tw-title-row").inner_text().lower()
    assert "Abstained: After School" in page.locator("main").inner_text()
    assert life.id in life.at(LEAD, "/governance/decisions/").locator("main").inner_text()


def voted(life: Life, motion: str, votes: dict[str, str]) -> None:
    """Each from the page that lists what waits for their vote."""
    for who, choice in votes.items():
        page = life.at(who, "/governance/")
        life.enter(page, motion)
        life.press(page, choice)
        assert "Your vote is cast" in page.locator("main").inner_text()


def signed(life: Life) -> None:
    """Three offices sign one text, the passphrase asked once more; a data steward puts it into effect."""
    for who in (LEAD, DIRECTOR, HOUSE):
        life.waits_for(who, "Sign")
        life.agreement(who)
    page = life.agreement(LEAD)
    life.enter(page, f"/agreements/{life.id}/sign/")
    life.confirm(page, signer="Pat Hill", title="Superintendent", authority="Board policy 12")
    assert page.locator("h1").inner_text() == "Confirm that it is you"
    life.confirm(page, password=PASSPHRASE)
    assert page.url.endswith(f"/agreements/{life.id}/")
    history = page.locator("section[aria-labelledby=history]").inner_text()
    assert "Pat Hill, as Superintendent (Board policy 12)" in history
    assert "by role, not registered" in history
    assert life.stands("waits for signatures")
    for who in (DIRECTOR, HOUSE):
        life.act(who, "sign", signer="Sam Reyes")
    assert life.stands("signed, not yet in effect")
    life.waits_for(STEWARD, "Put (it )?into effect")
    life.act(STEWARD, "activate")
    assert life.stands("in effect")


def used(life: Life) -> None:
    """A file comes in, a case worker reads, and what is said of that reading agrees everywhere."""
    feed, crosswalk = life.site.folder / "feeds" / "oak.csv", life.site.folder / "crosswalks" / "oak.yaml"
    told(
        life.site.folder,
        ("load", str(feed), "--partner", "oak-schools", "--format", "csv", "--crosswalk", str(crosswalk)),
        ("caseload", "add", str(life.site.folder / "caseloads.csv")),
    )
    page = life.at(WORKER, "/students/")
    assert page.locator(".tw-students > li").count() == 2
    life.press(page, "Ada Alder")
    assert "Missed 3 days" in page.locator("main").inner_text()
    assert refusal(life, BIRTH) == ""

    page = life.at(PRIVACY, "/ledger/use/")
    assert re.search("read (once|\\d+ times)", page.locator("h1").inner_text())
    uses = page.locator("section[aria-labelledby=exempt]")
    assert f"under {life.title}" in uses.inner_text()
    assert "After School" in uses.inner_text()

    page = life.at(DIRECTOR, f"/agreements/{life.id}/side-by-side/")
    assert "SELECT" in page.locator("main").inner_text()
    assert "the year only" in page.locator("main").inner_text()


def papers(life: Life) -> None:
    """The paper carries the exact hash and who signed; the register tells everybody, signed in or not."""
    page = life.agreement(PRIVACY)
    version = page.locator("section[aria-labelledby=signatures] code").inner_text()
    page = life.at(PRIVACY, f"/agreements/{life.id}/papers/")
    paper = PdfReader(saved(page, page.locator("a[href$='/pdf/']").first))
    words = re.sub(r"\s+", "", "".join(sheet.extract_text() for sheet in paper.pages))
    assert version in words
    for office in ("PatHill", "Superintendent", "Executivedirector", "Boardpolicy12", "Bylaws4"):
        assert office in words
    public = life.open(None, width=PHONE)
    public.goto(life.site.at("/register/"))
    life.look(public)
    life.press(public, life.title)
    assert "in effect" in public.locator("main").inner_text()
    assert "Oak Schools" in public.locator("main").inner_text()
    assert "@" not in public.locator("main").inner_text()


def amended(life: Life) -> None:
    """A draft of the text in effect, without telephones; the earlier text holds until the later one is put into effect."""
    assert refusal(life, PHONES) == ""
    page = life.agreement(PRIVACY)
    life.enter(page, f"/drafts/from/{life.id}/")
    life.press(page, "Open it as a draft")
    draft = page.url.removeprefix(life.site.at(""))
    life.at(PRIVACY, f"{draft}schedule/?table=person_contact")
    life.press(page, "Take out")
    life.at(PRIVACY, draft)
    life.press(page, "Finish it")
    life.press(page, "Finish it")
    assert refusal(life, PHONES) == ""
    board_votes(life, f"Approve {life.title} without telephones")
    for who in (LEAD, DIRECTOR, HOUSE):
        page = life.agreement(who)
        life.enter(page, f"/agreements/{life.id}/later/")
        life.enter(page, f"/agreements/{life.id}/sign/")
        life.confirm(page, signer="Pat Hill", title="Director", authority="Bylaws 4")
        life.again(page)
    page = life.agreement(STEWARD)
    life.enter(page, f"/agreements/{life.id}/later/")
    life.enter(page, f"/agreements/{life.id}/activate/")
    life.confirm(page)
    life.again(page)
    assert "in effect" in page.locator(".tw-title-row").inner_text().lower()
    assert "No agreement grants person_contact" in refusal(life, PHONES)
    assert refusal(life, BIRTH) == ""
    page = life.at(PRIVACY, f"/negotiation/{life.id}/versions/")
    assert (
        "addresses, telephones and e-mail"
        in page.locator("section[aria-labelledby=reach]").inner_text().lower()
    )


def joined(life: Life) -> None:
    """Another district joins by signing the same text, gives notice again, and sees before what that does."""
    page = life.at(ELM, "/governance/join/")
    life.press(page, life.title)
    life.confirm(page, signer="Kim Elm", title="Superintendent", authority="Board policy 4")
    life.again(page)
    assert "joined" in life.agreement(PRIVACY).locator("section[aria-labelledby=parties]").inner_text()

    page = life.agreement(ELM)
    life.enter(page, f"/governance/leave/{life.id}/")
    assert "Elm Schools would leave on" in page.locator("h1").inner_text()
    assert "What must be destroyed" in page.locator("section[aria-labelledby=destroy]").inner_text()
    assert "Every purpose goes on without" in page.locator("section[aria-labelledby=others]").inner_text()
    life.confirm(page, reason="We have found another way.")
    life.again(page)
    assert "leaves on" in life.agreement(PRIVACY).locator("section[aria-labelledby=parties]").inner_text()


def ended(life: Life) -> None:
    """Ended, wound down, destroyed by order with a certificate, certified by each who received, closed."""
    life.act(PRIVACY, "terminate", reason="The attendance office calls by itself again.")
    assert life.stands("ended")
    assert f"{life.id} was terminated" in refusal(life, BIRTH)
    life.waits_for(PRIVACY, "Wind it down")
    life.act(PRIVACY, "wind_down")
    life.waits_for(DIRECTOR, "Certify")
    destroyed(life)
    for who in (DIRECTOR, KEEPER):
        life.act(who, "certify", copies="None outside this system.", on=date.today().isoformat())
    assert life.stands("destroyed, to be closed")
    life.waits_for(PRIVACY, "Close it")
    life.act(PRIVACY, "close")
    assert life.stands("closed")
    assert life.title not in life.at(PRIVACY, "/open-steps/").locator("main").inner_text()


def destroyed(life: Life) -> None:
    page = life.at(KEEPER, "/destruction/")
    life.enter(page, f"/destruction/order/agreement/{life.id}/")
    assert "will be destroyed" in page.locator("h1").inner_text()
    page.locator("main label[for=id_sure]").click()
    life.confirm(page, why="The agreement has ended.")
    life.again(page)
    until = time.monotonic() + 120
    while page.get_by_role("link", name="Check again").count() and time.monotonic() < until:
        page.wait_for_timeout(500)
        page.reload()
    life.look(page)
    assert "destroyed" in page.locator("h1").inner_text()
    certificate = PdfReader(saved(page, page.get_by_role("link", name="Save as PDF")))
    words = " ".join(sheet.extract_text() for sheet in certificate.pages)
    assert page.url.rstrip("/").rpartition("/")[2] in words
    assert "Alder" not in words


BIRTH = "SELECT birthdate FROM person LIMIT 1"
PHONES = "SELECT telephone_number FROM person_contact LIMIT 1"


def refusal(life: Life, sql: str) -> str:
    """What a question of the case worker's is refused with; empty where it is answered."""
    done = Town(life.site.folder).run("query", sql, "--purpose", "attendance-outreach", "--as", WORKER)
    return done.stdout if done.returncode else ""


CHAPTERS = (drafted, negotiated, approved, abstained, signed, used, papers, amended, joined, ended)


def test_the_life_of_an_agreement(town: Site, in_town: SignedIn) -> None:
    life = Life(town, in_town, "calls", "Calls to families")
    for chapter in CHAPTERS:
        chapter(life)
    assert life.faults == {}
