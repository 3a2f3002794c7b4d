"""When the last linkage purpose has ended: its matches end with it, and nothing is kept of what they were made from."""

import time

import pyarrow as pa

from throughway.identity.actions.links import land_links, links_in_force
from throughway.identity.actions.run_record import LinkageRunReport, draw, write_run
from throughway.identity.person_ids import assign
from throughway.identity.selectors import left_records
from throughway.partners import Actor


def take_back(*, by: Actor, started: float) -> LinkageRunReport:
    """Takes every link out of force. Persons keep their ids, retired, and are found again should linkage come back."""
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
