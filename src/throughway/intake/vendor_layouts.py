"""Crosswalks that are included for files of vendors of tests, and for the staging tables of the CEDS Data Warehouse, in `vendors/*.yaml`. Each
was written from a published sample of the file, or from its public layout."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files

from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk


@cache
def vendor_crosswalks() -> Mapping[str, str]:
    """By name, such as `nwea-map-growth`, the crosswalk as YAML."""
    found = files("throughway.intake").joinpath("vendors").iterdir()
    return {
        file.name.removesuffix(".yaml"): file.read_text("utf-8")
        for file in sorted(found, key=lambda f: f.name)
    }


def vendor_crosswalk(name: str) -> str:
    """The crosswalk of that name; Refused where there is none."""
    known = vendor_crosswalks()
    if name not in known:
        raise Refused(
            f"No crosswalk of this name is included; choose one of {', '.join(known)}.", code="no_crosswalk"
        )
    return known[name]


def vendors_of(headings: Collection[str]) -> tuple[str, ...]:
    """The names of the crosswalks that fit a file: every column that they cannot do without is there. Of several, those that also find every
    column that they ignore by name, such as the measure that stands in files of one subject alone."""
    given = set(headings)
    fit = {
        name: each
        for name, text in vendor_crosswalks().items()
        if given.issuperset(_needed(each := Crosswalk.read(text)))
    }
    told = [name for name, each in fit.items() if given.issuperset(each.ignore)]
    return tuple(told if len(fit) > 1 and told else fit)


def fitted(name: str, headings: Collection[str], source: str) -> str:
    """The crosswalk of that name with this line of the source, as the file is written; Refused where it does not fit the file."""
    if name not in vendors_of(headings):
        raise Refused("The crosswalk that is included does not fit this file.", code="no_crosswalk")
    return re.sub(r"^source: .*$", lambda _: source, vendor_crosswalk(name), count=1, flags=re.MULTILINE)


def _needed(crosswalk: Crosswalk) -> Iterator[str]:
    for table in crosswalk.tables.values():
        optional = {
            source for column in table.columns.values() if column.may_be_absent for source in column.sources
        }
        yield from (
            name for name in table.sources() if name not in optional or name in (*table.key, *table.person)
        )
