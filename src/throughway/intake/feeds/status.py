"""Where each expected feed stands on a day: on time, late, stopped, or not begun; and what is expected of it, in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from throughway.agreements.labels import table_words
from throughway.core.prose import capital, counted, day, listed
from throughway.intake.entered_rows import ENTERED
from throughway.intake.feeds.contract import FeedContract, TableExpectation, notice
from throughway.intake.formats import DIRECTORY
from throughway.intake.load_history import Batch
from throughway.intake.load_report import ProblemGroup
from throughway.vocabulary import TABLES

BY_HAND = (ENTERED, DIRECTORY)  # rows typed on the site, and directories of supports: no feed of students


class FeedState(StrEnum):
    ON_TIME = "on time"
    LATE = "late"
    STOPPED = "stopped"  # the newest file differs, and nobody said that it is right
    WAITING = "waiting"  # no file was accepted yet


# Kind and words of the tag on a page.
TAGS: Mapping[FeedState, tuple[str, str]] = {
    FeedState.ON_TIME: ("ok", "on time"),
    FeedState.LATE: ("warn", "late"),
    FeedState.STOPPED: ("stop", "stopped"),
    FeedState.WAITING: ("wait", "no file yet"),
}


@dataclass(frozen=True)
class ExpectedFeed:
    """A feed and its loads, newest first. `name`: the file of its crosswalk."""

    name: str
    format: str
    contract: FeedContract
    loads: tuple[Batch, ...]
    on: date

    @property
    def accepted(self) -> Batch | None:
        return next((load for load in self.loads if not load.refusal), None)

    @property
    def stopped(self) -> Batch | None:
        """The newest load, where it was stopped."""
        return self.loads[0] if self.loads and self.loads[0].is_stopped else None

    @property
    def due(self) -> date | None:
        return self.contract.due(self.accepted.at.date()) if self.accepted else None

    @property
    def state(self) -> FeedState:
        if self.stopped:
            return FeedState.STOPPED
        if self.accepted is None:
            return FeedState.WAITING
        return FeedState.LATE if self.due is not None and self.due < self.on else FeedState.ON_TIME

    @property
    def tag(self) -> tuple[str, str]:
        return TAGS[self.state]

    @property
    def sentence(self) -> str:
        """Where it stands, and what to do."""
        if self.stopped:
            found = " ".join(finding.sentence for finding in self.stopped.findings if finding.stops)
            return f"The file of {day(self.stopped.at.date())} was stopped. {found}"
        if self.accepted is None:
            return "No file was accepted yet."
        last = f"The last file was accepted on {day(self.accepted.at.date())}."
        if self.due is None:
            return last
        return f"{last} The next {'was' if self.state is FeedState.LATE else 'is'} due by {day(self.due)}."


@dataclass(frozen=True)
class SenderWithoutFeed:
    """A partner whose files come and of which no crosswalk expects anything. `tables`: what came, by name; `last`: the newest load."""

    partner: str
    tables: tuple[str, ...]
    last: date

    @property
    def sentence(self) -> str:
        return (
            f"{capital(listed(table_words(table) for table in self.tables))} came, last on {day(self.last)}. No feed is registered, "
            "so nobody hears when the next file is late, short or different."
        )


def without_feed(loads: Iterable[Batch], expected: Iterable[ExpectedFeed]) -> list[SenderWithoutFeed]:
    """The partners of these loads of which something landed and nothing is expected, by name."""
    registered = {feed.contract.partner for feed in expected}
    tables: dict[str, set[str]] = {}
    last: dict[str, date] = {}
    for load in loads:
        came = {
            kind
            for kind, counts in load.counts.items()
            if kind in TABLES and (counts.landed or counts.unchanged)
        }
        if load.refusal or load.format in BY_HAND or not came or load.partner in registered:
            continue
        tables.setdefault(load.partner, set()).update(came)
        last[load.partner] = max(last.get(load.partner, date.min), load.at.date())
    return [
        SenderWithoutFeed(partner, tuple(sorted(of)), last[partner]) for partner, of in sorted(tables.items())
    ]


def in_words(contract: FeedContract) -> Iterator[str]:
    """What is expected, one sentence each."""
    if contract.every_days:
        yield f"A file comes at least every {counted(contract.every_days, 'day')}."
    if contract.files:
        yield f"It is picked up from the folder feeds as {contract.files}."
    if contract.whole:
        tables = listed(table_words(name) for name in contract.whole)
        yield f"Each file has every row of its school years of {tables}; a stored row that it lacks is withdrawn."
    yield (
        "A column that no earlier file had stops it."
        if contract.new_columns == "stop"
        else "A column that no earlier file had is reported."
    )
    for name, expected in contract.expect.items():
        yield f"{table_words(name).capitalize()}: {'; '.join(_of_table(expected))}."


def _of_table(expected: TableExpectation) -> Iterator[str]:
    yield f"at least {counted(expected.rows, 'row')}"
    yield f"at most {expected.fall}% fewer and {expected.rise}% more than last time"
    yield f"at most {expected.set_aside}% that cannot be read"
    if expected.newest_days is not None:
        yield f"the newest row at most {counted(expected.newest_days, 'day')} old"
    for element, least in expected.filled.items():
        yield f"{element} filled in {least}%"
    for element, (low, high) in expected.between.items():
        yield f"{element} between {low} and {high}"
    if expected.known is not None:
        yield f"{expected.known}% of the students known from earlier files"


def notice_of(batch: Batch, partner: str, problems: Sequence[ProblemGroup]) -> str:
    """What to tell the partner about a load. `partner`: its name."""
    mend = [f"{g.where}: {f'{g.column}: ' if g.column else ''}{g.problem}; {g.cure}" for g in problems]
    return notice(
        partner=partner, on=batch.at.date(), stopped=bool(batch.refusal), reason=batch.accepted, problems=mend,
        sentences=[finding.sentence for finding in batch.findings] or ([batch.refusal] if batch.refusal else []),
    )  # fmt: skip
