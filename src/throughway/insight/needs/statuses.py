"""What became of a need, decided from what the records say of a student; a status that no record tells is not known, never zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from throughway.store.record_numbers import NOBODY, Numbers, any_of, distinct, inside, less


class NeedStatus(StrEnum):
    SERVED = "served"
    WAITING = "waiting for a place"
    UNANSWERED = "no answer on record"
    ENDED = "ended before it began"
    DECLINED = "declined by the family"
    ASKED = "asked for help, and not served"  # any of the four before, where they are not told apart
    NEVER = "no referral on record"
    UNKNOWN = "not known"


class EndReason(StrEnum):
    """Why a referral ended before the student was served, other than by the family's own choice."""

    LANGUAGE = "nobody there speaks the language"
    NOT_ELIGIBLE = "not one of those whom it serves"
    NOT_REACHED = "the family could not be reached"
    OTHER = "another reason"


class NeedStep(StrEnum):
    """The furthest that one referral or application came, the furthest first; of several of one student the first counts."""

    SERVED = "served"
    WAITING = "waiting"
    ENROLLED = "enrolled"  # by the referral's outcome; whether it began, the records of service say
    UNANSWERED = "unanswered"
    LANGUAGE = "language"
    NOT_ELIGIBLE = "not eligible"
    NOT_REACHED = "not reached"
    OTHER = "other"
    DECLINED = "declined"
    UNTOLD = "untold"


STEPS = tuple(NeedStep)
RANK: Mapping[NeedStep, int] = {step: place for place, step in enumerate(STEPS)}
STATUS_OF: Mapping[NeedStep, NeedStatus] = {
    NeedStep.SERVED: NeedStatus.SERVED,
    NeedStep.WAITING: NeedStatus.WAITING,
    NeedStep.ENROLLED: NeedStatus.WAITING,
    NeedStep.UNANSWERED: NeedStatus.UNANSWERED,
    NeedStep.LANGUAGE: NeedStatus.ENDED,
    NeedStep.NOT_ELIGIBLE: NeedStatus.ENDED,
    NeedStep.NOT_REACHED: NeedStatus.ENDED,
    NeedStep.OTHER: NeedStatus.ENDED,
    NeedStep.DECLINED: NeedStatus.DECLINED,
    NeedStep.UNTOLD: NeedStatus.UNKNOWN,
}
REASON_OF: Mapping[NeedStep, EndReason] = {
    NeedStep.LANGUAGE: EndReason.LANGUAGE,
    NeedStep.NOT_ELIGIBLE: EndReason.NOT_ELIGIBLE,
    NeedStep.NOT_REACHED: EndReason.NOT_REACHED,
    NeedStep.OTHER: EndReason.OTHER,
}


FOLDED = (NeedStatus.WAITING, NeedStatus.UNANSWERED, NeedStatus.ENDED, NeedStatus.DECLINED)


class Helped(StrEnum):
    """The same in three words, for groups."""

    SERVED = "served"
    NOT_SERVED = "not served"
    UNKNOWN = "not known"


HELPED_OF: Mapping[NeedStatus, Helped] = {
    status: Helped.SERVED
    if status is NeedStatus.SERVED
    else Helped.UNKNOWN
    if status is NeedStatus.UNKNOWN
    else Helped.NOT_SERVED
    for status in NeedStatus
}


@dataclass(frozen=True)
class AskedRows:
    """Referrals and applications of one school year: for each its student, what was asked for (a place in the list of what people ask
    for; -1 where no rule names the reason), the place of its step in STEPS (-1 where nothing was asked, only the need noted), and the
    partner that was asked (a place in `partners`)."""

    persons: Numbers
    needs: Numbers
    steps: Numbers
    partners_asked: Numbers
    partners: Sequence[str] = ()

    def furthest(self, needs: Sequence[int]) -> tuple[Numbers, Numbers]:
        """Each student who asked for one of these, sorted, with the place of the furthest step."""
        return _furthest(self.persons, self.steps, np.isin(self.needs, needs) & (self.steps >= 0))

    def of_partner(self, partner: int) -> tuple[Numbers, Numbers]:
        return _furthest(self.persons, self.steps, (self.partners_asked == partner) & (self.steps >= 0))

    def asked_at(self, partner: int) -> dict[int, bool]:
        """The needs that a partner was asked for, and whether nobody else was asked for it."""
        asked = self.steps >= 0
        needs = np.unique(self.needs[asked & (self.partners_asked == partner)])
        return {
            int(n): not np.any(asked & (self.needs == n) & (self.partners_asked != partner)) for n in needs
        }

    def who(self, need: int) -> Numbers:
        return distinct(self.persons[self.needs == need])


def _furthest(persons: Numbers, steps: Numbers, chosen: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    who, step = persons[chosen], steps[chosen]
    order = np.lexsort((step, who))
    who, step = who[order], step[order]
    first = np.ones(len(who), dtype=np.bool_)
    first[1:] = who[1:] != who[:-1]
    return who[first], step[first]


@dataclass(frozen=True)
class Outcomes:
    """True counts of one need in one school year: never shown. Each student with the need is at one status, each that ended at one
    reason."""

    by_status: Mapping[NeedStatus, Numbers] = field(repr=False)
    by_reason: Mapping[EndReason, Numbers] = field(repr=False)

    @property
    def persons(self) -> Numbers:
        return any_of((NOBODY, *self.by_status.values()))

    def of(self, helped: Helped) -> Numbers:
        return any_of(
            (NOBODY, *(who for status, who in self.by_status.items() if HELPED_OF[status] is helped))
        )

    def folded(self) -> "Outcomes":
        """The same with everybody who asked and was not served at one status."""
        asked = any_of((NOBODY, *(self.by_status[status] for status in FOLDED)))
        kept = {status: who for status, who in self.by_status.items() if status not in FOLDED}
        return Outcomes(kept | {NeedStatus.ASKED: asked}, self.by_reason)


def outcomes(
    *, need: Numbers, served: Numbers, asked: tuple[Numbers, Numbers], all_records: bool
) -> Outcomes:
    """What became of a need. `need`: who has it, `served`: who had a support that answers it, both sorted; `asked`: who asked for such a
    support, and the place of the furthest step. `all_records`: every program that could have served them sent records, so that who is in
    none was not served."""
    by_status: dict[NeedStatus, list[Numbers]] = {status: [] for status in NeedStatus}
    by_reason: dict[EndReason, Numbers] = dict.fromkeys(EndReason, NOBODY)
    got = inside(need, served)
    by_status[NeedStatus.SERVED].append(need[got])
    left = need[~got]
    who, step = asked
    mine = inside(who, left)
    who, step = who[mine], step[mine]
    for each in STEPS:
        persons = who[step == RANK[each]]
        status = STATUS_OF[each]
        if each is NeedStep.ENROLLED and not all_records:
            status = NeedStatus.UNKNOWN
        by_status[status].append(persons)
        if each in REASON_OF:
            by_reason[REASON_OF[each]] = persons
    rest = less(left, who)
    by_status.pop(NeedStatus.ASKED)
    by_status[NeedStatus.NEVER if all_records else NeedStatus.UNKNOWN].append(rest)
    return Outcomes(
        {status: distinct(np.concatenate([NOBODY, *parts])) for status, parts in by_status.items()},
        by_reason,
    )


def overall(every: Sequence[Outcomes]) -> dict[Helped, Numbers]:
    """Students over several needs, each once: not served at one need at least; else not known at one; else served at all."""
    not_served = any_of((NOBODY, *(each.of(Helped.NOT_SERVED) for each in every)))
    unknown = less(any_of((NOBODY, *(each.of(Helped.UNKNOWN) for each in every))), not_served)
    served = less(less(any_of((NOBODY, *(each.of(Helped.SERVED) for each in every))), not_served), unknown)
    return {Helped.SERVED: served, Helped.NOT_SERVED: not_served, Helped.UNKNOWN: unknown}
