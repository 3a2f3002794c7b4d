"""Effects of one outcome beside each other: two whose students differ in a few would tell of those few.

Whoever knows who is behind two effects subtracts one from the other. Where one student is the difference, that tells the student's
outcome closely, although each effect is rounded (measured in `tests/evidence/test_effects_beside.py`). So on each side, participants
and comparison students, two effects must have the same students in each school year or differ in the minimum cell of them; and the same
where two earlier effects on all students are joined, or one is taken from the other. The later effect is withheld. For students
whose records were destroyed since, numbers stand that nobody has (`publication.members`), so an effect without them differs too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any, Protocol

import numpy as np

from throughway.evidence.study_measures import OUTCOMES
from throughway.publication.tables import Place, ProtectedTable
from throughway.store.record_numbers import Numbers

PARTICIPANT_SIDE, COMPARISON_SIDE = SIDES = ("participants", "comparison students")
CHECK = "check: "  # begins the name of a placebo's effect, which is of all students too
OF, EFFECT, SIDE, IN_YEAR = "outcome", "effect", "side", "school year"
NOBODY = np.zeros(0, np.int64)
OneSide = Mapping[int, Numbers]  # by school year


class ReleasedFinding(Protocol):
    """What is read of a release: `publication.earlier_releases.EarlierRelease`."""

    @property
    def id(self) -> str: ...

    @property
    def report(self) -> str: ...

    @property
    def tables(self) -> Sequence[ProtectedTable]: ...

    @property
    def behind(self) -> Mapping[Place, Numbers]: ...

    @property
    def about(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class EffectStudents:
    """Whose outcomes are behind one effect: persons by side and school year. `whole`: it is of all students that a study compares;
    `release`: where it is published, "" for a new one."""

    outcome: str
    name: str
    whole: bool
    sides: Mapping[str, OneSide]
    release: str = ""

    def places(self) -> dict[Place, Numbers]:
        """As a release stores them, beside its counts."""
        return {
            frozenset({(OF, self.outcome), (EFFECT, self.name), (SIDE, side), (IN_YEAR, str(year))}): persons
            for side, years in self.sides.items()
            for year, persons in years.items()
        }

    def shares(self, other: "EffectStudents") -> bool:
        return any(
            np.intersect1d(mine.get(year, NOBODY), persons).size
            for mine in self.sides.values()
            for theirs in other.sides.values()
            for year, persons in theirs.items()
        )


def students_of(
    outcome: str, name: str, *, whole: bool, people: Numbers, years: np.ndarray, treated: np.ndarray
) -> EffectStudents:
    """The students behind an effect, of one row for each student and school year."""
    sides = {
        side: {int(year): np.unique(people[chosen & (years == year)]) for year in np.unique(years[chosen])}
        for side, chosen in ((PARTICIPANT_SIDE, treated), (COMPARISON_SIDE, ~treated))
    }
    return EffectStudents(outcome, name, whole, sides)


@dataclass(frozen=True)
class EarlierEffects:
    """The effects that are published already. `required`: in how many students two must differ."""

    effects: Sequence[EffectStudents] = ()
    required: int = 0

    def near(self, new: EffectStudents, also: Sequence[EffectStudents] = ()) -> str | None:
        """The release together with which the new effect would tell of a few students, "" where it is of the same study; None where there
        is none. `also`: the effects of the same study."""
        known = [each for each in (*self.effects, *also) if each.outcome == new.outcome]
        for each in known:
            if not each.sides or self._few(new.sides, each.sides):
                return each.release
        wholes = [each for each in known if each.whole] if new.whole else []
        for one, other in permutations(wholes, 2):
            for joined in (_joined(one, other, np.union1d), _joined(one, other, np.setdiff1d)):
                if self._few(new.sides, joined):
                    return other.release
        return None

    def sharing(self, new: EffectStudents) -> int:
        """How many earlier effects of all students on this outcome hold some of these."""
        return sum(each.whole and each.outcome == new.outcome and each.shares(new) for each in self.effects)

    def _few(self, one: Mapping[str, OneSide], other: Mapping[str, OneSide]) -> bool:
        return any(0 < _differing(one[side], other[side]).size < self.required for side in SIDES)


def _differing(one: OneSide, other: OneSide) -> Numbers:
    """The persons who are on this side in one and not in the other, in some school year."""
    years = {*one, *other}
    found = [np.setxor1d(one.get(year, NOBODY), other.get(year, NOBODY)) for year in years]
    return np.unique(np.concatenate([NOBODY, *found]))


def _joined(
    one: EffectStudents, other: EffectStudents, how: Callable[[Numbers, Numbers], Numbers]
) -> dict[str, OneSide]:
    return {
        side: {
            year: how(one.sides[side].get(year, NOBODY), other.sides[side].get(year, NOBODY))
            for year in {*one.sides[side], *other.sides[side]}
        }
        for side in SIDES
    }


def joined(effects: Sequence[EffectStudents]) -> EffectStudents:
    """The students of several effects of one study together."""
    whole = effects[0]
    for each in effects[1:]:
        whole = replace(whole, sides=_joined(whole, each, np.union1d))
    return replace(whole, name="", whole=False)


def earlier_effects(
    releases: Sequence[ReleasedFinding], report: str, title: str, required: int
) -> EarlierEffects:
    """The effects that these releases show. `report`, `title`: the kind of report and the table that hold effects. A release from before
    the students behind effects were stored has one effect without sides, beside which no other is shown."""
    found = [each for release in releases if release.report == report for each in _shown(release, title)]
    return EarlierEffects(found, required)


def _shown(release: ReleasedFinding, title: str) -> Iterator[EffectStudents]:
    shown = {
        str(cell.at["subgroup"])
        for table in release.tables
        if table.title == title
        for cell in table.cells
        if not cell.withheld
    }
    sides: dict[tuple[str, str], dict[str, dict[int, Numbers]]] = {}
    for at, persons in release.behind.items():
        place = dict(at)
        if place.get(EFFECT) in shown:
            of = sides.setdefault((place[OF], place[EFFECT]), {side: {} for side in SIDES})
            of[place[SIDE]][int(place[IN_YEAR])] = persons
    whole = release.about["finding"].get("effect") or {}
    for (outcome, name), of in sides.items():
        is_whole = name == whole.get("name") or name.startswith(CHECK)
        yield EffectStudents(outcome, name, is_whole, of, release.id)
    if shown and not sides:
        named = release.about["finding"]["outcome"]
        outcome = next((each.id for each in OUTCOMES.values() if each.name == named), "")
        yield EffectStudents(outcome, "", True, {}, release.id)
