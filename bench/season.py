"""How many hours a week a season with 30 partners asks of the backbone's people.

What the software asks is counted in Riverbend after its main job (`throughway demo`): loads with rows set aside, pairs that wait for a person,
what the backbone signs and puts into effect for each agreement, open steps that wait for the backbone, referrals of the town's own records
that nobody answered. How often each comes up with 30 partners, and how many minutes it takes, are assumptions, all in `TASKS`.
"""

import csv
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from bench.row import Row

STUDENTS, PARTNERS, WEEKS, SEASONS, HOURS = 1_000, 30, 13, 1_000, 4.0
FEEDS = 2  # that each partner sends a week, by a connector or a person of its own
NEW_RECORDS = 7_000  # in the season, of all partners: a fifth of the records of 5,000 students
REFERRALS = 390  # in the season: one a month for each of 130 workers
SEASONAL = 2  # people whom each partner takes on for the season
RENEWED = 2.0  # years after which an agreement is renewed
ACCOUNTS_IN = 3  # weeks at the beginning in which they come


@dataclass(frozen=True)
class Counted:
    """What was counted in Riverbend: shares and means."""

    held: float  # of the loads that came in, those with rows set aside or refused
    pairs: float  # for each record, those that wait for a person after linkage
    agreements: float  # for each partner
    acts: float  # for each agreement, signing and putting into effect by the backbone's people
    steps: float  # other open steps that wait for the backbone, on the day of the demo
    unanswered: float  # of the referrals in the records, those without an answer


@dataclass(frozen=True)
class Task:
    """One kind of task of the backbone: `often` gives how many come up in one week of the season on average; `minutes` for each."""

    words: str
    minutes: float
    often: Callable[[Counted, int], float]


def evenly(number: float) -> float:
    return number / WEEKS


TASKS = (
    Task("a load with rows set aside, or refused: read why, and write to its sender", 10, lambda c, week: PARTNERS * FEEDS * c.held),
    Task("a pair of records that might be one person: decide", 1.5, lambda c, week: evenly(NEW_RECORDS * c.pairs)),
    Task("an agreement that is renewed: sign it, or put it into effect", 8,
         lambda c, week: PARTNERS * c.agreements * c.acts / RENEWED / 52),
    Task("another step that waits for the backbone: approve, cure, destroy, answer a request", 15, lambda c, week: evenly(c.steps * PARTNERS / 10)),
    Task(f"the accounts of the {SEASONAL} seasonal workers of a partner: add them at once, send the links, see their training", 5,
         lambda c, week: PARTNERS / ACCOUNTS_IN if week < ACCOUNTS_IN else 0),
    Task("a referral that waits for 30 days: call the program", 6, lambda c, week: evenly(REFERRALS * c.unanswered)),
    Task("a support that its program does not confirm: remind it (one in ten, twice in a season)", 3, lambda c, week: evenly(0.2 * 200 / 2)),
    Task("the monthly report: ask for it, read what is withheld, release it", 40, lambda c, week: 3 / WEEKS),
    Task("the backup, the check of the ledger, what the home says is due", 15, lambda c, week: 1.0),
)  # fmt: skip


def count(folder: Path) -> Counted:
    """Runs the main job in the folder, and counts."""
    from throughway.cli.command import prepare_new
    from throughway.demo.simulate import simulate
    from throughway.store.community import Community

    today = date.today()
    simulate(folder, students=STUDENTS, seed=7, today=today)
    community = Community(folder)
    community.make(name="Bench")
    prepare_new(community)
    from throughway.agreements.selectors import agreement_statuses, past_acts_since
    from throughway.agreements.states import AgreementAct
    from throughway.demo import run
    from throughway.demo.partners import BACKBONE, PARTNERS, STEWARD
    from throughway.identity.review.selectors import progress
    from throughway.identity.selectors import last_run
    from throughway.intake.selectors import batches
    from throughway.partners.selectors import actor
    from throughway.site.open_steps.selectors import open_steps

    run.run(folder, lambda words: print(words, file=sys.stderr, flush=True))
    loads, linked = batches(None), last_run()
    assert linked is not None
    agreements = agreement_statuses(today)
    acts = [
        event for _, event in past_acts_since(today - timedelta(days=36_500))
        if event.partner == BACKBONE and event.act in (AgreementAct.SIGN, AgreementAct.ACTIVATE)
    ]  # fmt: skip
    counted_apart = ("sign", "activate", "renew")
    with (folder / "feeds" / "family-services" / "referrals.csv").open(encoding="utf-8", newline="") as file:
        referrals = list(csv.DictReader(file))
    return Counted(
        held=sum(bool(each.refusal or each.total.quarantined) for each in loads) / len(loads),
        pairs=progress(actor(STEWARD)).pairs / linked.records,
        agreements=len(agreements) / len(PARTNERS),
        acts=len(acts) / len(agreements),
        steps=sum(s.waits_for == BACKBONE and s.kind not in counted_apart for s in open_steps(today)),
        unanswered=sum(not row["Outcome"] and not row["ClosedOn"] for row in referrals) / len(referrals),
    )


def seasons(counted: Counted) -> Mapping[str, np.ndarray]:
    """By task, the minutes of each week in SEASONS seasons: an array of seasons and weeks, each number of tasks drawn by chance around its mean."""
    rng = np.random.default_rng(7)
    return {
        task.words: task.minutes
        * rng.poisson([task.often(counted, week) for week in range(WEEKS)], size=(SEASONS, WEEKS))
        for task in TASKS
    }


def rows_of(counted: Counted) -> list[Row]:
    taken = seasons(counted)
    every = sum(taken.values())
    mean, fullest = every.mean() / 60, np.quantile(every.max(axis=1), 0.95) / 60
    rows = [
        Row(f"{task.words}; {task.minutes:g} minutes each", f"{taken[task.words].mean() / task.minutes:.1f} a week, {taken[task.words].mean():.0f} minutes",
            "none", "", "", True)
        for task in TASKS
    ]  # fmt: skip
    return [
        *rows,
        Row(
            f"all of it, a week on average, {PARTNERS} partners", f"{mean:.1f} hours", "none", "", f"≤ {HOURS:g} hours", bool(mean <= HOURS)
        ),
        Row(
            "the fullest week of a season, which one season in twenty exceeds", f"{fullest:.1f} hours", "none", "",
            f"≤ {HOURS:g} hours", bool(fullest <= HOURS),
        ),
    ]  # fmt: skip


def measure() -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="throughway-bench-")) / "town"
    try:
        counted = count(folder)
        print(counted, file=sys.stderr)
        return rows_of(counted)
    finally:
        shutil.rmtree(folder.parent)
