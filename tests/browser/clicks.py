"""What a newcomer presses, counted: buttons, links, ticks, menus and file choosers; typing is counted in fields."""

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from tests.browser.conftest import follow


@dataclass
class Clicks:
    """Every press of the walk, in order, in words; `fields`: how many fields were typed into."""

    pressed: list[str] = field(default_factory=list)
    fields: int = 0

    def follow(self, page: Page, way: Locator, words: str = "") -> None:
        """Presses what leads to another page."""
        self.pressed.append(words or way.inner_text().strip())
        follow(page, way)

    def press(self, way: Locator, words: str = "") -> None:
        """Presses what stays on the page: a tick, an answer."""
        self.pressed.append(words or way.inner_text().strip())
        way.click()

    def open(self, page: Page, address: str) -> None:
        """Opens a link that was handed over, or goes to a page: one press."""
        self.pressed.append("(a link that was handed over)")
        page.goto(address)

    def select(self, menu: Locator, place: int) -> None:
        """Chooses the option at that place."""
        words = menu.locator("option").nth(place).inner_text()
        self.pressed.append(f"(menu) {words}")
        menu.select_option(index=place)

    def choose(self, chooser: Locator, *paths: str) -> None:
        """Chooses files, all of them at once."""
        self.pressed.append(f"(files) {', '.join(path.rpartition('/')[2] for path in paths)}")
        chooser.set_input_files(list(paths))

    def fill(self, box: Locator, value: str) -> None:
        self.fields += 1
        box.fill(value)

    def told(self) -> str:
        """The presses in order, for who reads the walk."""
        lines = [f"{n:3} {words}" for n, words in enumerate(self.pressed, 1)]
        return "\n".join([*lines, f"{self.fields} fields typed into", ""])
