"""Who may open which address: the table, and how it is found out.

`python -m tests.site.access > tests/site/access.csv` prints it anew, for review.
"""

import contextlib
import csv
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import URLPattern, URLResolver, get_resolver

from tests.site.people import program, settle, signed_in
from throughway.partners import Role
from throughway.store import Community

TABLE = Path(__file__).with_name("access.csv")
WHO = ("stranger", *(role.value for role in Role))
EXAMPLES = {"int": "1", "slug": "nowhere", "str": "nowhere", "uuid": "00000000-0000-4000-8000-000000000000",
            "path": "nowhere"}  # fmt: skip


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    view: Callable[..., Any]

    @property
    def allowed(self) -> frozenset[str] | None:
        """The roles that the screen names; None for a page that is no screen of a room."""
        return getattr(self.view, "allowed", None)

    @property
    def is_for_programs(self) -> bool:
        return self.path.startswith("/api/")


def addresses() -> list[Address]:
    """Every address of the site, with an example for each part that varies."""
    return sorted(_within(get_resolver(), "", "/"), key=lambda address: address.name)


def _within(resolver: URLResolver, space: str, prefix: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        path = prefix + _example(pattern)
        if isinstance(pattern, URLResolver):
            yield from _within(pattern, f"{pattern.namespace}:" if pattern.namespace else space, path)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{path} has no name"
            yield Address(space + pattern.name, path, pattern.callback)


def _example(pattern: URLPattern | URLResolver) -> str:
    route = str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        for written in (f"<{kind}:{name}>", f"<{name}>"):
            route = route.replace(written, EXAMPLES[kind])
    assert "<" not in route, route
    return route


def outcome(client: Client, address: Address) -> str:
    """What one who asks is answered: `signin`, `token` where a program must show one, `404` or `ok`."""
    response = client.get(address.path)
    if response.status_code == 401:
        return "token"
    if response.status_code == 302 and response.headers["Location"].split("?")[0] == "/sign-in/":
        return "signin"
    if address.name == "health":  # open to everybody; no background process runs beside this test
        assert response.status_code == 503
        return "ok"
    assert response.status_code in (200, 302, 403, 404, 405), f"{address.name} answers {response.status_code}"
    return "404" if response.status_code == 404 else "ok"


def found() -> dict[str, dict[str, str]]:
    """The table as the site answers today: what a role may open is what the screen says, all else is tried."""
    people = settle()
    stranger = {"stranger": Client()}
    browsers = stranger | {role.value: signed_in(actor) for role, actor in people.items()}
    programs = stranger | {role.value: program(actor) for role, actor in people.items()}
    return {
        address.name: {
            who: "ok" if address.allowed and who in address.allowed else outcome(asking, address)
            for who, asking in (programs if address.is_for_programs else browsers).items()
        }
        for address in addresses()
    }


def written() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row.pop("name"): row for row in csv.DictReader(file)}


def print_anew() -> None:
    """Prints the table, on a database and in a folder that are thrown away."""
    setup_test_environment()
    with contextlib.redirect_stdout(sys.stderr):
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    with tempfile.TemporaryDirectory() as folder:
        settings.COMMUNITY = Community(Path(folder) / "community")
        settings.COMMUNITY.make(name="Testville")
        table = csv.DictWriter(sys.stdout, ["name", *WHO], lineterminator="\n")
        table.writeheader()
        for name, row in found().items():
            table.writerow({"name": name, **row})
