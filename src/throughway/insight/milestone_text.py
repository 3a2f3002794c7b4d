"""What may be said of a milestone and of the step to it whoever is in them: kept with a release, so that it can be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from throughway.measures import Cause, MeasuredClass, MeasurePolicy, MilestoneStep


@dataclass(frozen=True)
class MilestoneHeading:
    """A milestone without its figures. `unseen`: why nobody can be seen at it."""

    id: str
    name: str
    short: str
    lost: str
    definition: str
    window: str
    group: str
    start: str
    causes: tuple[str, ...]
    sign: bool
    spring: bool
    year: int | None  # its class: the ending year of a school year
    unseen: str | None
    begins: int | None  # the ending year of the school year in which those start who are on the step to it
    after: (
        str | None
    )  # the milestone that all on the step had reached; None where they are the milestone's own class
    joins: bool  # students can come by another way
    cure: str = ""  # where nobody can be seen: what is wrong and what to do, as far as more can be said than the cause


def heading(
    measured: MeasuredClass, passage: MilestoneStep | None, policy: MeasurePolicy
) -> MilestoneHeading:
    """Of what was found at a milestone, and on the step to it; a sign on the way has no step."""
    m, klass = measured.measure, measured.klass
    begins = None if klass is None else passage.since if passage and passage.since else klass + m.starts_in
    return MilestoneHeading(
        id=m.id, name=m.name, short=m.short, lost=m.lost, definition=m.definition(policy), window=m.window(policy), group=m.group,
        start=m.start, causes=tuple(map(str, m.causes)), sign=m.sign, spring=m.spring, year=klass,
        unseen=str(_unseen(measured)) if _unseen(measured) else None, begins=begins,
        after=passage.after.name if passage and passage.after else None,
        joins=passage is not None and passage.joined is not None, cure=measured.cure,
    )  # fmt: skip


def _unseen(measured: MeasuredClass) -> Cause | None:
    if measured.waits:
        return Cause.NOT_YET_DUE
    return None if measured.students() else measured.why_unseen or Cause.NO_RECORD


def to_json(headings: Sequence[MilestoneHeading]) -> list[dict[str, Any]]:
    return [asdict(h) | {"causes": list(h.causes)} for h in headings]


def from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[MilestoneHeading, ...]:
    names = [f.name for f in fields(MilestoneHeading)]
    return tuple(
        MilestoneHeading(
            **{name: row[name] for name in names if name in row} | {"causes": tuple(row["causes"])}
        )
        for row in stored
    )
