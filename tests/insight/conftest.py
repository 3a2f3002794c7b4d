"""What the tests of the report share: the same tables are protected once for a whole module."""

from collections.abc import Callable

import pytest

from throughway.publication import ProtectedTable
from throughway.publication.protection import protect


@pytest.fixture(scope="module")
def protected_once() -> Callable[..., tuple[ProtectedTable, ...]]:
    known: list[tuple[ProtectedTable, ...]] = []

    def once(tables: object, **how: object) -> tuple[ProtectedTable, ...]:
        if not known:
            known.append(protect(tables, **how))  # type: ignore[arg-type]
        return known[0]

    return once
