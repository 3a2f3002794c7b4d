"""Runs of linkage that are asked for on the site, and those that begin by themselves: after a load, and once every pair is decided."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from throughway.agreements.selectors import compared_together, linkage_purposes, may_link
from throughway.core.refusals import Refused
from throughway.identity.review.selectors import undecided
from throughway.intake.selectors import stored_tables
from throughway.partners import OPERATOR, Actor
from throughway.partners.asked_work.actions import ask
from throughway.partners.asked_work.selectors import asked_now
from throughway.partners.asked_work.work import AskedNow, Work
from throughway.partners.selectors import actor

KIND = "linkage"


def _link(asked: AskedNow, by: Actor) -> Mapping[str, str]:
    from throughway.identity.actions.linking import link  # the site starts without the engine

    # A run that nobody pressed for is the folder's own work, like `throughway link` on a schedule: no reader sees a record.
    linked = link(full=asked.given["full"], by=OPERATOR if asked.given.get("after") else by)
    return {"message": " ".join(filter(None, [linked.sentence, linked.taught, *linked.noticed]))}


LINKAGE = Work(
    does=_link,
    running="Records are being linked already; this page says when that is done.",
    stopped="The run was stopped before it was done. Ask once more; if it happens again, tell whoever runs the server.",
    broken="Linkage stopped because of an error in the program, and no link was changed; tell whoever runs the server.",
)


def ask_for_linkage(*, full: bool, by: Actor) -> None:
    """Refused where the purposes of kind linkage in effect do not show this reader all of their records, and while a run that was asked
    for goes on."""
    from throughway.identity.tasks import link_records

    if not may_link(by, date.today()):
        raise Refused(
            "The agreements in effect do not let you link records: their purposes of kind linkage name who may.",
            code="not_allowed",
        )
    ask(LINKAGE, task=link_records, kind=KIND, given={"full": full}, by=by)


def begin_after_load(sent_by: str) -> None:
    """Begins a run once persons of two partners are here that a linkage purpose in effect compares, or of the only one that it names."""
    here = {partner for partner, tables in stored_tables().items() if "person" in tables}
    together = compared_together(date.today())
    if any(partners and len(partners & here) >= min(2, len(partners)) for partners in together):
        _begin("a load", by=actor(sent_by))


def begin_after_undo(by: Actor) -> None:
    """Begins a run once loads were taken back: what linkage kept between its runs was destroyed, so it compares all records again."""
    if linkage_purposes(date.today()):
        _begin("a load was taken back", by=by)


def begin_after_pairs(by: Actor) -> None:
    """Begins a run where readers decided pairs otherwise than the last run did; `by`: for whom no pair is left to read."""
    if undecided().decided:
        _begin("the last pair was decided", by=by)


def _begin(after: str, *, by: Actor) -> None:
    """Nothing where a run already waits, which reads what has come in and what was decided too."""
    from throughway.identity.tasks import link_records

    with suppress(Refused):
        ask(LINKAGE, task=link_records, kind=KIND, given={"full": False, "after": after}, by=by)


def asked_run() -> AskedNow | None:
    """The run that was asked for last, while it goes on and for some days after it ended."""
    return next(iter(asked_now(LINKAGE, KIND, date.today())), None)
