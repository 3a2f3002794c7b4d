"""What linkage keeps between its runs, as this process last read it; and whom the agreements let linkage see now."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock

import numpy as np

from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.incremental import linkage_state
from throughway.identity.incremental.linkage_state import LinkageState, RememberedGrant
from throughway.identity.linkage.standardization import GRANTED
from throughway.identity.selectors import rulings
from throughway.store.record_numbers import NOBODY, any_of, less


class FullRunNeeded(Exception):
    """Why all records must be compared anew, in words."""


_kept: tuple[tuple[str, ...], LinkageState] | None = None
_lock = Lock()


def load_state() -> LinkageState | None:
    """What is kept; opened again only when it is not what it was. None where nothing is kept that fits this model."""
    global _kept
    with _lock:
        files = gate.linkage_state_ids()
        if _kept is not None and files and _kept[0] == files:
            return _kept[1]
        _kept = None
        files, tables = gate.sealed_linkage_state()
        found = linkage_state.unpack_state(tables)
        if found is not None:
            _kept = (files, found)
        return found


def compared(accesses: Sequence[gate.GovernedAccess]) -> list[str]:
    """The tables that are compared, of those that these accesses show anything of: of the others nothing is looked at."""
    return sorted({grant.table for access in accesses for grant in access.grants} & GRANTED.keys())


def shown(accesses: Sequence[gate.GovernedAccess]) -> dict[str, RememberedGrant]:
    """Whom each grant of these accesses shows now."""
    return {
        each.grant: RememberedGrant(each.terms, each.agreement, each.records)
        for access in accesses
        for each in gate.granted_records(access, GRANTED)
    }


def records_with_changed_grants(
    before: Mapping[str, RememberedGrant], now: Mapping[str, RememberedGrant]
) -> np.ndarray | None:
    """Records that a grant shows and did not, or did and does not; None where the grants are not the same."""
    if {name: grant.terms for name, grant in before.items()} != {
        name: grant.terms for name, grant in now.items()
    }:
        return None
    moved = [NOBODY]
    for name, grant in now.items():
        was = before[name].records
        if not np.array_equal(was, grant.records):
            moved += [less(was, grant.records), less(grant.records, was)]
    return any_of(moved)


@contextmanager
def silent() -> Iterator[None]:
    """What the engine says in an error may hold a name or a birth date: it is neither shown nor kept."""
    try:
        yield
    except (Refused, FullRunNeeded):
        raise
    except Exception as error:
        raise RuntimeError(f"the records could not be compared ({type(error).__name__})") from None


def marks() -> dict[str, list[int]]:
    """Every ruling of people, by its mark, with the records that it names."""
    together, apart = rulings()
    return {linkage_state.mark(sorted(ruled)): list(ruled) for ruled in together} | {
        linkage_state.mark(sorted(sides.items())): list(sides) for sides in apart
    }
