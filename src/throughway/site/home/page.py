"""The contents of a home page: open items, numbers, and the next step; and the context that every home page needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property

from django.apps import apps
from django.db import connection
from django.urls import reverse

from throughway.agreements.actions import what_stops
from throughway.agreements.agreement_list import may_see
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.selectors import agreement_statuses, findings_of_open, open_decisions
from throughway.agreements.status import AgreementStatus
from throughway.casework.student_tasks.task import TaskDays
from throughway.core.prose import counted
from throughway.gate.backups import LATE
from throughway.insight.selectors import Headline
from throughway.ledger.visibility import LedgerVisibility, sight
from throughway.partners import Actor, PartnerFacts
from throughway.partners.selectors import partners


@dataclass(frozen=True)
class WaitingItem:
    """`kind`: a tag's: stop, warn, wait, tip; `words`: the tag's text. The smallest `rank` is the next step, 0 when overdue. `step`: whether
    it is an open step, of which a home names the first few. `covers`: the kinds of open steps, of agreement `about` or of none, that this
    item stands for."""

    title: str
    why: str
    button: str
    href: str
    kind: str = "wait"
    words: str = "waits"
    rank: int = 5
    step: bool = False
    covers: frozenset[str] = frozenset()
    about: str = ""


@dataclass(frozen=True)
class Number:
    value: int
    label: str
    accent: bool = False


@dataclass(frozen=True)
class HomeItem:
    """One line about a change or a possibility, with a link where there is more."""

    text: str
    href: str = ""
    when: str = ""


@dataclass(frozen=True)
class HomePart:
    """A short list under its own heading; `more` leads to the rest."""

    heading: str
    lines: Sequence[HomeItem]
    more: HomeItem | None = None


def some(*parts: HomePart | None) -> list[HomePart]:
    """Those that there are."""
    return [part for part in parts if part is not None]


@dataclass(frozen=True)
class FirstRunStep:
    """One step of a first run; `state`: done, now or next."""

    state: str
    title: str
    text: str


NO_TASKS = TaskDays()
EACH = 3  # open steps that a home names one by one


@dataclass(frozen=True)
class Home:
    """`onward`: the one way on when nothing waits. `lines`: a short list under its own heading. `refusal`: why nothing can
    be shown, where that is so. `tasks`: about students, by the day due; those whose day has come stand before what else waits."""

    waits: Sequence[WaitingItem] = ()
    numbers: Sequence[Number] = ()
    onward: HomeItem = HomeItem("")
    finding: Headline | None = None
    heading: str = ""
    lines: Sequence[HomeItem] = ()
    steps: Sequence[FirstRunStep] = field(default=())
    tasks: TaskDays = NO_TASKS
    parts: Sequence[HomePart] = ()

    @property
    def next(self) -> WaitingItem | None:
        return min(self.waits, key=lambda wait: wait.rank, default=None)

    @property
    def all_others(self) -> list[WaitingItem]:
        """Everything that waits but the next step, which stands first unless tasks do."""
        first = None if self.tasks.due else self.next
        return sorted((w for w in self.waits if w is not first), key=lambda wait: wait.rank)

    @property
    def others(self) -> list[WaitingItem]:
        """The same, with the open steps beyond the first few in one line."""
        steps = [wait for wait in self.waits if wait.step]
        rest = [wait for wait in steps[EACH:] if wait is not self.next]
        if not rest:
            return self.all_others
        more = WaitingItem(
            f"{counted(len(rest), 'more step')} of agreements and requests", "Each step says who must act and by when.", "See all open steps",
            reverse("open_steps:open_steps"), rank=6,
        )  # fmt: skip
        named = [wait for wait in self.all_others if not any(wait is each for each in rest)]
        return sorted([*named, more], key=lambda wait: wait.rank)

    @property
    def opens_with_finding(self) -> bool:
        """Whether the page begins with the newest finding, because nothing waits."""
        return self.finding is not None and not self.waits

    @property
    def headline(self) -> str:
        if self.opens_with_finding and self.finding is not None:
            return self.finding.sentence
        return self.what_waits

    @property
    def what_waits(self) -> str:
        """How much waits for the reader, every open step counted."""
        if due := self.tasks.due:
            return "One task is due" if due == 1 else f"{count(due)} tasks are due"
        if not self.waits:
            return "Nothing is waiting for you"
        return (
            "One thing is waiting for you"
            if len(self.waits) == 1
            else f"{count(len(self.waits))} things are waiting for you"
        )


NUMBER_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def count(n: int) -> str:
    """A number at the beginning of a sentence, small ones as words."""
    return NUMBER_WORDS[n] if n < len(NUMBER_WORDS) else f"{n:,}"


def article(noun: str) -> str:
    """A leader, an evaluator."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


@dataclass(frozen=True)
class HomeContext:
    """The reader, the day, and the community's current state."""

    actor: Actor
    today: date

    @cached_property
    def partners(self) -> Mapping[str, PartnerFacts]:
        return partners()

    @cached_property
    def names(self) -> Mapping[str, str]:
        return {id: facts.name for id, facts in self.partners.items()}

    @cached_property
    def standings(self) -> Sequence[AgreementStatus]:
        """The agreements whose pages the reader may open."""
        return [s for s in self.all_standings if may_see(self.actor, s.document, self.partners)]

    @cached_property
    def all_standings(self) -> Sequence[AgreementStatus]:
        return agreement_statuses(self.today)

    @cached_property
    def stopped(self) -> Mapping[str, str]:
        """What stopped agreements that were to take effect by themselves."""
        return {id: why for id, found in open_decisions().items() if (why := what_stops(found))}

    @cached_property
    def findings(self) -> Mapping[str, Sequence[ReviewFinding]]:
        return findings_of_open(self.today)

    @cached_property
    def _ever(self) -> tuple[bool, bool, bool]:
        """Whether a file was ever loaded, a figure ever registered, and a whole backup made lately: with one query."""
        loads, figures, backups = (
            apps.get_model(name)._meta.db_table
            for name in ("intake.IntakeBatch", "disclosure.Release", "store.BackupMade")
        )
        late = datetime.combine(self.today - LATE, time.min, UTC)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT EXISTS (SELECT 1 FROM {loads} WHERE refusal = ''), EXISTS (SELECT 1 FROM {figures}), "
                f"EXISTS (SELECT 1 FROM {backups} WHERE problems = 0 AND at >= %s)",
                [connection.ops.adapt_datetimefield_value(late)],
            )
            came, registered, kept = cursor.fetchone()
        return bool(came), bool(registered), bool(kept)

    @property
    def came_in(self) -> bool:
        return self._ever[0]

    @property
    def registered(self) -> bool:
        return self._ever[1]

    @property
    def backed_up(self) -> bool:
        return self._ever[2]

    @cached_property
    def sight(self) -> LedgerVisibility:
        return sight(self.actor, self.today)

    def name(self, partner: str | None) -> str:
        return self.names.get(partner or "", partner or "")
