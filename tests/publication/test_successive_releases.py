"""Twenty releases one after another about the students of a small town, read together by an attacker who knows the roll."""

import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
import pytest

from tests.publication.attacker import printed
from tests.publication.successive_attacker import Attacker, Figure, Share, percents, told_about_few
from tests.publication.test_earlier_releases import BY, read
from tests.publication.test_joint_release import ON
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR
from throughway.publication import RawCell, RawTable, actions, joint_release
from throughway.publication.joint_release import CountedTables, joint_tables
from throughway.publication.models import Release
from throughway.publication.selectors import published
from throughway.publication.states import ReleaseAct

RELEASES = 20
NEAR = 1e-6
# In the first four, an unchanged part once told the outcome of a late student.
TOWNS = [4, 8, 11, 13, *range(100, 96 + 4 * int(os.environ.get("CASES_TIMES", "1")))]
STATE = -1  # the release that the State's table counts as
STATES = [(8, 3), (11, 3)]
POOLED = [4, 16, *TOWNS[4:]]  # whose questions are by school
VALUES = {
    "milestone": ("graduate", "enroll"),
    "school": ("Hill", "Lake", "Mill"),
    "sex": ("Female", "Male"),
    "program": ("Yes", "No"),
}
OUTCOMES = {True: "reached", False: "lost"}
TOGETHER = "Hill and Lake together"


@dataclass(frozen=True)
class Student:
    """`arrives`: the first day on which a record of the student is there; `corrected`: the day from which the outcome is the other
    one, if any; `moves`: the day from which the student is in another school."""

    number: int
    attributes: dict[str, str]
    reached: bool
    arrives: int = 0
    corrected: int | None = None
    moves: tuple[int, str] | None = None

    def on(self, day: int) -> dict[str, str]:
        if self.moves and self.moves[0] <= day:
            return {**self.attributes, "school": self.moves[1]}
        return self.attributes

    def flipped(self, day: int) -> bool:
        return self.corrected is not None and self.corrected <= day


def town(chance: random.Random) -> list[Student]:
    found = []
    often = {name: [chance.randint(1, 6) for _ in values] for name, values in VALUES.items()}
    reaching = chance.uniform(0.3, 0.9)
    for number in range(chance.randint(60, 300)):
        attributes = {name: chance.choices(values, often[name])[0] for name, values in VALUES.items()}
        special = chance.random()
        day = chance.randrange(1, RELEASES)
        found.append(
            Student(
                number,
                attributes,
                chance.random() < reaching,
                arrives=day if special < 0.08 else 0,
                corrected=day if 0.08 < special < 0.11 else None,
                moves=(day, chance.choice(VALUES["school"])) if 0.11 < special < 0.13 else None,
            )
        )
    return found


@dataclass(frozen=True)
class Asked:
    """What a release is asked to show: groups, a filter, the smallest number and the kind."""

    by: tuple[str, ...]
    where: tuple[tuple[str, str], ...] = ()
    minimum: int = 10
    report: str = "pipeline"
    purpose: str = "report"
    outcome: str = "outcome"
    sizes: bool = False  # whether its groups are marked as known
    together: tuple[str, ...] = ()  # schools that are shown as one group

    def at(self, student: Student, day: int) -> dict[str, str]:
        found = student.on(day)
        return {**found, "school": TOGETHER} if found["school"] in self.together else found

    def values(self, name: str) -> list[str]:
        found = (TOGETHER if name == "school" and v in self.together else v for v in VALUES[name])
        return list(dict.fromkeys(found))

    def roll(self, students: list[Student], day: int) -> Iterator[tuple[dict[str, str], list[Student]]]:
        """Every place without the outcome, with the students on its roll."""
        there = [s for s in students if s.arrives <= day and all(s.on(day)[d] == v for d, v in self.where)]
        kept = ("milestone",) if self.report == "pipeline" else ()
        for size in range(len(self.by) + 1):
            for some in combinations(self.by, size):
                names = (*kept, *some)
                for values in product(*map(self.values, names)):
                    at = dict(zip(names, values, strict=True))
                    yield at, [s for s in there if all(self.at(s, day)[d] == v for d, v in at.items())]

    def counted(self, students: list[Student], day: int) -> CountedTables:
        cells, rates = [], []
        for at, listed in self.roll(students, day):
            ends = {
                name: [s for s in listed if (s.reached != s.flipped(day)) is end]
                for end, name in OUTCOMES.items()
            }
            among = tuple(frozenset({**at, self.outcome: name}.items()) for name in ends)
            rates.append(
                RawCell({**at, "share": "reached"}, "rate", numerator=len(ends["reached"]), denominator=len(listed), of=among[:1], among=among)
            )  # fmt: skip
            for more, mine in (
                ({}, listed),
                *(({self.outcome: name}, mine) for name, mine in ends.items()),
            ):
                persons = np.array(sorted(s.number for s in mine), np.int64)
                known = self.sizes and not more
                cells.append(RawCell({**at, **more}, count=len(mine), persons=persons, public=known))
        by = ("milestone", *self.by, self.outcome) if self.report == "pipeline" else (*self.by, self.outcome)
        classes = (
            {("milestone", v): f"{v} 2026" for v in VALUES["milestone"]} if self.report == "pipeline" else {}
        )
        alone = replace(self, together=()).counted(students, day).cells if self.together else ()
        cells += [
            replace(c, at={**c.at, "school": TOGETHER, "school alone": c.at["school"]})
            for c in alone
            if c.statistic == "students" and c.at.get("school") in self.together
        ]
        by = (*by, "school alone") if self.together else by
        return CountedTables(
            (RawTable("Students", by, tuple(cells)), RawTable("Share", (*by, "share"), tuple(rates))), self.minimum, classes=classes,
            subject="" if self.report == "pipeline" else repr((self.by, self.where, self.together)),
        )  # fmt: skip


def asked(chance: random.Random) -> Asked:
    minimum = chance.choice([10, 10, 10, 8, 12])
    purpose = chance.choice(["report", "report", "report", "another"])
    if chance.random() < 0.5:
        return Asked(chance.choice([("school",), ("sex",), ()]), (), minimum, "pipeline", purpose)
    by = chance.choice(
        [("school",), ("sex",), ("program",), ("milestone",), ("school", "sex"), ("school", "program"), ()]
    )
    left = [d for d in VALUES if d not in by]
    where = tuple(
        (d, chance.choice(VALUES[d]))
        for d in chance.sample(left, chance.choice([0, 0, 1, 1, 2]))
        if d in left
    )
    return Asked(
        by, where, minimum, "question", purpose, "chronically_absent" if chance.random() < 0.5 else "outcome"
    )


def release_of(students: list[Student], day: int, what: Asked, *, review_days: int = 0) -> str | None:
    """Publishes; None where it is refused."""
    counted = what.counted(students, day)
    everyone = sorted({int(n) for persons in counted.persons.values() for n in persons})
    if not everyone:
        return None
    entry = read(*everyone)
    try:
        joint = joint_tables(counted, report=what.report, purpose=what.purpose, disclosures=[entry])
        return actions.publish(
            report=what.report, title="Students", tables=joint.tables, purpose=what.purpose, on=ON, joint=joint,
            agreements=[("riverbend-2026", "f" * 64)], minimum_cell=what.minimum, review_days=review_days,
            disclosures=[entry], by=BY,
        ).id  # fmt: skip
    except Refused:
        return None


def figures_of(
    release: str, number: int, students: list[Student], day: int, what: Asked
) -> Iterator[Figure | Share]:
    """What a reader sees of each figure that is new in this release, and of whom it is; then its percents."""
    found = published(release, OPERATOR)
    stays = {name for each in found.about["repeats"] for name in each["of"]}
    every = (*what.roll(students, day), *replace(what, together=()).roll(students, day))
    rolls = {frozenset(at.items()): listed for at, listed in every}
    for table in found.tables:
        for cell in table.cells:
            at = dict(cell.at)
            alone = at.pop("school alone", at.get("school"))
            if at.get("milestone") in stays and what.report == "pipeline":
                continue  # an earlier release shows it
            if cell.statistic == "rate":
                ends = percents(cell.shown)
                roll = rolls[frozenset({d: v for d, v in at.items() if d != "share"}.items())]
                if ends:
                    counts = (
                        Figure(number, what.minimum, _signs(roll, day, o), 0, None) for o in ("reached", None)
                    )
                    yield Share(*counts, *ends)
                continue
            outcome = at.pop(what.outcome, None)
            if alone:
                at["school"] = alone
            signs = _signs(rolls[frozenset(at.items())], day, outcome)
            yield Figure(number, what.minimum, signs, *printed(cell.shown))


def _signs(roll: list[Student], day: int, outcome: str | None) -> dict[int, int]:
    signs = {}
    for student in roll:
        sign = -1 if student.flipped(day) else 1
        signs[student.number] = {"reached": sign, "lost": -sign, None: 0}[outcome]
    return signs


def state_table(students: list[Student], what: Asked, chance: random.Random, *, ahead: int) -> list[Figure]:
    """What a State prints of some of these counts, before our first release, and marks where they are below ten. `ahead`: how many days
    its records are ahead of ours. It is entered as a table from outside."""
    theirs, figures, lines = what.counted(students, ahead).tables[0], [], []
    rolls = {frozenset(at.items()): listed for at, listed in what.roll(students, ahead)}
    for cell in theirs.cells:
        if chance.random() < 0.5:
            at = dict(cell.at)
            outcome = at.pop(what.outcome, None)
            signs = _signs(rolls[frozenset(at.items())], ahead, outcome)
            shown = "*" if cell.count < 10 else str(cell.count)
            figures.append(Figure(STATE, what.minimum, signs, *printed(cell.count if shown != "*" else None)))
            lines.append(",".join([*(cell.at.get(d, "") for d in theirs.by), shown]))
    table = actions.add_outside_table(
        title="Report card", publisher="The State", source="Page 1", on=ON, by=OPERATOR,
        figures="\n".join([",".join([*theirs.by, "students"]), *lines]),
    )  # fmt: skip
    actions.record_outside_members(
        table=table.id, purpose="report", agreements=["riverbend-2026"], disclosures=[], by=BY,
        tables=what.counted(students, 0).tables,
    )  # fmt: skip
    return figures


def twenty(
    seed: int, *, ahead: int | None = None, sizes: bool = False, together: bool = False
) -> tuple[list[Student], list[Figure | Share]]:
    """A town and what twenty releases about it say. `ahead`: as `state_table`; None without such a table. `sizes`: all name the sizes of
    groups; `together`: each question by school is also asked with two of them as one group."""
    chance = random.Random(seed)
    students, figures = town(chance), []
    menu = [replace(asked(chance), sizes=sizes) for _ in range(chance.randint(2, 8))]
    if together:
        by_school = [what for what in menu if what.report == "question" and "school" in what.by]
        menu += [replace(what, together=("Hill", "Lake")) for what in by_school]
    if ahead is not None:
        figures += state_table(students, menu[0], random.Random(seed), ahead=ahead)
    for day in range(RELEASES):
        what = chance.choice(menu)
        release = release_of(students, day, what, review_days=chance.choice([0, 0, 0, 14]))
        if release is None:
            continue
        figures += figures_of(release, day, students, day, what)
        if chance.random() < 0.15:
            actions.act_on(ReleaseAct.WITHDRAW, release=release, reason="A wrong year", by=OPERATOR)
    return students, figures


def found_out(students: list[Student], printed_figures: list[Figure | Share]) -> Iterator[str]:
    """What the attacker learns from several releases and from none alone, in words: closer than the smallest minimum of these releases, because
    what an earlier one with a lower minimum tells cannot be taken back."""
    figures = [f for f in printed_figures if isinstance(f, Figure)]
    shares = [f for f in printed_figures if isinstance(f, Share)]
    reached = {s.number: s.reached for s in students}
    least = min(f.minimum for f in figures)
    state = Attacker(reached, [f for f in figures if f.release == STATE and f.exact], figures, roll=False)
    new = [f for f in figures if f.release == STATE or not state.derivable(f)]
    yield from (f"figures {mine} concern few students" for mine in told_about_few(new, reached, least))
    shown = [f for f in figures if f.high is not None]
    hidden = [f for f in figures if not f.exact]

    def attackers(*, roll: bool) -> tuple[Attacker, list[Attacker]]:
        each = [
            Attacker(
                reached,
                [f for f in shown if f.release == n],
                hidden,
                shares=[s for s in shares if s.of.release == n],
                roll=roll,
            )
            for n in {f.release for f in figures}
        ]
        return Attacker(reached, shown, hidden, shares=shares, roll=roll), each

    together, alone = attackers(roll=False)
    for figure in distinct(hidden):
        count, roll = len(figure.persons(reached)), len(figure.signs)
        if min(count, roll - count) >= figure.minimum:
            continue  # withheld for the sake of others, which are looked at themselves
        width = _width(together, figure)
        if width < least - NEAR and all(_width(a, figure) > width + NEAR for a in alone):
            yield f"a small figure of release {figure.release} is {together.bounds(figure)}: {count} of {roll}"
        if together.derivable(figure) and not any(a.derivable(figure) for a in alone):
            yield f"a small figure of release {figure.release} follows from others"

    together, alone = attackers(roll=True)
    groups = (
        Figure(0, 0, dict.fromkeys(group, 1), 0, None) for group in together.groups if len(group) < least
    )
    for few in distinct([*differences(figures), *groups]):
        if _width(together, few) < 1 - NEAR and all(_width(a, few) > NEAR for a in alone):
            yield f"of students {sorted(few.signs)} reached {together.bounds(few)}"
    for student in (group[0] for group in together.groups if len(group) == 1):
        whether = Figure(0, 0, {student: 1}, 0, None)
        follows = not all(together.may_be(whether, value) for value in (0, 1))
        if follows and all(_width(a, whether) > NEAR for a in alone):
            yield f"whether student {student} reached follows"


def distinct(figures: Iterable[Figure]) -> Iterator[Figure]:
    """One of those that ask the same of the unknown outcomes."""
    seen = set()
    for figure in figures:
        asks = frozenset(pair for pair in figure.signs.items() if pair[1])
        if asks and asks not in seen:
            seen.add(asks)
            yield figure


def differences(figures: list[Figure]) -> Iterator[Figure]:
    """Two figures of two releases that count the same but for a few students: what these add."""
    for one, other in combinations(distinct(figures), 2):
        if one.release == other.release:
            continue
        signs = {
            s: one.signs.get(s, 0) - other.signs.get(s, 0)
            for s in {*one.signs, *other.signs}
            if one.signs.get(s, 0) != other.signs.get(s, 0)
        }
        if len(signs) < min(one.minimum, other.minimum) and set(signs.values()) <= {1, -1}:
            yield Figure(one.release, one.minimum, signs, 0, None)


def _width(attacker: Attacker, figure: Figure) -> float:
    low, high = attacker.bounds(figure)
    return high - low


@pytest.mark.django_db
@pytest.mark.parametrize("seed", TOWNS)
def test_twenty_releases_tell_nothing_together(community, seed):
    students, figures = twenty(seed)
    assert (
        seed >= 100 or len({f.release for f in figures if isinstance(f, Figure)}) > 1
    )  # all others of a longer run may be refused
    assert list(found_out(students, figures)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("seed", "ahead"), STATES)
def test_twenty_releases_tell_nothing_together_with_a_state_table(community, seed, ahead):
    students, figures = twenty(seed, ahead=ahead)
    assert len({f.release for f in figures if isinstance(f, Figure)}) > 1
    assert list(found_out(students, figures)) == []


@pytest.mark.django_db
def test_the_attacker_succeeds_where_releases_are_not_audited_together(community, monkeypatch):
    monkeypatch.setattr(joint_release, "figures_to_withhold", lambda *_, **__: set())
    assert any("few" in problem or "follows" in problem for problem in found_out(*twenty(4)))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [4, 11, *TOWNS[4:]])
def test_twenty_releases_that_name_the_sizes_of_groups_tell_nothing_together(community, seed):
    students, figures = twenty(seed, sizes=True)
    assert figures
    assert list(found_out(students, figures)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("seed", POOLED)
def test_twenty_releases_with_small_groups_together_tell_nothing(community, seed):
    students, figures = twenty(seed, together=True)
    assert any(TOGETHER in str(row.tables) for row in Release.objects.all())
    assert list(found_out(students, figures)) == []
