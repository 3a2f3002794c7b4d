"""One who reads a page of the pipeline and nothing else: its numbers, its tables, and what they let one work out."""

import re
from html.parser import HTMLParser

import numpy as np
from scipy.optimize import linprog

NUMBER = re.compile(r"\d[\d,]*")
RANGE = re.compile(r"(\d+)–(\d+)")
# Words of the page that hold numbers and no figures: grades, years, days, ids; the ranks and the steps that are counted.
NO_FIGURES = (
    r"\d{4}-\d\d", r"[Gg]rades? \d+( math| reading)?", r"\d{1,2} (January|February|March|April|May|June|July|August|September|"
    r"October|November|December) \d{4}", r"Release [A-Z0-9]{8}", r"Counts under \d+", r"[\d,]+ of [\d,]+ figures? (is|are) withheld",
    r"fewer than \d+ students", r"riverbend-\d{4}", r"Of every 100 students",
    r"over \d steps|at the \d of \d milestones?|through \d milestones", r"\d+%",
)  # fmt: skip


class Reading(HTMLParser):
    """Every text and label of a page, and its tables by their captions."""

    def __init__(self, page):
        super().__init__()
        self.said, self.tables, self.skipped = [], {}, 0
        self._caption, self._row, self._cell = None, None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag in ("style", "defs", "title") or "tw-defined" in (found.get("class") or ""):
            self.skipped += 1
        if "aria-label" in found:
            self.said.append(found["aria-label"])
        if tag == "caption":
            self._caption = ""
        elif tag == "tr":
            self._row = []
        elif tag in ("td", "th"):
            self._cell = ""

    def handle_endtag(self, tag):
        if tag in ("style", "defs", "title") or (tag == "dl" and self.skipped):
            self.skipped = max(self.skipped - 1, 0)
        if tag == "caption":
            self.rows = self.tables.setdefault(self._caption.strip(), [])
            self._caption = None
        elif tag in ("td", "th") and self._row is not None:
            self._row.append(" ".join((self._cell or "").split()))
            self._cell = None
        elif tag == "tr" and self._row:
            self.rows.append(self._row)
            self._row = None

    def handle_data(self, data):
        if self.skipped:
            return
        if self._caption is not None:
            self._caption += data
        if self._cell is not None:
            self._cell += data
        self.said.append(data)

    def table(self, begins):
        return next(rows for caption, rows in self.tables.items() if caption.startswith(begins))


def figures(page):
    """Every number and range that the page says anywhere, without those that are no figures."""
    reading = Reading(page)
    words = " \n ".join(reading.said)
    for pattern in NO_FIGURES:
        words = re.sub(pattern, " ", words)
    ranges = {found[0] for found in RANGE.finditer(words)}
    return {int(n.replace(",", "")) for n in NUMBER.findall(RANGE.sub(" ", words))} | ranges, reading


class Unknowns:
    """What a reader writes down: names of numbers, sums between them, and what is printed."""

    def __init__(self):
        self.names, self.rows, self.right = {}, [], []
        self.upper, self.bound = [], []

    def __getitem__(self, name):
        return self.names.setdefault(name, len(self.names))

    def is_sum(self, total, parts):
        self.rows.append({self[total]: -1.0} | {self[p]: 1.0 for p in parts})
        self.right.append(0)

    def printed(self, name, words):
        """A figure as the page says it; one that is withheld says nothing. True where it is withheld or a range."""
        self[name]
        if ends := RANGE.fullmatch(words):
            self.upper += [{self[name]: 1.0}, {self[name]: -1.0}]
            self.bound += [int(ends[2]), -int(ends[1])]
            return True
        if words == "withheld" or not NUMBER.match(words):
            return words == "withheld"
        self.rows.append({self[name]: 1.0})
        self.right.append(int(NUMBER.match(words)[0].replace(",", "")))
        return False

    def share(self, part, whole, words):
        """A whole percent is a range."""
        if not re.fullmatch(r"\d+%", words):
            return
        percent = int(words[:-1])
        for sign, edge in ((1, percent + 0.5), (-1, percent - 0.5)):
            line = {self[part]: sign * 100.0}
            for name in whole:
                line[self[name]] = line.get(self[name], 0.0) - sign * edge
            self.upper.append(line)
            self.bound.append(0)

    def range(self, name):
        equal, upper = self._matrix(self.rows), self._matrix(self.upper)
        found = []
        for sign in (1, -1):
            aim = np.zeros(len(self.names))
            aim[self.names[name]] = sign
            answer = linprog(
                aim, A_eq=equal, b_eq=self.right, A_ub=upper, b_ub=self.bound or None, bounds=(0, None)
            )
            assert answer.status in (0, 3), answer.message
            found.append(sign * answer.fun if answer.status == 0 else -sign * np.inf)
        return found

    def _matrix(self, rows):
        matrix = np.zeros((len(rows), len(self.names)))
        for place, row in enumerate(rows):
            for column, times in row.items():
                matrix[place, column] = times
        return matrix if rows else None
