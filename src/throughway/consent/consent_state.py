"""The state of consents on a day, computed from all consents, refusals and withdrawals.

Each signer's latest decision counts; of one day's decisions a refusal is the latest. Of two who both hold the right and
disagree, the refusal prevails. A parent's consent ends when the right passes to the student, who is asked anew; an opt-out from
the directory that a parent made holds on until the student rescinds it (34 CFR 99.5, 99.37(b)).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from throughway.agreements.enums import ANY
from throughway.consent.right_holders import Transfers
from throughway.store.record_numbers import distinct

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Events:
    """All decisions on one purpose of one agreement about one discloser's records, in any order.

    `holder`: the signer's number within the record. `signed` and `until` are ordinals of days; `refuses`: a refusal or a
    withdrawal; `student`: signed as the student.
    """

    record: Numbers
    holder: Numbers
    signed: Numbers
    until: Numbers
    refuses: Flags
    student: Flags

    def only(self, which: "Flags | Numbers") -> "Events":
        return Events(
            self.record[which], self.holder[which], self.signed[which], self.until[which],
            self.refuses[which], self.student[which],
        )  # fmt: skip


NOBODY: Numbers = np.empty(0, dtype=np.int64)
NONE: Flags = np.empty(0, dtype=np.bool_)
NOTHING = Events(NOBODY, NOBODY, NOBODY, NOBODY, NONE, NONE)


@dataclass(frozen=True, eq=False)
class ConsentStatus:
    """Record numbers, sorted: with consent in force, refused, and opted out of the directory."""

    given: Numbers
    refused: Numbers
    opted_out: Numbers


def status_for_purpose(
    by_purpose: Mapping[str, Events], purpose: str, on: date, transfers: Transfers
) -> ConsentStatus:
    """The state for one purpose of an agreement, from the decisions on each of its purposes and on all (ANY). For ANY: given by
    whoever consented to at least one purpose; refused by whoever refused all and consented to none.
    """
    of_all = consent_status_of(by_purpose.get(ANY, NOTHING), on, transfers)
    each = {
        name: consent_status_of(together(by_purpose.get(ANY, NOTHING), events), on, transfers)
        for name, events in by_purpose.items()
        if name != ANY and purpose in (ANY, name)
    }
    if purpose != ANY:
        return each.get(purpose, of_all)
    given = reduce(np.union1d, (words.given for words in each.values()), of_all.given)
    return ConsentStatus(given, np.setdiff1d(of_all.refused, given), of_all.opted_out)


def together(one: Events, other: Events) -> Events:
    names = ("record", "holder", "signed", "until", "refuses", "student")
    return Events(**{n: np.concatenate([getattr(one, n), getattr(other, n)]) for n in names})


def consent_status_of(events: Events, on: date, transfers: Transfers) -> ConsentStatus:
    """`transfers`: when the right passes to the student, as far as it is known."""
    last = latest_decisions(events, on)
    day = on.toordinal()
    after, by = transfers.of(last.record)
    students_now, parents_now = day >= by, day < after
    holds = np.where(last.student, ~parents_now, ~students_now)
    refused = distinct(last.record[holds & last.refuses])
    given = distinct(last.record[holds & ~last.refuses & (last.until >= day)])
    # A parent's opt-out outlives the parent's right, until the student says yes.
    stands = last.refuses & (holds | ~last.student)
    rescinded = distinct(last.record[last.student & students_now & ~last.refuses])
    return ConsentStatus(
        given=np.setdiff1d(given, refused, assume_unique=True),
        refused=refused,
        opted_out=np.setdiff1d(distinct(last.record[stands]), rescinded, assume_unique=True),
    )


def without_limited_signers(
    events: Events, silent: Collection[tuple[int, int]], *, also_no: bool = True
) -> Events:
    """Without the decisions of the signers, (record, holder), whose rights an order took (34 CFR 99.4). With `also_no` false
    their refusals still count."""
    if not silent:
        return events
    dropped = np.isin(events.record, [record for record, _ in silent])
    if not also_no:
        dropped &= ~events.refuses
    for at in np.flatnonzero(dropped).tolist():
        dropped[at] = (int(events.record[at]), int(events.holder[at])) in silent
    return events.only(~dropped)


def latest_decisions(events: Events, on: date) -> Events:
    """The latest decision of each signer of each record by the end of that day."""
    so_far = events.only(events.signed <= on.toordinal())
    order = np.lexsort((so_far.refuses, so_far.signed, so_far.holder, so_far.record))
    ordered = so_far.only(order)
    if not len(order):
        return ordered
    next_is_other = (ordered.record[1:] != ordered.record[:-1]) | (ordered.holder[1:] != ordered.holder[:-1])
    return ordered.only(np.append(next_is_other, True))
