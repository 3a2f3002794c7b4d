"""The links in force, and landing new ones together with what is written about them."""

from collections.abc import Callable, Mapping

import pyarrow as pa
from django.db import transaction

from throughway.gate import actions as gate
from throughway.identity.models import Person
from throughway.partners import Actor


def links_in_force() -> dict[int, int]:
    links = gate.person_links()
    return dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))


def land(
    links: Mapping[int, int], current: Mapping[int, int], *, by: Actor, within: Callable[[], None]
) -> None:
    """Lands the links and what `within` writes in one transaction; where no link changes, none is landed anew."""
    if links == current:
        with transaction.atomic():
            within()
        return
    records = sorted(links)
    table = pa.table(
        {
            "record": pa.array(records, pa.int64()),
            "person": pa.array([links[record] for record in records], pa.int64()),
        }
    )
    gate.land_person_links(links=table, by=by, within=within)


def retire(retired: set[int], revived: set[int]) -> None:
    for persons, value in ((sorted(retired), True), (sorted(revived), False)):
        for at in range(0, len(persons), 500):
            Person.objects.filter(id__in=persons[at : at + 500]).update(retired=value)
