"""Links records across partners: an incremental run if that is enough, otherwise a full run over all records that linkage may see."""

import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations

import pyarrow as pa
from django.utils import timezone

from throughway.agreements.selectors import linkage_purposes
from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.granted_records import (
    accesses_of,
    read_granted,
    records_by_grant,
    shown_tables,
)
from throughway.identity.actions.incremental_run import FullRunNeeded, changes_since_run, link_incrementally
from throughway.identity.actions.name_samples import names_known
from throughway.identity.actions.number_splits import sentence_of, split_by_numbers
from throughway.identity.actions.review_pairs import keep_doubts
from throughway.identity.actions.run_record import (
    ENDED,
    LinkageRunReport,
    draw,
    land_run,
    links_in_force,
    load_state,
    rulings_by_digest,
)
from throughway.identity.incremental.linkage_state import pack_state, state_after
from throughway.identity.linkage.candidate_pairs import compare
from throughway.identity.linkage.resolution import Find, Resolved, resolve
from throughway.identity.person_ids import assign
from throughway.identity.selectors import labels, left_records, persons_given_out, rulings
from throughway.partners import OPERATOR, Actor

# Records of a partner, and their share, from which doubles are more than a few mistakes; the share of two partners' students from which one
# file may have come in for both.
FEWEST, MANY, ALL = 10, 0.2, 0.95

ReportProgress = Callable[
    [str, float], None
]  # the step that begins, in a few words, and the share of work done


def link(
    *, full: bool = False, spark: str | None = None, by: Actor, progress: ReportProgress | None = None
) -> LinkageRunReport:
    """Finds the persons in the records that the linkage purposes in effect show, and puts their ids in force.

    Persons keep their ids as far as their records allow. Without `full`, the records that are new or changed since the last run are
    compared with the known ones; if that is not enough, all are compared again, and `why_full` says why. With `spark`, the address of
    a Spark cluster, all are compared there. If no agreement has a linkage purpose any more, all links are removed.

    Refused if there is no linkage purpose and no link to remove, and while another run is under way.
    """
    with gate.linking_turn():
        started, report = time.monotonic(), progress or (lambda stage, fraction: None)
        on = timezone.localdate()
        if not linkage_purposes(on) and gate.person_links().num_rows:
            return _end_linkage(by=by, started=started)
        accesses = accesses_of(by=by, on=on)
        why = "it was requested" if full or spark else ""
        if not why:
            state = load_state()
            why = "" if state else "there is no earlier run to continue from"
        if not why and state:
            try:
                changes = changes_since_run(state, records_by_grant(accesses), shown_tables(accesses))
                report(f"comparing {len(changes.records):,} records", 0.2)
                return link_incrementally(state, accesses, changes, by=by, started=started)
            except FullRunNeeded as reason:
                why = str(reason)
        report("reading names through the gate" if not spark else "waking Spark", 0.0)
        with _pair_finder(spark) as find:
            return _link_all(accesses, why=why, find=find, by=by, report=report, started=started)


def link_after_undo() -> str:
    """Links the records that are left once loads were taken back, as the folder's own work, and says what came of it; empty where no
    purpose lets anything be linked. What linkage kept between its runs was destroyed, so it compares all records again."""
    if not linkage_purposes(timezone.localdate()):
        return ""
    try:
        linked = link(by=OPERATOR)
    except Refused as refused:
        return f"Linkage did not run: {refused.message}"
    return " ".join(filter(None, [linked.sentence, *linked.noticed]))


def _pair_finder(spark: str | None) -> AbstractContextManager[Find]:
    """Finds pairs on this machine, or on the Spark cluster at this address. Refused where the optional package for Spark is not installed."""
    if spark is None:
        return nullcontext(compare)
    if find_spec("throughway.identity.spark") is None:
        raise Refused(
            "This installation cannot compare records on Spark; run without --spark.", code="no_spark"
        )
    finder: AbstractContextManager[Find] = import_module("throughway.identity.spark.actions").pairs_on_spark(
        spark
    )
    return finder


def _link_all(
    accesses: Sequence[gate.GovernedAccess],
    *,
    why: str,
    find: Find,
    by: Actor,
    report: ReportProgress,
    started: float,
) -> LinkageRunReport:
    """A full run: compares all records, and stores what it learned for incremental runs."""
    stored = gate.landed_since(shown_tables(accesses), {}, {})
    grants, digests = records_by_grant(accesses), rulings_by_digest()
    tables, disclosures = read_granted(accesses)
    report(f"comparing {len(tables['person']):,} records", 0.2)
    together, apart = rulings()
    resolved = resolve(
        tables, together=together, apart=apart, labels=labels(), find=find, salt=secrets.randbits(63),
        names=names_known(),
    )  # fmt: skip
    report("assigning person ids", 0.8)
    current = links_in_force()
    assignment = assign(
        _groups(resolved), current, left=left_records(), given_out=persons_given_out(), draw=draw
    )
    partners = dict(
        zip(resolved.rows["person_record"].to_pylist(), resolved.rows["source"].to_pylist(), strict=True)
    )
    state = state_after(resolved, grants, stored.files, stored.batches, list(digests))
    by_numbers = split_by_numbers(assignment, resolved.rows, resolved.learned.lists)
    return land_run(
        assignment, None if assignment.links == current else assignment.links,
        pack_state(state), {grant.agreement for grant in grants.values()}, full=True, by=by, started=started,
        disclosures=disclosures, shares=resolved.shares,
        keep_doubts=lambda run: keep_doubts(resolved.scored, resolved.review, assignment.links, partners, run, by_name=resolved.by_name),
        records=len(assignment.links), persons=len(set(assignment.links.values())), compared=len(assignment.links),
        decided=len(assignment.links), why_full=why, taught=str(resolved.learned.labels),
        noticed=(*sentence_of(by_numbers), *resolved.warnings, *_what_to_do(partners, assignment.links, resolved.review)),
        by_numbers=by_numbers,
    )  # fmt: skip


def _what_to_do(
    partners: Mapping[int, str], persons: Mapping[int, int], review: Collection[tuple[int, int]]
) -> Iterator[str]:
    """A sentence for each partner whose records are many of them one student's twice, for two partners with the same students, and one where
    nobody was recognized. `partners` and `persons`: by record. `review`: the pairs for a reader."""
    held: defaultdict[int, list[int]] = defaultdict(list)
    for record, person in persons.items():
        held[person].append(record)
    counts = Counter(partners[record] for record in persons)
    twice = {record for records in held.values() for record in records if _of_one(partners, records, record)}
    twice |= {record for pair in review if _of_one(partners, pair, pair[0]) for record in pair}
    for partner, number in sorted(Counter(partners[record] for record in twice).items()):
        if number >= FEWEST and number > counts[partner] * MANY:
            yield (
                f"{number:,} of {counts[partner]:,} records of {partner} are, or may be, of students whom {partner} has under another number. "
                "If its files use different numbers, make one that all of them have the `key` of their crosswalks and load them again; if a file "
                f"of another partner came in as {partner}'s, destroy what {partner} sent (throughway destroy --help) and load the right files."
            )
    sharing = [{partners[record] for record in records} for records in held.values()]
    for one, other in combinations(sorted(counts), 2):
        both = sum({one, other} <= known for known in sharing)
        if both >= FEWEST and both >= ALL * max(
            sum(one in known for known in sharing), sum(other in known for known in sharing)
        ):
            yield (
                f"{one} and {other} have the same {both:,} students. If one file came in for both, destroy what came in for the wrong one "
                "(throughway destroy --help), and load its own files; if they do serve the same students, nothing is wrong."
            )
    if len(counts) == 1:
        yield f"All records are of {next(iter(counts))}, so none could be recognized in another partner's: load the files of the other partners, then link again."
    elif counts and all(len(known) == 1 for known in sharing):
        yield (
            f"No student of one partner was recognized in another's ({listed(f'{n:,} records of {p}' for p, n in sorted(counts.items()))}). "
            "Look whether each file brought names and birth dates (throughway crosswalk check FILE CROSSWALK), and decide the pairs that wait."
        )


def _of_one(partners: Mapping[int, str], records: Sequence[int], record: int) -> bool:
    """Whether the record's partner has another among these."""
    return sum(partners[each] == partners[record] for each in records) > 1


def _groups(resolved: Resolved) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for record, person in zip(resolved.record.tolist(), resolved.person.tolist(), strict=True):
        groups.setdefault(person, []).append(record)
    return list(groups.values())


def _end_linkage(*, by: Actor, started: float) -> LinkageRunReport:
    """Removes every link, and the data that linkage keeps between runs. The persons' ids are retired, and used again if linkage resumes."""
    assignment = assign([], links_in_force(), left=left_records(), given_out=[], draw=draw)
    nobody = pa.table({"record": pa.array([], pa.int64()), "person": pa.array([], pa.int64())})
    return land_run(
        assignment, nobody, None, (), full=True, by=by, started=started, ending=True,
        records=0, persons=0, why_full=ENDED,
    )  # fmt: skip
