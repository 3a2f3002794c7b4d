"""The page against its release: it says nothing that was not published, and lets nobody work out what is withheld."""

import re
from dataclasses import replace
from fractions import Fraction

import pytest

from tests.insight.community import Remembering, grow
from tests.insight.reader import Reading, Unknowns, figures
from tests.publication.attacker import printed
from throughway.insight import selectors
from throughway.insight.figures import (
    DERIVED_TITLE,
    Figures,
    Milestone,
    MilestoneHeading,
    derived_table,
    headings_from_json,
    pipeline,
    totals,
)
from throughway.insight.pipeline.actions import REPORT, pipeline_draft
from throughway.insight.pipeline_text import headline, key_numbers
from throughway.insight.report_files import html, picture
from throughway.insight.reports.actions import publish_report
from throughway.insight.selectors import newest, newest_report, report
from throughway.partners import Actor
from throughway.publication.selectors import published, release

pytestmark = pytest.mark.django_db
LEADER = Actor("leader@example.org", "north", "leader")
HEADING = MilestoneHeading(
    "math", "Are on track in grade 8 math", "math", "before grade 8 math", "", "", "eighth graders", (), False, False, 2026, None, 2022,
    "Read well in grade 3", True,
)  # fmt: skip


@pytest.fixture(scope="module")
def grown():
    return grow(Remembering())


@pytest.fixture
def made(grown, protected_once, community, tmp_path, monkeypatch):
    monkeypatch.setattr("throughway.publication.joint_release.protect", protected_once)
    return publish_report(REPORT, grown, by=LEADER, out=tmp_path / "report.html")


@pytest.fixture
def written(made):
    with open(made["report"], encoding="utf-8") as file:
        return file.read()


def cells(made):
    return [c for t in release(made["release"], LEADER)["tables"] for c in t["cells"]]


def at(made, statistic="students", **where):
    (found,) = {c["shown"] for c in cells(made) if c["at"] == where and c["statistic"] == statistic}
    return found


def test_the_steps_run_from_kindergarten_to_work(made):
    assert [s["id"] for s in made["steps"]] == [
        "reading",
        "math",
        "graduation",
        "enrollment",
        "completion",
        "employment",
    ]
    assert [s["after"] for s in made["steps"]][:3] == [
        "Are ready for kindergarten", "Read well in grade 3", "Are on track in grade 8 math",
    ]  # fmt: skip
    assert sum(isinstance(s["lost"]["shown"], int) for s in made["steps"]) >= 4


def test_every_number_of_the_page_is_published(made, written):
    said, _ = figures(written)
    published = {c["shown"] for c in cells(made)}
    ranks = set(range(1, len(made["steps"]) + 1))
    assert len(said - ranks) > 25
    assert any(isinstance(figure, str) for figure in said)  # ranges
    assert said - ranks <= published, sorted(said - ranks - published)


def test_every_number_of_the_picture_is_published(made):
    said, _ = figures(picture(report(made["release"], LEADER).page))
    assert len(said) > 12
    assert said <= {c["shown"] for c in cells(made)}


def test_joins_ticks_and_totals_are_figures_of_the_release(made):
    page = report(made["release"], LEADER).page
    for each in page.groups:
        group = each.group
        where = {group.kind: group.name, "sum": "lost beyond everyone's share"}
        (total,) = [c["shown"] for c in cells(made) if where.items() <= c["at"].items()]
        assert total == group.excess
        for milestone, counted in group.milestones:
            where = {"milestone": milestone.heading.name, "expected": "lost", group.kind: group.name}
            assert at(made, "mean", **where) == milestone.expected(counted)
    assert page.groups
    for step in made["steps"]:
        if step["joined"] is not None:
            assert at(made, join=step["to"]) == step["joined"]["shown"]
    lost = [s["lost"]["shown"] for s in made["steps"] if "lost" in s]
    assert at(made, "sum", sum="lost", steps=str(len(lost))) == added(lost)


def added(shown):
    """The sum of numbers and ranges of numbers, as it is printed; None where one is withheld. Never of those alone that are numbers."""
    if None in shown:
        return None
    ends = [[int(end) for end in str(each).split("–")] for each in shown]
    low, high = sum(each[0] for each in ends), sum(each[-1] for each in ends)
    return low if low == high else f"{low}–{high}"


def test_a_sum_is_never_of_the_steps_alone_whose_figure_is_a_number():
    def step(lost, joined):
        heading = replace(HEADING, joins=True)
        return Milestone(heading, "step", Figures("", 100, 60, lost, 4, 40), 96, (), {}, joined=joined)

    steps = [step(30, 59), step("10–19", "38–50"), step(20, "0–9")]
    assert {what: (total.steps, total.shown) for what, total in totals(steps).items()} == {
        "lost": (3, "60–69"), "not seen": (3, 12), "join": (3, "97–118"),
    }  # fmt: skip
    said = [(each.words, each.noun) for each in key_numbers(steps)]
    assert said[:2] == [
        ("60–69", "students lost, across 3 steps"),
        ("97–118", "join later, without the previous step"),
    ]
    assert "join" not in " ".join(
        noun for _, noun in [(e.words, e.noun) for e in key_numbers([*steps, step(5, None)])]
    )


class Recounted:
    """What is computed from the figures of a release, computed again from its own tables: in plain Python, place by place."""

    def __init__(self, tables, steps):
        self.shown = {}
        for table in tables:
            if table["title"] != DERIVED_TITLE:
                for cell in table["cells"]:
                    self.shown[cell["statistic"], frozenset(cell["at"].items())] = cell["shown"]
        self.steps = steps  # (dimension, name) of each step

    def students(self, **where):
        return self.shown.get(("students", frozenset(where.items())))

    def number(self, where):
        """The derived figure at this place; None where one of its parts is no number."""
        if "steps" in where and not where.keys() - {"steps", "sum"}:
            return self.over_steps(where["sum"], int(where["steps"]))
        if where.keys() & {"milestone", "step"}:
            return self.at_one(where)
        kind, name = next((k, v) for k, v in where.items() if k not in ("sum", "steps"))
        here = [
            dict(w)
            for s, w in self.shown
            if s == "students" and dict(w).keys() == {"milestone", kind} and (kind, name) in w
        ]
        compared = [w for w in here if w["milestone"] not in self.signs]
        if where["sum"] == "not seen":
            return total(self.students(**w, outcome="not seen") for w in compared)
        found = []
        for w in compared:
            lost = self.students(**w, outcome="lost")
            would = self.at_one({**w, "expected": "lost"})
            if isinstance(lost, int) and would is not None:
                found.append(lost - would)
        assert len(found) == int(where["steps"])
        return sum(found)

    def over_steps(self, what, steps):
        outcome = what.partition(",")[0]
        known = [
            {"join": name} if what == "join" else {d: name, "outcome": outcome}
            for d, name in self.steps
            if ("students", frozenset({d: name, "outcome": "lost"}.items())) in self.shown
        ]
        found = [
            self.students(**where) for where in known if ("students", frozenset(where.items())) in self.shown
        ]
        if what == "lost, largest":
            assert all(isinstance(n, int) for n in found)
            found = sorted(found, reverse=True)[:3]
        assert len(found) == steps
        return added(found)

    def at_one(self, where):
        here = {k: v for k, v in where.items() if k not in ("sum", "expected")}
        whole = {k: v for k, v in here.items() if k in ("milestone", "step")}
        if where.get("sum") == "arrive":
            (name,) = whole.values()
            return total([self.students(**here, outcome="reached"), self.students(join=name)])
        seen = total(self.students(**here, outcome=each) for each in ("reached", "lost"))
        if where.get("sum") == "seen":
            return seen
        of_all = total(self.students(**whole, outcome=each) for each in ("reached", "lost"))
        lost = self.students(**whole, outcome="lost")
        if not of_all or seen is None or not isinstance(lost, int):
            return None
        return int(Fraction(seen * lost, of_all) + Fraction(1, 2))


def total(shown):
    numbers = list(shown)
    return sum(numbers) if all(isinstance(n, int) for n in numbers) else None


def recounts(tables, headings):
    """(what the release shows, what the recount finds) of each derived figure."""
    steps = [
        ("step" if h["after"] else "milestone", h["name"])
        for h in headings
        if not h["sign"] and not h["spring"]
    ]
    again = Recounted(tables, steps)
    again.signs = {h["name"] for h in headings if h["sign"]}
    (derived,) = [t for t in tables if t["title"] == DERIVED_TITLE]
    return [(c["at"], c["shown"], again.number(c["at"])) for c in derived["cells"]]


def test_every_sum_is_recounted_from_the_tables(made):
    headings = published(made["release"], LEADER).about["headings"]
    found = recounts(release(made["release"], LEADER)["tables"], headings)
    assert [each for each in found if each[1] != each[2]] == []
    assert sum(shown is not None for _, shown, _ in found) > 20


@pytest.mark.parametrize("which", [0, -1])
def test_every_sum_is_recounted_where_one_class_is_as_an_earlier_release_has_it(made, which):
    """A report can leave one class as first published beside new figures of the others. Here that class has other numbers."""
    kept = published(made["release"], LEADER)
    before = next(t for t in kept.tables if t.title == DERIVED_TITLE)
    summed = [
        c.at["milestone"]
        for c in before.cells
        if c.at.get("sum") == "seen" and c.shown and "milestone" in c.at
    ]
    whose = sorted(set(summed))[which]
    tables = [
        replace(table, cells=tuple(
            replace(c, shown=c.shown + 7) if whose in c.at.values() and isinstance(c.shown, int) and c.statistic == "students" else c
            for c in table.cells
        ))
        for table in kept.tables if table.title != DERIVED_TITLE
    ]  # fmt: skip
    mixed = derived_table(pipeline(headings_from_json(kept.about["headings"]), tables, kept.about["kinds"]))
    assert mixed != before
    found = recounts([t.to_json() for t in (*tables, mixed)], kept.about["headings"])
    assert [each for each in found if each[1] != each[2]] == []


def test_a_preview_counts_what_the_release_then_shows(
    grown, protected_once, community, tmp_path, monkeypatch
):
    """Recounted from the JSON of the release, table by table: whole numbers and codes, ranges of counts, and what is withheld."""
    monkeypatch.setattr("throughway.publication.joint_release.protect", protected_once)
    preview = pipeline_draft(grown).preview()
    then = release(publish_report(REPORT, grown, by=LEADER, out=tmp_path / "report.html")["release"], LEADER)
    assert [t["title"] for t in preview["tables"]] == [t["title"] for t in then["tables"]]
    assert "told" not in preview  # nobody writes its filters: it counts each figure
    every = {"shown": 0, "ranges": 0, "withheld": 0}
    for said, table in zip(preview["tables"], then["tables"], strict=True):
        withheld = [c for c in table["cells"] if c["shown"] is None]
        ranges = [c for c in table["cells"] if re.fullmatch(r"\d+–\d+", str(c["shown"]))]
        counted = {
            "shown": len(table["cells"]) - len(withheld),
            "ranges": len(ranges),
            "withheld": len(withheld),
        }
        assert {name: said[name] for name in counted} == counted, table["title"]
        every = {name: every[name] + counted[name] for name in every}
        assert [(c["at"], c["withheld"]) for c in said["cells"]] == [
            (c["at"], c["shown"] is None) for c in table["cells"]
        ]
    assert {name: preview[name] for name in every} == every
    assert min(every.values()) > 20
    assert (preview["state"], preview["rule"]) == (then["state"], then["rule"])


def test_who_reaches_a_milestone_went_on_or_joined(made):
    """Wherever all three figures are shown, as numbers or ranges."""
    compared = 0
    for step in made["steps"][:3]:
        whole, *parts = (
            printed(n)
            for n in (
                at(made, milestone=step["to"], outcome="reached"), step["reached"]["shown"], step["joined"]["shown"],
            )
        )  # fmt: skip
        if all(high is not None for _, high in (whole, *parts)):
            assert sum(low for low, _ in parts) <= whole[1]
            assert sum(high for _, high in parts) >= whole[0]
            compared += 1
    assert compared


def test_the_page_reveals_no_withheld_figure(written):
    """Solves for every withheld figure of the page's tables, from the page's own numbers, sums and shares."""
    told, known, withheld = Reading(written), Unknowns(), []
    for name, _, *row in told.table("Students on each step")[1:]:
        if len(row) < 5:
            continue
        parts = [(name, "step", what) for what in ("reached", "lost", "not seen")]
        start, went, lost, join, unseen = row
        for what, words in zip(
            [(name, "step", "start"), *parts, (name, "join")], (start, went, lost, unseen, join), strict=True
        ):
            withheld += [what] if known.printed(what, words) else []
        known.is_sum((name, "step", "start"), parts)
    for name, _, *row in told.table("Of all students due")[1:]:
        if len(row) < 5:
            continue
        reached, lost, share, unseen, causes = row
        parts = [(name, what) for what in ("reached", "lost", "not seen")]
        for what, words in zip(parts, (reached, lost, unseen), strict=True):
            withheld += [what] if known.printed(what, words) else []
        known.share((name, "not seen"), parts, f"{100 - int(share[:-1])}%" if share.endswith("%") else share)
        # Causes that are withheld one and all are not even named.
        named = [] if causes == "withheld" else causes.split("; ")
        listed = [(name, "because", n) for n, _ in enumerate(named)]
        for cause, words in zip(listed, named, strict=True):
            withheld += [cause] if known.printed(cause, words.split(": ")[-1]) else []
        if listed:
            known.is_sum((name, "not seen"), listed)
        if (name, "join") in known.names and row[0] != "":
            known.is_sum(
                (name, "reached"), [(name, "step", "reached"), (name, "join")]
            ) if name in FOLLOWED else None
    for caption, rows in told.tables.items():
        if not caption.startswith("Students lost, by"):
            continue
        for place, milestone in enumerate(rows[0][1:], start=1):
            name = LOST[milestone]
            groups = [(name, "lost", caption, row[0]) for row in rows[1:]]
            for group, row in zip(groups, rows[1:], strict=True):
                withheld += [group] if known.printed(group, row[place]) else []
            if all(row[place] != "none in this class" for row in rows[1:]):
                known.is_sum((name, "lost"), groups)
    assert len(withheld) > 20
    for what in withheld:
        low, high = known.range(what)
        assert high - low >= 10 - 1e-6, (what, low, high)


FOLLOWED = ("Read well in grade 3", "Are on track in grade 8 math", "Graduate from high school")
LOST = {
    "Before kindergarten": "Are ready for kindergarten", "Before grade 3 reading": "Read well in grade 3",
    "Before grade 8 math": "Are on track in grade 8 math", "Before graduation": "Graduate from high school",
    "Before college": "Enroll in college", "Before a credential": "Complete a credential",
    "Before a living wage": "Earn a living wage", "To chronic absence": "Attend school regularly",
    "On the way through grade 9": "Are on track in grade 9",
}  # fmt: skip


def test_the_chart_has_the_numbers_of_its_table(written):
    chart = re.search(r'<ol class="tw-chart">.*?</ol>', written, re.S)[0]
    drawn = re.findall(r"<strong>(\d[\d,]*)</strong>", chart)
    page = Reading(written)
    rows = [row[2:] for row in page.table("Students on each step")[1:]]
    shown = {cell for row in rows for cell in row if re.fullmatch(r"\d[\d,]*", cell)}
    seen = {row[3] for row in page.table("Students lost on each step")[1:]}
    assert shown <= set(drawn) <= shown | seen
    assert len(drawn) > 10


def test_the_page_is_drawn_from_the_registry_alone(made, written):
    selectors.page_of.cache_clear()  # what was drawn once is kept
    assert html(report(made["release"], LEADER).page) == written
    assert newest_report().release.id == made["release"]


def test_the_headline_is_the_finding_of_the_newest_release(made):
    found = newest()
    assert found.release == made["release"]
    assert found.sentence == made["headline"]
    worst = max((s["lost"]["shown"] or 0, s["to"]) for s in made["steps"])
    assert str(worst[0]) in found.sentence


def test_nothing_of_the_page_needs_a_style_or_a_script(written):
    body = written.split("</head>")[1]
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", body)
    ids = re.findall(r'\sid="([^"]+)"', body)
    assert len(ids) == len(set(ids))


def test_the_headline_says_of_how_many(made):
    """Of those who are seen, which is a published sum; where that is withheld it says so in words."""
    found = report(made["release"], LEADER).page.figures
    worst = max(found.steps, key=lambda step: step.lost)
    assert f"{worst.whole.lost:,} " in made["headline"]
    assert f"of the {worst.whole.seen:,} we can see in one class" in made["headline"]
    hidden = replace(worst, whole=replace(worst.whole, reached=None))
    assert headline(replace(found, steps=(hidden,)), "Ourtown").endswith("of those we can see in one class")


def test_before_the_first_release_there_is_no_headline(community):
    assert newest() is None
