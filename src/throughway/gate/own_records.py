"""A partner reads back what it gave: no disclosure (34 CFR 99.3, "disclosure"), so no agreement is asked."""

from datetime import date
from types import MappingProxyType

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.enums import AccessForm, PurposeKind, Reach
from throughway.agreements.grant import Grant
from throughway.agreements.transforms import Transform
from throughway.vocabulary import COMMON, TABLES

WHOLE = Transform("none")


def own_records(partner: str) -> tuple[Grant, ...]:
    """Grants of every element of every table of the partner's own; ids are those of its own records."""
    return tuple(_own(partner, table) for table in TABLES)


def _own(partner: str, table: str) -> Grant:
    return Grant(
        agreement=OWN_RECORDS,
        version="",
        entry=0,
        purpose=OWN_RECORDS,
        kind=PurposeKind.OPERATIONS,
        form=AccessForm.IDENTIFIED,
        basis=OWN_RECORDS,
        bases=frozenset(),
        interest="The partner reads back its own records",
        reach=Reach.ALL,
        discloser=partner,
        recipients=frozenset({partner}),
        roles=frozenset(),
        table=table,
        columns=MappingProxyType(dict.fromkeys((*TABLES[table].elements, *COMMON), WHOLE)),
        population=(),
        records=(None, None),
        minimum_cell=1,
        training=frozenset(),
        effective=date.min,
        expires=date.max,
        onward=(),
    )
