"""Whether linkage is equally accurate for all groups: the groups of two records, and readers' findings in each.

A pair is in a group if either record is. Small groups are withheld, so that no child can be picked out; if only one would be withheld,
the next smallest is withheld too.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from throughway.identity.linkage.comparisons import SAME_FIRST
from throughway.identity.linkage.word_lists import PARTICLES, SUFFIXES
from throughway.identity.review.quality_estimate import Estimate, LabeledPair, estimate_within_group

# The tables and columns that give a record's groups, each if some grant shows it unchanged.
OF_RECORD: Mapping[str, tuple[str, ...]] = {
    "person": ("last_or_surname",),
    "person_race": ("race", "hispanic_or_latino_ethnicity"),
    "person_language": ("iso_639_2_language_code",),
}
HISPANIC = "Hispanic or Latino"
Groups = Mapping[str, frozenset[str]]  # dimension to groups


@dataclass(frozen=True)
class GroupEstimate:
    """The findings in one group; None is withheld. `labels`: how many of its pairs were read."""

    name: str
    found: Estimate | None

    @property
    def labels(self) -> int | None:
        return self.found.read if self.found else None


def groups_of_pair(rungs: Mapping[str, str], partners: Iterable[str]) -> Groups:
    """By partner, and by whether both records are from one home."""
    home = rungs.get("family", "").endswith("one home")
    siblings = home and rungs.get("first") is not None and rungs["first"] not in SAME_FIRST
    twins = siblings and rungs.get("birth") == "same"
    names = ["One home, other first name"] if siblings else []
    names += ["One home, one birthday, other first name (twins)"] if twins else []
    return {
        "Partner": frozenset(partners),
        "Home": frozenset([*names, "One home" if home else "Two homes, or unknown"]),
    }


def groups_of_record(rows: Iterable[Mapping[str, object]], labels: Mapping[str, Mapping[str, str]]) -> Groups:
    """From one record's rows of OF_RECORD's columns; `labels`: column to code to label."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if surname := str(row.get("last_or_surname") or ""):
            kind = "Double surname" if is_double(surname) else "One surname"
            found.setdefault("Surname", set()).add(kind)
        for column, dimension in (("race", "Race"), ("iso_639_2_language_code", "Language")):
            if code := str(row.get(column) or ""):
                found.setdefault(dimension, set()).add(labels.get(column, {}).get(code, code))
        if str(row.get("hispanic_or_latino_ethnicity") or "").lower() in ("yes", "true", "1"):
            found.setdefault("Race", set()).add(HISPANIC)
    return {dimension: frozenset(names) for dimension, names in found.items()}


def is_double(surname: str) -> bool:
    """Two names or more, without particles and suffixes: Ruiz Ortega, Lee-Young, but not de la Cruz Jr."""
    names = [word for word in re.split(r"[^\w']+", surname.casefold()) if word]
    return len([name for name in names if name not in (*PARTICLES, *SUFFIXES)]) > 1


def union(one: Groups, other: Groups) -> Groups:
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in {*one, *other}}


def by_group(
    pairs: Sequence[LabeledPair | None], groups: Sequence[Groups], dimensions: Collection[str], fewest: int
) -> dict[str, list[GroupEstimate]]:
    """Each dimension with its groups by name, from pairs (None: not labeled) and the groups of each; groups of fewer than `fewest`
    labeled pairs are withheld."""
    labeled = [(pair, of) for pair, of in zip(pairs, groups, strict=True) if pair]
    found: dict[str, list[GroupEstimate]] = {}
    for dimension in dimensions:
        names = sorted({name for _, of in labeled for name in of.get(dimension, ())})
        estimates = {
            name: estimate_within_group(pair for pair, of in labeled if name in of.get(dimension, ()))
            for name in names
        }
        small = _withheld({name: e.read for name, e in estimates.items()}, fewest)
        found[dimension] = [GroupEstimate(name, None if name in small else estimates[name]) for name in names]
    return found


def _withheld(counts: Mapping[str, int], fewest: int) -> set[str]:
    small = {name for name, count in counts.items() if count < fewest}
    if len(small) == 1 and len(counts) > 1:
        small.add(min(counts.keys() - small, key=lambda name: (counts[name], name)))
    return small
