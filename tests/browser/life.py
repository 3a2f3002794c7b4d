"""What the journeys through an agreement's life share: the people at their screens, and that every page is looked at."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.browser.accessible import judged, judged_at
from tests.browser.conftest import DESK, PHONE, SignedIn, Site, follow
from tests.browser.ourtown import PASSPHRASE

HOUSE = "lead@our-town.example"  # who leads the council
COUNCIL = {HOUSE: "Backbone", "lead@oak.example": "District", "director@after.example": "Programs"}
NUMBERS = re.compile(r"\d+|[0-9a-f]{12,}")


@dataclass
class Life:
    """One agreement, and those who act on it: on a phone, the narrower way; each page is looked at as it is on a desk too."""

    site: Site
    open: SignedIn
    id: str = ""
    title: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def at(self, who: str, path: str = "") -> Page:
        """The page of a person, led to a path of the site and looked at; without a path as it stands."""
        if who not in self.pages:
            self.pages[who] = self.open(who, width=PHONE)
        page = self.pages[who]
        if path:
            answer = page.goto(self.site.at(path))
            assert answer
            assert answer.status == 200, path
            self.look(page)
        return page

    def agreement(self, who: str) -> Page:
        return self.at(who, f"/agreements/{self.id}/")

    def look(self, page: Page) -> None:
        """Axe, sideways scrolling and headings: once for each address and headline, on a phone and on a desk."""
        known = f"{NUMBERS.sub('N', page.url)} {page.locator('h1').inner_text()}"
        if known not in self.seen:
            self.seen.add(known)
            if found := judged(page) + judged_at(page, DESK):
                self.faults[known] = found
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]

    def press(self, page: Page, name: str, within: str = "main") -> None:
        """Presses what is named so, and looks at the page to which it leads."""
        follow(
            page,
            page.locator(f"{within} :is(a, button)", has_text=re.compile(rf"^\s*{re.escape(name)}")).first,
        )
        self.look(page)

    def enter(self, page: Page, end: str) -> None:
        """Follows the first link whose address ends so, and looks at the page to which it leads."""
        follow(page, page.locator(f"main a[href$='{end}']").first)
        self.look(page)

    def act(self, who: str, act: str, **fields: str) -> Page:
        """From the agreement's page to an act on it: fills what is asked, confirms, and gives the passphrase where it is asked."""
        page = self.agreement(who)
        self.enter(page, f"/agreements/{self.id}/{act}/")
        self.confirm(page, **fields)
        self.again(page)
        return page

    def again(self, page: Page) -> None:
        """Gives the passphrase once more, where it is asked for."""
        if "/account/confirm/" in page.url:
            self.confirm(page, password=PASSPHRASE)

    def confirm(self, page: Page, **fields: str) -> None:
        """Fills the fields of the page's form by name, and sends it."""
        for name, value in fields.items():
            page.locator(f"main [name={name}]").fill(value)
        follow(page, page.locator("main form button[type=submit]").first)
        self.look(page)

    def stands(self, words: str) -> bool:
        """Whether the agreement's page carries this tag for its author."""
        return words in self.agreement("privacy@oak.example").locator(".tw-title-row").inner_text().lower()

    def waits_for(self, who: str, words: str) -> None:
        """The home of this person names the step, or counts it where three others come before it; where things stand names it."""
        for path in ("/", "/open-steps/"):
            told = self.at(who, path).locator("main").inner_text()
            if path == "/" and self.title not in told and re.search(r"\d+ more steps? of agreements", told):
                continue
            assert self.title in told, f"{path} of {who} says nothing of the agreement: {told}"
            assert re.search(words, told), f"{path} of {who} says nothing of “{words}”: {told}"


def seated(life: Life, who: str, body: str, offices: dict[str, str]) -> None:
    """Gives the seats of a body, once; `offices`: by holder."""
    page = life.at(who, f"/governance/bodies/{body}/")
    for holder, office in offices.items():
        if office not in page.locator("section[aria-labelledby=seats]").inner_text():
            life.enter(page, "/seat/")
            holders = page.locator("main [name=holder]")
            holders.select_option(value=holders.locator("option", has_text=holder).get_attribute("value"))
            life.confirm(page, office=office)


def moved(life: Life, who: str, body: str, kind: str, title: str, agreement: str = "") -> str:
    """Puts a motion before a body; its address."""
    page = life.at(who, f"/governance/bodies/{body}/")
    life.enter(page, "/motion/")
    page.locator(f"main [name=kind][value={kind}]").check()
    if agreement:
        page.get_by_label("Which agreement").select_option(label=agreement)
    life.confirm(page, title=title)
    return page.url.removeprefix(life.site.at(""))


def saved(page: Page, link: Locator) -> Path:
    """The file that a link gives."""
    with page.expect_download() as waiting:
        link.click()
    return Path(waiting.value.path())
