"""Limits on an adult, as they hold for all records of one student: on another record of the same student whoever signs under the
same name, whatever its case, is taken for the same adult. So merging records keeps the stricter."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from throughway.consent.limits import LimitKind, RightsLimit, stands
from throughway.consent.selectors.names import SIGNERS, same, signers
from throughway.consent.selectors.rights_requests import limits_of
from throughway.store import schemas
from throughway.store.selectors import snapshot

LINKS = "person_link"
Adult = tuple[int, int]  # record and holder


def limited(
    partner: str, record: int, holder: int, on: date, kind: LimitKind = LimitKind.RIGHTS
) -> RightsLimit | None:
    """The limit of that kind that holds for the adult on the day, recorded on this record or on another of the same student."""
    standing = [each for each in limits_of() if each.kind is kind and each.on(on)]
    own = stands(standing, holder, on, kind, record=record)
    if own is not None or not standing:
        return own
    name = same(signers(partner).get((record, holder), ""))
    return next((each for said, each in elsewhere(standing).get(record, ()) if said == name), None)


def elsewhere(limits: Iterable[RightsLimit]) -> Mapping[int, Sequence[tuple[str, RightsLimit]]]:
    """By record, the adults whom these limits concern on another record of the same student: the name, and the limit."""
    found: dict[int, list[tuple[str, RightsLimit]]] = {}
    names: dict[str, Mapping[Adult, str]] = {}
    for limit in limits:
        others = records_with(limit.record)
        if others and limit.partner not in names:
            names[limit.partner] = signers(limit.partner)
        name = same(names.get(limit.partner, {}).get((limit.record, limit.holder), ""))
        for other in others if name else ():
            found.setdefault(other, []).append((name, limit))
    return found


def same_adults(of: Iterable[RightsLimit], partner: str) -> frozenset[Adult]:
    """Of the partner's records the adults whom these limits concern on other records of the same students."""
    named = elsewhere(of)
    if not named:
        return frozenset()
    return frozenset(
        (record, holder)
        for (record, holder), said in signers(partner).items()
        if any(name == same(said) for name, _ in named.get(record, ()))
    )


def records_with(record: int) -> frozenset[int]:
    """The other records that linkage takes for the same student."""
    with snapshot() as stored:
        path = stored.links()
    return _linked(path, record) if path else frozenset()


def files_of(partner: str) -> tuple[object, ...]:
    """What tells of the partner's adults, and of who is one student: files, which never change."""
    with snapshot() as stored:
        return (stored.links(), *(file.id for file in stored.stored(SIGNERS, partner)))


@lru_cache(maxsize=256)
def _linked(path: Path, record: int) -> frozenset[int]:
    """Links are files that never change."""
    links = pq.read_table(path, schema=schemas.schema(LINKS))
    records, persons = links["record"].to_numpy(), links["person"].to_numpy()
    own = persons[records == record]
    return frozenset(records[np.isin(persons, own)].tolist()) - {record}
