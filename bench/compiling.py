"""How long it takes to compile: every question of a table that a purpose shows, under Riverbend's agreements and under one of
two hundred elements, warm, after one of the agreements has changed in what is not asked for, and with nothing kept at all.

Compiling is both halves: whether the reader may and what the agreements grant (`decide`), and the reader's SQL (`compile_query`).
Nothing is kept of the questions themselves. Seconds of CPU, since others may work on the machine.
"""

import statistics
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from bench.review import _agreement, _document, _mou
from bench.row import Row
from throughway.agreements import effective_grants
from throughway.agreements.document import AgreementDocument, read_document, version_of
from throughway.agreements.grant_sql import columns_of
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.demo.simulate import write_papers
from throughway.gate import governed_relations
from throughway.gate.compiler import compile_query
from throughway.gate.decision import Decision, decide
from throughway.partners.actor import Actor
from throughway.training.validity import Completed
from throughway.vocabulary import TABLES

OFTEN, EACH = 3, 9  # of questions after a change every ninth


def measure() -> list[Row]:
    large = [
        _document(_mou()),
        _document(_agreement("dsa", "data")),
        _document(_agreement("dul", "large", under=["data"])),
    ]
    return [
        *_rows("Riverbend's {} agreements", _riverbend()),
        *_rows("{} agreements, two of 200 elements", large),
    ]


def _rows(named: str, documents: Sequence[AgreementDocument]) -> list[Row]:
    standings = [AgreementStatus(d, version_of(d), AgreementState.ACTIVE, "") for d in documents]
    warm = _taken(standings)
    changed, first = _taken(standings, fresh=True), _taken(standings, fresh=True, kept=False)
    what = named.format(len(standings))
    return [
        Row(f"decide and compile, {what}, p50 and p95 of {len(taken):,} questions{when}",
            f"{statistics.median(taken) * 1000:.1f} and {_p95(taken) * 1000:.1f} ms", "none", "", "≤ 5 ms", _p95(taken) <= 0.005)
        for taken, when in (
            (warm, ", warm"), (changed, ", each after an amendment of its agreement"), (first, ", each with nothing kept")
        )
    ]  # fmt: skip


def _taken(standings: Sequence[AgreementStatus], *, fresh: bool = False, kept: bool = True) -> list[float]:
    """Seconds for each question, the best of some; `fresh`: the text of the asked agreement is a new one every time; not `kept`:
    nothing is known of any."""
    taken = []
    for place, purpose, reader, on in _readers(standings):
        questions = list(_questions(_decided(standings, purpose, reader, on)))
        for question in questions[:: EACH if fresh else 1]:
            best = 1.0
            for _ in range(OFTEN):
                if fresh:
                    standings = [*standings[:place], _amended(standings[place]), *standings[place + 1 :]]
                if not kept:
                    for known in (
                        governed_relations._ROWS,
                        governed_relations._MERGED,
                        effective_grants._GRANTED,
                        effective_grants._WIDER,
                    ):
                        known.clear()
                began = process_time()
                decision = _decided(standings, purpose, reader, on)
                compile_query(question, decision.grants, linked=decision.linked, on=on, records_of=list)
                best = min(best, process_time() - began)
            taken.append(best)
    return taken


def _amended(standing: AgreementStatus) -> AgreementStatus:
    """The same agreement under another title, as after an amendment."""
    document = standing.document.model_copy(update={"title": f"{standing.document.title}, amended"[-200:]})
    return AgreementStatus(document, version_of(document), AgreementState.ACTIVE, "")


def _readers(standings: Sequence[AgreementStatus]) -> Iterator[tuple[int, str, Actor, date]]:
    """One who may read for each purpose of each agreement, with the place of the agreement and a day in its term."""
    for place, standing in enumerate(standings):
        document = standing.document
        for entry in document.purposes:
            for partner in sorted(document.recipients(entry))[:1]:
                for role in sorted(entry.roles)[:1]:
                    yield (
                        place,
                        entry.id,
                        Actor(f"reader@{partner}.example", partner, role),
                        document.terms.effective,
                    )


def _decided(standings: Sequence[AgreementStatus], purpose: str, reader: Actor, on: date) -> Decision:
    courses = {course for standing in standings for course in standing.document.terms.training}
    held = tuple(Completed(reader.email, course, on, date.max) for course in sorted(courses))
    return decide(
        then=standings, now=standings, actor=reader, purpose=purpose, on=on, today=on, completed=held
    )


def _questions(decision: Decision) -> Iterator[str]:
    """Of each table everything, and one student's row; of each that counts, by its first column."""
    for table in sorted({g.table for g in decision.grants}):
        column = columns_of([g for g in decision.grants if g.table == table])[-1]
        yield f"SELECT * FROM {table}"
        yield f"SELECT {column}, count(*) AS n FROM {table} GROUP BY 1 ORDER BY 2 DESC"
        if TABLES[table].of_person:
            yield f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL"


def _riverbend() -> list[AgreementDocument]:
    with TemporaryDirectory() as folder:
        write_papers(Path(folder), date.today())
        texts = [
            path.read_text(encoding="utf-8") for path in sorted((Path(folder) / "agreements").glob("*.yaml"))
        ]
    found = [read_document(text)[0] for text in texts]
    return [document for document in found if document is not None]


def _p95(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]
