"""What other rooms ask about agreements."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from django.db import connection

from throughway.agreements.approvals import Policy, policy_of
from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.findings import FORMAT, Finding, Severity
from throughway.agreements.lifecycle import OPEN, OVER, Act, Event, Life, Standing, life
from throughway.agreements.models import AgreementEvent, AgreementVersion
from throughway.agreements.possible import Setting
from throughway.agreements.progress import Deed
from throughway.agreements.review import ReviewContext, review, review_text
from throughway.agreements.review.packs import Pack, packs_in
from throughway.agreements.sql import show_by_purpose
from throughway.agreements.waiting import Known, open_steps_of
from throughway.partners import Actor
from throughway.partners.bars import Bar
from throughway.partners.moment import once
from throughway.partners.reading import BARS, bars, partners, users
from throughway.partners.steps import OpenStep
from throughway.refusals import Refused
from throughway.store.reading import here


def today() -> date:
    return date.today()


def standings(on: date) -> list[Standing]:
    """Every agreement that was added, as it stands on that day, ordered by id: the text that was in effect that day, or
    the newest where none was yet."""
    return [found.current for found in lives(on)]


def standings_and_bars(on: date) -> tuple[list[Standing], tuple[Bar, ...]]:
    """The same, and who is barred: all that the gate judges by, in one question while nothing changes."""
    every = _every(on)
    return [found.current for found in every.lives], every.bars


def lives(on: date) -> list[Life]:
    """Every agreement with all its texts, ordered by id."""
    return list(_every(on).lives)


Done = Mapping[str, Sequence[Deed]]  # everything that was done, oldest first, by the agreement's id


class Every(NamedTuple):
    """All agreements on a day, what was done with them, and the bars that were recorded."""

    lives: Sequence[Life]
    done: Done
    bars: tuple[Bar, ...]


def _every(on: date) -> Every:
    """Nothing changes an agreement but an act, and each act is an event: while the last event is the same, so is the answer."""
    key = (_last_event(), on)
    known = _LIVES.get(key)
    if known is None:
        known = _LIVES[key] = _read_every(on)
        while len(_LIVES) > DAYS_KEPT:
            _LIVES.popitem(last=False)
    return known


DAYS_KEPT = 16
_LIVES: OrderedDict[tuple[object, date], Every] = OrderedDict()


@once
def _last_event() -> tuple[object, ...]:
    """Which database this is, and what its last event is; the moment tells apart ids that were rolled back and given anew."""
    asked = ", ".join(
        f"(SELECT {what} FROM {connection.ops.quote_name(table)})"
        for table in (AgreementEvent._meta.db_table, BARS)
        for what in ("max(id)", "max(at)", "count(*)")
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        return (connection.settings_dict["NAME"], *cursor.fetchone(), policy())


def policy() -> Policy:
    """How the community makes its agreements."""
    return policy_of(here().settings.get("agreements", {}))


def in_effect(on: date) -> list[Standing]:
    return [found for found in standings(on) if found.in_effect]


def pendings(on: date) -> list[Standing]:
    """The amendments that are being prepared beside an agreement, ordered by id."""
    return [found.pending for found in lives(on) if found.pending]


def one(id: str, on: date | None = None) -> Standing:
    """The agreement of that id on that day (else today), as `standings` has it; Refused when there is none."""
    return life_of(id, on).current


def one_prepared(id: str) -> Standing:
    """The text that is, or was last, on its way to effect today: an amendment before what it amends."""
    return life_of(id).prepared


def pending(id: str, on: date | None = None) -> Standing | None:
    """The amendment that is being prepared beside the agreement; None where there is none."""
    return life_of(id, on).pending


def life_of(id: str, on: date | None = None) -> Life:
    """The agreement with all its texts on that day (else today), read afresh; Refused when there is none."""
    texts = list(AgreementVersion.objects.filter(agreement=id).order_by("number"))
    if not texts:
        raise Refused(
            f"No agreement has the id {id}; see `throughway agreement list`.", code="unknown_agreement"
        )
    events = [event.event() for event in AgreementEvent.objects.filter(agreement=id).order_by("id")]
    return _life(texts, events, on or today(), policy())


def author_of(id: str) -> str | None:
    """The partner whose people began the text that is being prepared; None for the operator."""
    return _author(deeds(id))


def _author(done: Sequence[Deed]) -> str | None:
    began = [
        d for n, d in enumerate(done) if d.act in (Act.AMEND, Act.RENEW) or (d.act is Act.ADD and n == 0)
    ]
    return began[-1].partner if began else None


def setting(found: Life, actor: Actor, done: Sequence[Deed]) -> Setting:
    """What hangs on more than how the text stands, for what the actor may do; `done`: everything done with the agreement."""
    return _setting(found, _author(done), held_capacities(actor.partner), policy())


def settings(found: Iterable[Life], actor: Actor) -> dict[str, Setting]:
    """The same for many agreements, by id; as many questions to the database for one as for all."""
    done = _every(today()).done
    held, made = held_capacities(actor.partner), policy()
    return {
        life.current.document.id: _setting(life, _author(done.get(life.current.document.id, ())), held, made)
        for life in found
    }


def _setting(found: Life, author: str | None, held: frozenset[str], made: Policy) -> Setting:
    return Setting(author, held, made.full, bool(found.activated), found.pending is not None)


def source_of(found: Standing) -> str:
    """The words of a text, as they were added."""
    texts = AgreementVersion.objects.filter(agreement=found.document.id, version=found.version)
    return texts.order_by("number").values_list("text", flat=True).last() or ""


def held_capacities(partner: str | None) -> frozenset[str]:
    """The roles that the partner's people hold."""
    return frozenset(user.role for user in users() if user.partner == partner)


def wider(narrow: Standing, on: date) -> list[Standing]:
    """The agreements above this one, its own `under` first, then theirs; those that do not exist are left out."""
    known = {found.document.id: found for found in standings(on)}
    above: dict[str, Standing] = {}
    asked = list(narrow.document.under)
    while asked:
        id = asked.pop(0)
        if id in known and id not in above and id != narrow.document.id:
            above[id] = known[id]
            asked.extend(known[id].document.under)
    return list(above.values())


def sql_of(found: Standing, on: date) -> Mapping[str, str]:
    """By purpose id, the SQL that the agreement compiles to on that day; kept, since a large one takes a second."""
    above = wider(found, on)
    key = (on, *(s.identity for s in (found, *above)))
    known = _SQL.get(key)
    if known is None:
        known = _SQL[key] = show_by_purpose(found, above, on)
        while len(_SQL) > SQL_KEPT:
            _SQL.popitem(last=False)
    return known


SQL_KEPT = 64  # agreements
_SQL: OrderedDict[tuple[object, ...], Mapping[str, str]] = OrderedDict()


def context(
    apart_from: str = "", sees: Callable[[AgreementDocument], bool] = lambda document: True
) -> ReviewContext:
    """What a review of the agreement of that id is held against; for one reader, agreements that the reader may see."""
    others = {
        s.document.id: s.document
        for s in standings(today())
        if s.document.id != apart_from and s.state not in OVER
    }
    return ReviewContext(
        partners=partners(),
        others={id: document for id, document in others.items() if sees(document)},
        bars=bars(),
        packs=added_rules(),
    )


def added_rules() -> tuple[Pack, ...]:
    """The rules that the State or the community added; Refused when a file of them cannot be read."""
    return packs_in(here().rules)


def reviewed(text: str, sees: Callable[[AgreementDocument], bool] = lambda document: True) -> list[Finding]:
    """The review of a text that may be anything at all. An agreement that its author may not see (`sees`) is as unknown as
    one that is not there."""
    document, _ = read_document(text)
    return review_text(text, context(document.id if document else "", sees))


def findings(id: str) -> list[Finding]:
    """The review of the current text of an agreement that was added."""
    return findings_on(one(id).document)


def findings_on(document: AgreementDocument) -> list[Finding]:
    """The review of a document as the community's agreement of that id. Where the community's own rules cannot be read, that
    alone is found, and it blocks: nobody signs then, and everybody reads on."""
    try:
        against = context(apart_from=document.id)
    except Refused as refused:
        return [_unread(refused)]
    return review(document, against)


def _unread(refused: Refused) -> Finding:
    return Finding("D1", Severity.BLOCKING, "", FORMAT, refused.message)


def findings_of_open(on: date) -> dict[str, list[Finding]]:
    """The review of every text that is being prepared, by its agreement's id: as many questions to the database for one as for all."""
    found = [life.prepared for life in lives(on) if life.prepared.state in OPEN]
    if not found:
        return {}
    try:
        against = context()
    except Refused as refused:
        return {s.document.id: [_unread(refused)] for s in found}
    return {
        s.document.id: review(
            s.document,
            replace(against, others={id: d for id, d in against.others.items() if id != s.document.id}),
        )
        for s in found
    }


def deeds(id: str) -> list[Deed]:
    """Everything that was done with an agreement, oldest first."""
    return list(_every(today()).done.get(id, ()))


def _deed(event: AgreementEvent) -> Deed:
    e = event
    return Deed(Act(e.what), e.day, e.version, e.partner, e.role, e.by, e.why, e.details)


@dataclass(frozen=True)
class KeptText:
    """One text of an agreement, as it was added. `number` counts from 1."""

    number: int
    version: str
    text: str
    day: date
    by: str

    @property
    def document(self) -> AgreementDocument:
        return parsed(self.text)


def kept_texts(id: str) -> list[KeptText]:
    """Every text that an agreement ever had, oldest first."""
    return [
        KeptText(text.number, text.version, text.text, text.added_at.date(), text.added_by)
        for text in AgreementVersion.objects.filter(agreement=id).order_by("number")
    ]


def deeds_since(since: date) -> list[tuple[str, Deed]]:
    """What was done with any agreement (its id) on that day or later, newest first."""
    found = [
        (id, deed)
        for id, done in _every(today()).done.items()
        for deed in reversed(done)
        if deed.day >= since
    ]
    return sorted(found, key=lambda one: one[1].day, reverse=True)


def open_steps(on: date) -> list[OpenStep]:
    """What is open on that day in the life of any agreement, in no order."""
    every, done, _ = _every(on)
    held: dict[str, set[str]] = defaultdict(set)
    for user in users():
        held[user.partner or ""].add(user.role)
    blocking, made, found = _blocking(on), policy(), []
    for each in every:
        id = each.current.document.id
        known = Known(done.get(id, ()), _author(done.get(id, ())), made, held, blocking.get(id, 0))
        found += open_steps_of(each, known, on)
    return found


def _blocking(on: date) -> dict[str, int]:
    """How many findings block each text that is being prepared, by id."""
    return {id: sum(finding.blocks for finding in found) for id, found in findings_of_open(on).items()}


@lru_cache(maxsize=512)
def parsed(text: str) -> AgreementDocument:
    """The document of a text that was added; Refused when this version of the platform cannot read it."""
    document, faults = read_document(text)
    if document is None:
        raise Refused(f"A stored agreement cannot be read: {faults[0].message}", code="unreadable")
    return document


def _read_every(on: date) -> Every:
    events: dict[str, list[Event]] = defaultdict(list)
    done: dict[str, list[Deed]] = defaultdict(list)
    for event in AgreementEvent.objects.order_by("id"):
        events[event.agreement].append(event.event())
        done[event.agreement].append(_deed(event))
    texts = AgreementVersion.objects.order_by("agreement", "number")
    made = policy()
    found = [
        _life(list(of_one), events[id], on, made)
        for id, of_one in groupby(texts, key=lambda text: text.agreement)
    ]
    return Every(found, done, bars())


def _life(texts: Sequence[AgreementVersion], events: Sequence[Event], on: date, made: Policy) -> Life:
    documents = {text.version: parsed(text.text) for text in texts}
    return life(documents, [text.version for text in texts], events, on, made)
