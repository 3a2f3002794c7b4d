"""What axe finds on a page, and what it cannot see: sideways scrolling, headings out of order."""

import itertools
from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
ROWS = 12  # of each table
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# What other rules find by a page's structure, they find at every width where the same is shown.
BY_LAYOUT = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]


def judged(page: Page, rules: list[str] | None = None) -> list[str]:
    """What is wrong with the page that stands open, every `details` unfolded; it is left as it was found.

    `rules` of axe, else all with the tags. Of a long table the first rows stand for all: axe needs half a minute for the thousands of a
    release.
    """
    page.evaluate(UNFOLD)
    faults = too_wide(page)
    page.evaluate(SHORTEN, ROWS)
    faults += violations(page, rules)
    if skipped_a_level(levels := headings(page)):
        faults.append(f"its headings are {levels}")
    page.evaluate(RESTORE)
    return faults


UNFOLD = (
    "document.querySelectorAll('details:not([open])').forEach(d => { d.open = true; d.dataset.judged = 1 })"
)
SHORTEN = """
rows => document.querySelectorAll(`tbody tr:nth-child(n + ${rows + 1}):not([hidden])`).forEach(row => {
  row.hidden = true;
  row.dataset.judged = 1;
})
"""
RESTORE = """
() => document.querySelectorAll('[data-judged]').forEach(e => {
  if (e.tagName === 'DETAILS') e.open = false;
  else e.hidden = false;
  delete e.dataset.judged;
})
"""


def judged_at(page: Page, width: dict[str, int], *, whole: bool = False) -> list[str]:
    """What is wrong at another width with a page that was judged at its own; the page stays at that width.

    By all rules when it is asked `whole`, or when the main part shows something that it did not show before.
    """
    page.evaluate(UNFOLD)
    page.evaluate(MARK_SHOWN)
    page.set_viewport_size(width)  # type: ignore[arg-type]
    return judged(page, None if whole or page.evaluate(SHOWS_MORE) else BY_LAYOUT)


MARK_SHOWN = (
    "document.querySelectorAll('main *').forEach(e => { if (e.checkVisibility()) e.dataset.shown = 1 })"
)
SHOWS_MORE = "[...document.querySelectorAll('main *')].some(e => e.checkVisibility() && !e.dataset.shown)"


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """One line for each rule that is broken, with the first places; nothing when all is well."""
    page.evaluate(AXE)
    # Of what passes one node for each rule is told: to tell of all takes a fifth of the time.
    found = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})",
        {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS},
    )
    return [
        f"{rule['id']}: {rule['help']} ({'; '.join(node['html'][:120] for node in rule['nodes'][:3])})"
        for rule in found["violations"]
    ]


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways, or is cut off at an edge so that it does not; nothing when all fits."""
    found: list[str] = page.evaluate(TOO_WIDE)
    return found


# What is hidden for the eye alone is cut off on purpose: it is one pixel wide.
TOO_WIDE = """
() => [...document.querySelectorAll('html, html *:not(svg, svg *)')].filter(e => {
  if (e.scrollWidth <= e.clientWidth + 1 || e.clientWidth <= 1 || !e.checkVisibility()) return false;
  return e === document.documentElement || ['hidden', 'clip'].includes(getComputedStyle(e).overflowX);
}).map(e => `${e.tagName.toLowerCase()}.${e.className}: ${e.scrollWidth} px in ${e.clientWidth}`)
"""


def headings(page: Page) -> list[int]:
    """The levels of the headings that are seen, in their order."""
    levels: list[int] = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter(h => h.checkVisibility()).map(h => +h.tagName[1])"
    )
    return levels


def skipped_a_level(levels: list[int]) -> bool:
    return (
        not levels
        or levels[0] != 1
        or levels.count(1) != 1
        or any(b > a + 1 for a, b in itertools.pairwise(levels))
    )
