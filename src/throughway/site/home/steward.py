"""Home of a data steward: loads that failed or lost rows, linkage that is behind, agreements to put into effect."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.urls import reverse

from throughway.agreements.labels import table_words
from throughway.core.prose import capital, counted, day, listed, school_year
from throughway.gate.actions.data_freshness import out_of_sight
from throughway.gate.actions.integrity_check import quick_check
from throughway.gate.backups import LATE
from throughway.identity.review.selectors import purposes, undecided
from throughway.identity.review.undecided import UndecidedPairs
from throughway.identity.selectors import Run, last_run
from throughway.intake.feed_gaps import DAILY, KINDS, overdue
from throughway.intake.feed_gaps import gaps as feed_gaps
from throughway.intake.feeds.status import without_feed
from throughway.intake.load_history import Batch, repeated, superseded, unjudged
from throughway.intake.permissions import sees_all_loads
from throughway.intake.selectors import batches, expected_feeds, feeds
from throughway.site.home.changes import published_lately
from throughway.site.home.page import Home, HomeContext, HomeItem, Number, WaitingItem, some
from throughway.site.home.waiting import agreement_items, further_disclosures

RECENT = timedelta(days=30)
EACH = 3  # loads that are named one by one


def steward(context: HomeContext) -> Home:
    in_effect = [s.document for s in context.all_standings if s.in_effect]
    keeps_all = sees_all_loads(context.actor, in_effect)
    loads = batches(None if keeps_all else [context.actor.partner or ""])
    last = last_run() if keeps_all else None
    recent = [load for load in loads if load.at >= datetime.now(UTC) - RECENT]
    return Home(
        waits=[
            *(_problems() if keeps_all else ()),
            *(_backups(context) if keeps_all else ()),
            *agreement_items(context),
            *further_disclosures(context),
            *_refused(recent, context),
            *_set_aside(recent, context),
            *_cannot_tell(loads, context),
            *_unwanted(recent, context),
            *_silent(None if keeps_all else [context.actor.partner or ""], context),
            *_without_feed(loads, None if keeps_all else [context.actor.partner or ""], context),
            *_out_of_sight([*context.partners] if keeps_all else [context.actor.partner or ""], context),
            *(_linkage(loads, last, context) if keeps_all else ()),
        ],
        numbers=[
            Number(sum(not load.refusal for load in recent), "loads came in, last 30 days"),
            Number(sum(load.shown.landed for load in recent), "rows came in"),
            Number(sum(load.shown.quarantined for load in recent), "rows set aside"),
            *([Number(last.persons, "persons, when records were last compared")] if last else []),
        ],
        onward=HomeItem("Send a file", reverse("intake:new")),
        parts=some(published_lately(context)),
    )


def _problems() -> Iterator[WaitingItem]:
    for problem in quick_check():
        yield WaitingItem("Something is wrong with what is stored", problem, "See the ledger", reverse("ledger:ledger"), "stop",
                   "problem", 0)  # fmt: skip


def _backups(context: HomeContext) -> Iterator[WaitingItem]:
    if not context.backed_up:
        yield WaitingItem(
            f"No whole backup of the last {LATE.days} days is recorded",
            "If the disk is lost, so is everything since the last one. The page says when that was, and how one is made.",
            "See the backups", reverse("backups"), "warn", "backup", 3,
        )  # fmt: skip


def _refused(loads: Sequence[Batch], context: HomeContext) -> Iterator[WaitingItem]:
    """Loads with nothing stored, unless their content was loaded later."""
    came = [load for load in loads if not load.refusal]
    for load in loads:
        if load.refusal and not superseded(load, came):
            yield WaitingItem(
                f"A file of {context.name(load.partner)} was refused: {load.source}", load.refusal, "Open the load",
                reverse("intake:batch", args=[load.id]), "stop", "refused", 3,
            )  # fmt: skip


def _set_aside(loads: Sequence[Batch], context: HomeContext) -> Iterator[WaitingItem]:
    """Loads with rows set aside that no later load brought again, the most rows first; those beyond three in one line."""
    held = [load for load in loads if load.total.quarantined and not load.refusal]
    held = [load for load in held if not superseded(load, loads)]
    held.sort(key=lambda load: -load.shown.quarantined)
    for load in held[:EACH]:
        total = load.shown
        yield WaitingItem(
            f"{counted(total.quarantined, 'row')} of {context.name(load.partner)} "
            f"{'was' if total.quarantined == 1 else 'were'} set aside: {load.source}",
            f"{counted(total.landed, 'row')} came in. For each row set aside, the list says how to fix it.",
            "See what to cure", reverse("intake:batch", args=[load.id]), "warn", "set aside", 5,
        )  # fmt: skip
    if rest := held[EACH:]:
        rows = sum(load.shown.quarantined for load in rest)
        yield WaitingItem(
            f"{counted(rows, 'row')} more {'was' if rows == 1 else 'were'} set aside in {counted(len(rest), 'other load')}",
            "Each load has its own list.", "See the loads", reverse("intake:loads"), "warn", "set aside", 6,
        )  # fmt: skip


def _cannot_tell(loads: Sequence[Batch], context: HomeContext) -> Iterator[WaitingItem]:
    """Rows for which it cannot be decided whether an agreement admits them, by partner and table, largest number first."""
    found = unjudged(loads)
    for each in found[:EACH]:
        yield WaitingItem(
            f"The platform cannot tell whether an agreement covers {counted(each.rows, 'row')} of {context.name(each.partner)}: "
            f"{table_words(each.table)}",
            "None of it was stored. A cell that the agreements use to choose students is empty, most often the grade in an "
            "enrollment; the load names the cell. Ask the partner to fill it in, and load the file again.", "Open the load",
            reverse("intake:batch", args=[each.load]), "warn", "cannot tell", 4,
        )  # fmt: skip
    if rest := found[EACH:]:
        yield WaitingItem(
            f"The same holds for {counted(sum(each.rows for each in rest), 'more row')}", "Each load has its own list.", "See the loads",
            reverse("intake:loads"), "warn", "cannot tell", 5,
        )  # fmt: skip


def _silent(partners: Sequence[str] | None, context: HomeContext) -> Iterator[WaitingItem]:
    """Partners whose feeds stopped, and missing school years."""
    for gap in feed_gaps(feeds(partners, context.today), context.today):
        name = context.name(gap.partner)
        if gap.since is not None:
            title = f"No {gap.kind} from {name} since {day(gap.since)}"
            why = "Readers see nothing newer, and the pages say so. Ask the partner to send it, or load what has arrived."
        else:
            years = listed(school_year(year) for year in gap.years)
            title = f"No {gap.kind} from {name} for {years}"
            why = "The years before and after are here. Ask the partner to send what is missing."
        yield WaitingItem(title, why, "See the loads", reverse("intake:loads"), "warn", "missing", 4)


def _without_feed(
    loads: Sequence[Batch], partners: Sequence[str] | None, context: HomeContext
) -> Iterator[WaitingItem]:
    """Partners that send files of which nothing is expected, in one line."""
    if found := without_feed(loads, expected_feeds(partners, context.today, loads)):
        names = listed(context.name(each.partner) for each in found)
        yield WaitingItem(
            f"No feed is registered for {counted(len(found), 'partner that sends', 'partners that send')} files",
            f"Nobody hears when the next file of {names} is late, short or different. A crosswalk says what is expected.", "See the feeds",
            reverse("intake:feeds"), "tip", "no feed", 8,
        )  # fmt: skip


def _out_of_sight(partners: Sequence[str], context: HomeContext) -> Iterator[WaitingItem]:
    """What came in and does not show under an agreement: because a cell that its rule reads is empty, or since nothing says yet whether
    these students are among those it shows."""
    hidden, gaps = out_of_sight(context.all_standings, partners, sorted(DAILY), context.today)
    for each in hidden[:EACH]:
        yield WaitingItem(
            f"{context.name(each.discloser)}: {each.heading}", each.why, "Read the agreement",
            reverse("agreements:one", args=[each.agreement]), "warn", "out of sight", 4,
        )  # fmt: skip
    if rest := hidden[EACH:]:
        yield WaitingItem(
            f"The same holds for {counted(len(rest), 'more rule')} of agreements", "The newest load of each partner names them.",
            "See the loads", reverse("intake:loads"), "warn", "out of sight", 5,
        )  # fmt: skip
    named = {(each.agreement, each.discloser, table) for each in hidden for table in each.tables}
    for gap in gaps:
        if not overdue(gap.shown, gap.came) or (gap.agreement, gap.partner, gap.table) in named:
            continue
        yield WaitingItem(
            f"{capital(KINDS[gap.table])} from {context.name(gap.partner)} is not shown after {day(gap.shown)} under “{gap.title}”",
            f"Data came in up to {day(gap.came)}, but no record says since then whether these students are among those whom the agreement "
            "shows, most often no enrollment. Ask the partner to send it.", "Read the agreement",
            reverse("agreements:one", args=[gap.agreement]), "warn", "out of sight", 4,
        )  # fmt: skip


def _unwanted(loads: Sequence[Batch], context: HomeContext) -> Iterator[WaitingItem]:
    """Columns that partners keep sending and no agreement covers, and those that nothing maps."""
    last = [load for load in loads if not repeated(load, loads)]
    uncovered = [
        (load.partner, c) for load in last for c in load.columns_refused if c not in (load.unmapped or ())
    ]
    unmapped = [
        (load.partner, c) for load in last for c in load.columns_refused if c in (load.unmapped or ())
    ]
    for found, why, cure in (
        (uncovered, "that no agreement covers", "ask the partner to leave it out"),
        (
            unmapped,
            "that nothing maps",
            "map it in the crosswalk if an agreement needs it; otherwise ask the partner to leave it out",
        ),
    ):
        if found:
            senders = ", ".join(sorted({context.name(partner) for partner, _ in found}))
            yield WaitingItem(
                f"{counted(len(set(found)), 'column')} came {why}",
                f"Sent by {senders}. None of it was stored; {cure}.", "See the loads", reverse("intake:loads"), "tip",
                "not stored", 8,
            )  # fmt: skip


def _linkage(loads: Sequence[Batch], last: Run | None, context: HomeContext) -> Iterator[WaitingItem]:
    landed = [load for load in loads if load.total.landed and (last is None or load.at > last.at)]
    href = reverse("identity:persons")
    if landed:
        yield WaitingItem(
            f"{counted(len(landed), 'load')} came in since linkage ran",
            "Their records are not linked to anybody until they are compared.", "Recognize the persons", href,
            "wait", "not linked", 4,
        )  # fmt: skip
    pairs = undecided() if last is not None else UndecidedPairs()
    if pairs.waiting:
        reads = bool(purposes(context.actor))
        yield WaitingItem(
            f"{counted(pairs.waiting, 'pair')} of records {'needs' if pairs.waiting == 1 else 'need'} a person’s decision", pairs.sentence,
            *(("Decide the pairs", reverse("identity:review")) if reads else ("See the persons", href)), "tip", "not sure", 9,
        )  # fmt: skip
    elif pairs.decided:
        yield WaitingItem(
            "Decisions on pairs wait for the next comparison", pairs.sentence, "Recognize the persons", href, "wait", "not linked", 5
        )  # fmt: skip
