"""The links in force, and landing new ones together with what is written about them."""

from collections.abc import Callable, Collection, Mapping

import pyarrow as pa
from django.db import transaction

from throughway.gate import actions as gate
from throughway.identity.models import Person
from throughway.partners import Actor


def links_in_force() -> dict[int, int]:
    links = gate.person_links()
    return dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))


def land_links(
    links: Mapping[int, int] | pa.Table | None,
    content: pa.Table | None,
    agreements: Collection[str],
    *,
    replacing: bool,
    by: Actor,
    within: Callable[[], None],
) -> None:
    """Lands the links (None: those in force stay), what linkage keeps (beside what it kept, or in its place) and what `within`
    writes, in one transaction."""
    if links is None and content is None and not replacing:
        with transaction.atomic():
            within()
        return
    gate.land_linkage_state(
        links=as_table(links) if isinstance(links, Mapping) else links,
        content=content, agreements=agreements, replacing=replacing, by=by, within=within,
    )  # fmt: skip


def as_table(links: Mapping[int, int]) -> pa.Table:
    records = sorted(links)
    return pa.table(
        {
            "record": pa.array(records, pa.int64()),
            "person": pa.array([links[record] for record in records], pa.int64()),
        }
    )


def retire(retired: set[int], revived: set[int]) -> None:
    for persons, value in ((sorted(retired), True), (sorted(revived), False)):
        for at in range(0, len(persons), 500):
            Person.objects.filter(id__in=persons[at : at + 500]).update(retired=value)
