"""What agreements need of each partner, what its systems hold, and what has come in: the gaps and overlaps between the three.

Plain values in and out: paths of elements (`table.element`), by partner.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from throughway.negotiation.drafting.schedule import in_order

Paths = frozenset[str]
NOTHING: Paths = frozenset()


@dataclass(frozen=True)
class PartnerCoverage:
    """`missing`: needed and held, and has not come in. `not_held`: needed, and neither held nor come in. `not_registered`: came in, and
    no system in the register holds it. `not_asked`: held, and no agreement needs it. `not_needed`: is stored, and no agreement in
    effect needs it. `complete`: needed and here. `is_registered`: whether the partner has any system in the register; without one
    it is unknown what it holds. `sees_loads`: whether the reader may know what came in; without it, nothing that depends on it
    is said."""

    partner: str
    missing: tuple[str, ...] = ()
    not_held: tuple[str, ...] = ()
    not_registered: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    not_needed: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()
    is_registered: bool = True
    sees_loads: bool = True

    @property
    def is_whole(self) -> bool:
        return not (self.missing or self.not_held or self.not_needed)


@dataclass(frozen=True)
class Overlap:
    """A table that several partners hold or send; `needed`: those of whom an agreement needs it."""

    table: str
    partners: tuple[str, ...]
    needed: tuple[str, ...]


def coverage(
    needed: Mapping[str, Paths], held: Mapping[str, Paths], came: Mapping[str, Paths]
) -> list[PartnerCoverage]:
    """One entry for each partner that is in any of the three, in the order of their ids. `came`: only partners whose loads the reader
    may see."""
    return [
        _of_partner(partner, needed.get(partner, NOTHING), held.get(partner), came.get(partner))
        for partner in sorted({*needed, *held, *(p for p, paths in came.items() if paths)})
    ]


def _of_partner(partner: str, needed: Paths, held: Paths | None, came: Paths | None) -> PartnerCoverage:
    has = frozenset(path for path in held or NOTHING if not path.endswith(".person_id"))
    here = came or NOTHING

    def ordered(paths: Collection[str]) -> tuple[str, ...]:
        return tuple(in_order(paths))

    if came is None:
        return PartnerCoverage(
            partner, not_held=ordered(needed - has) if held is not None else (), is_registered=held is not None, sees_loads=False,
        )  # fmt: skip
    # Without a register nobody knows what the partner holds: what is needed and did not come may be there.
    lacking = needed - here
    return PartnerCoverage(
        partner,
        missing=ordered(lacking & has if held is not None else lacking),
        not_held=ordered(lacking - has) if held is not None else (),
        not_registered=ordered(here - has) if held is not None else (),
        not_asked=ordered(has - needed),
        not_needed=ordered(here - needed),
        complete=ordered(needed & here),
        is_registered=held is not None,
    )


def overlaps(
    needed: Mapping[str, Paths], held: Mapping[str, Paths], came: Mapping[str, Paths]
) -> Sequence[Overlap]:
    """Tables that more than one partner holds or sends."""
    with_table: dict[str, set[str]] = {}
    for found in (held, came):
        for partner, paths in found.items():
            for path in paths:
                with_table.setdefault(path.partition(".")[0], set()).add(partner)
    asked = {(partner, path.partition(".")[0]) for partner, paths in needed.items() for path in paths}
    return [
        Overlap(table, tuple(sorted(partners)), tuple(p for p in sorted(partners) if (p, table) in asked))
        for table, partners in sorted(with_table.items())
        if len(partners) > 1
    ]
