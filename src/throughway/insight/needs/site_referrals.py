"""Referrals that people make on the site, as SQL in the form of those that systems send: need, step, partner and day."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from throughway.insight.needs.statuses import RANK, NeedStep
from throughway.measures.needs import AskedNeed
from throughway.measures.sql import VisibleData, day, texts

MADE_HERE = (
    "referral_event", "event_date", "event_kind", "referral_state", "support_id", "entry_id", "version",
)  # fmt: skip
ONE_REFERRAL = timedelta(days=31)  # a system's referral and the site's are one if they are no further apart
NOTED_ONLY = -1  # the step of a need that was noted, with nothing asked
# The step of a referral by its newest event other than its closing, by the first condition that holds. One that began is served. What a
# service whose clients the law protects answers, with the client's authorization, was told to the sender alone: it is not known here.
EVENT_STEPS = (
    ("began = 1", RANK[NeedStep.SERVED]),
    ("state IN ('asked', 'checked')", NOTED_ONLY),
    ("state IN ('accepted', 'tried_once', 'tried_twice', 'waitlisted', 'full')", RANK[NeedStep.WAITING]),
    ("state IN ('sent', 'asked_back')", RANK[NeedStep.UNANSWERED]),
    ("state = 'declined' AND reason = 'language'", RANK[NeedStep.LANGUAGE]),
    ("state = 'declined' AND reason = 'not_eligible'", RANK[NeedStep.NOT_ELIGIBLE]),
    ("state = 'not_reached'", RANK[NeedStep.NOT_REACHED]),
    ("state = 'family_no'", RANK[NeedStep.DECLINED]),
    ("state IN ('declined', 'not_started', 'withdrawn')", RANK[NeedStep.OTHER]),
)
NO_ANSWER = (RANK[NeedStep.UNANSWERED], RANK[NeedStep.UNTOLD], NOTED_ONLY)


def site_referrals(
    visible: VisibleData, kinds: Sequence[AskedNeed], supports: Mapping[str, str], first: date, last: date
) -> str:
    """SELECT of the referrals that were sent from one day to another, those asked for and not yet sent included. `supports`: the kind of
    support of each entry of the directory, by its number."""
    cases = " ".join(
        f"WHEN support_id IN {texts(numbers)} THEN {place}"
        for place, each in enumerate(kinds)
        if (numbers := sorted(number for number, kind in supports.items() if kind in each.answered_by))
    )
    steps = " ".join(f"WHEN {condition} THEN {step}" for condition, step in EVENT_STEPS)
    reason = visible.column("referral_event", "event_reason")
    receiver = visible.column("referral_event", "receiving_partner")
    of_one = "OVER (PARTITION BY entry_id)"
    return f"""SELECT person_id, {f"CASE {cases} ELSE -1 END" if cases else "-1"} AS need,
          CASE {steps} ELSE {RANK[NeedStep.UNTOLD]} END AS step, receiver AS partner, asked_on, 1 AS on_site FROM (
        SELECT person_id, support_id, referral_state AS state, {reason} AS reason,
          ROW_NUMBER() OVER (PARTITION BY entry_id ORDER BY CASE WHEN referral_state = 'closed' THEN 1 ELSE 0 END, version DESC) AS nth,
          MAX(CASE WHEN event_kind = 'start' THEN 1 ELSE 0 END) {of_one} AS began,
          MAX(NULLIF({receiver}, '')) {of_one} AS receiver,
          MAX(CASE WHEN event_kind = 'send' THEN 1 ELSE 0 END) {of_one} AS was_sent,
          COALESCE(MIN(CASE WHEN event_kind = 'send' THEN event_date END) {of_one}, MIN(event_date) {of_one}) AS asked_on
        FROM referral_event) AS events
      WHERE nth = 1 AND asked_on BETWEEN {day(first)} AND {day(last)} AND NOT (state = 'withdrawn' AND was_sent = 0)"""


def each_once(asked: str) -> str:
    """The rows of `asked`, a CTE, without a referral that has no answer on the site or in a system where the other has the answer."""
    days, silent = ONE_REFERRAL.days, ", ".join(map(str, NO_ANSWER))
    return f"""SELECT DISTINCT a.person_id, a.need, a.step, a.partner FROM {asked} AS a
      LEFT JOIN {asked} AS b ON b.person_id = a.person_id AND b.need = a.need AND b.partner = a.partner AND b.on_site <> a.on_site
        AND a.step = {RANK[NeedStep.UNANSWERED]} AND b.step NOT IN ({silent})
        AND b.asked_on >= a.asked_on - {days} AND b.asked_on <= a.asked_on + {days}
      WHERE a.need IS NOT NULL AND b.person_id IS NULL"""
