"""Under which agreements a promise can be counted, and by whom; what is missing where it cannot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from throughway.agreements.enums import AccessForm
from throughway.agreements.grant import Grant
from throughway.agreements.service_commitments import Promise
from throughway.insight.services.participation_queries import HOURS, PART
from throughway.partners import Actor


@dataclass(frozen=True)
class Countable:
    """`agreements`: under which some purpose of form aggregate shows who takes part; `by_reader`: the reader is one of those
    whom such a purpose names; `readers`: who is, as (role, partner)."""

    agreements: tuple[str, ...]
    hours: bool
    by_reader: bool
    readers: tuple[tuple[str, str], ...]


def countable(promise: Promise, grants: Iterable[Grant], reader: Actor) -> Countable:
    """Over the grants of agreements in effect."""
    own = [g for g in grants if g.form is AccessForm.AGGREGATE and g.discloser == promise.partner]
    part = [g for g in own if g.table == PART[0] and _plain(g, PART[1:])]
    purposes = {g.purpose for g in part}
    hours = any(g.table == HOURS[0] and g.purpose in purposes and _plain(g, HOURS[1:]) for g in own)
    readers = {(role, partner) for g in part for role in g.roles for partner in g.recipients}
    return Countable(
        tuple(sorted({g.agreement for g in part})),
        hours,
        (reader.role, reader.partner or "") in readers,
        tuple(sorted(readers)),
    )


def _plain(grant: Grant, columns: Iterable[str]) -> bool:
    """The grant shows these columns as they are."""
    shown: Mapping[str, object] = {name: t for name, t in grant.columns.items() if t.name == "none"}
    return set(columns) <= shown.keys()
