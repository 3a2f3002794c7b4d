"""Recognising the persons in the records that linkage purposes in effect show: in all, or in what changed since."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec

import pyarrow as pa
from django.utils import timezone

from throughway.agreements.selectors import linkage_purposes
from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.full_run import link_all_records
from throughway.identity.actions.granted_records import accesses_of
from throughway.identity.actions.incremental_run import changes_since_run, link_incrementally
from throughway.identity.actions.run_record import (
    LinkageRunReport,
    draw,
    land_links,
    links_in_force,
    write_run,
)
from throughway.identity.actions.state_loading import FullRunNeeded, compared, load_state, shown
from throughway.identity.linkage.candidate_pairs import compare
from throughway.identity.linkage.resolution import Find
from throughway.identity.person_ids import assign
from throughway.identity.selectors import left_records
from throughway.partners import Actor

__all__ = ["LinkageRunReport", "link"]


def link(
    *,
    full: bool = False,
    spark: str | None = None,
    by: Actor,
    progress: Callable[[str, float], None] | None = None,
) -> LinkageRunReport:
    """Recognises the persons in what linkage purposes in effect show, and lands their ids.

    Persons keep their ids as far as their records allow. Without `full`, the records that came or changed since the last run
    are held against the known ones; where that would not do, all are compared anew, and `why_full` says why. `progress` is
    told in a few words what begins, and the share that is done. Where no agreement asks for linkage any more, what was matched
    is taken back; refused when there is nothing to take back, and while another run goes on. With `spark`, the address of a
    Spark, all are compared there.
    """
    with gate.linking_turn():
        started, tell = time.monotonic(), progress or (lambda stage, fraction: None)
        on = timezone.localdate()
        if not linkage_purposes(on) and gate.person_links().num_rows:
            return _end_linkage(by=by, started=started)
        accesses = accesses_of(by=by, on=on)
        why = "it was asked for" if full or spark else ""
        if not why:
            kept = load_state()
            why = "" if kept else "no earlier run is kept to go on from"
        if not why and kept:
            try:
                what = changes_since_run(kept, shown(accesses), compared(accesses))
                tell(f"comparing {len(what.records):,} records", 0.2)
                return link_incrementally(kept, accesses, what, by=by, started=started)
            except FullRunNeeded as reason:
                why = str(reason)
        tell("reading names through the gate" if not spark else "waking Spark", 0.0)
        with _pair_finder(spark) as find:
            return link_all_records(accesses, why=why, find=find, by=by, tell=tell, started=started)


def _pair_finder(spark: str | None) -> AbstractContextManager[Find]:
    """Finds pairs on this machine, or on the Spark at this address. The package for Spark is optional: only this function looks for it.

    Refused where the package is not installed."""
    if spark is None:
        return nullcontext(compare)
    if find_spec("throughway.identity.spark") is None:
        raise Refused(
            "This installation cannot compare records on Spark; run without --spark.", code="no_spark"
        )
    found: AbstractContextManager[Find] = import_module("throughway.identity.spark.actions").pairs_on_spark(
        spark
    )
    return found


def _end_linkage(*, by: Actor, started: float) -> LinkageRunReport:
    """Takes every link out of force, and removes what linkage kept between its runs. Persons keep their ids, retired, and are found
    again if linkage comes back."""
    current = links_in_force()
    assignment = assign([], current, left=left_records(), given_out=[], draw=draw)
    linked = LinkageRunReport(
        0, 0, 0, 0, 0, 0, round(time.monotonic() - started, 3), why_full="linkage has ended"
    )

    def write() -> None:
        write_run(linked, assignment, full=True, disclosures=[], shares={}, by=by)

    land_links(pa.table({"record": pa.array([], pa.int64()), "person": pa.array([], pa.int64())}),
               None, (), replacing=True, by=by, within=write)  # fmt: skip
    return linked
