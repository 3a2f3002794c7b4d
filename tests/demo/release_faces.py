"""Prints, of one release of every kind of report, what is registered and what each of its pages and files says: one JSON document.
`python -m tests.demo.release_faces EMAIL`

A kind of which the demo publishes nothing, since its figures would all be withheld in so small a town, is registered in a transaction that
is undone, with figures of which every fifth is withheld and every seventh a range.
"""

import base64
import json
import os
import sys
from collections.abc import Callable
from types import SimpleNamespace

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from datetime import UTC, date, datetime  # noqa: E402

from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402

from throughway.insight.actions import report_access  # noqa: E402
from throughway.insight.reports.actions import report_kind  # noqa: E402
from throughway.insight.reports.selectors import newest_of  # noqa: E402
from throughway.partners import OPERATOR  # noqa: E402
from throughway.partners.models import User  # noqa: E402
from throughway.partners.selectors import actor  # noqa: E402
from throughway.publication import ProtectedCell, ProtectedTable, RawTable  # noqa: E402
from throughway.publication.models import Release  # noqa: E402
from throughway.publication.selectors import Published, published, release_to_json  # noqa: E402

KINDS = ("pipeline", "services", "needs", "overlaps", "reach", "trends", "school-trends", "program-trends", "experiences")  # fmt: skip
FILES = ("release.html", "release.pdf", "tables.xlsx", "tables.csv", "tables.json")
SQL = "SELECT school, count(*) FROM school_enrollment"


def as_shown(table: RawTable) -> ProtectedTable:
    def shown(n: int, cell: object) -> int | str | None:
        if cell.statistic == "rate":  # type: ignore[attr-defined]
            return None if n % 5 == 4 else 40
        return None if n % 5 == 4 else "0–20" if n % 7 == 6 else cell.count  # type: ignore[attr-defined]

    cells = (ProtectedCell(c.at, c.statistic, shown(n, c)) for n, c in enumerate(table.cells))
    return ProtectedTable(table.title, table.by, tuple(cells))


def counted(
    kind: str, email: str, shown: Callable[[RawTable], ProtectedTable] = as_shown
) -> tuple[str, str, tuple[ProtectedTable, ...], dict[str, object], date]:
    """What a release of a kind would be registered with: kind, title, tables, what is stored besides figures, day. `shown`: in place of
    the protection."""
    with report_access(actor=actor(email), purpose="community-report", on=None) as access:
        draft = report_kind(kind).draft(access)
        tables = tuple(map(shown, draft.counted.tables))
        joint = SimpleNamespace(tables=tables, repeats={}, amounts_shown=lambda found: found)
        body = draft.compose(joint)  # type: ignore[arg-type]
        about = {**draft.common, **body.about, "report": kind}
        return kind, draft.title, (*tables, *body.tables), about, access.on


def row(kind: str, title: str, tables: tuple[ProtectedTable, ...], about: dict[str, object], on: date) -> Published:  # fmt: skip
    id = f"TEST{kind[:4].upper().replace('-', 'X')}"
    Release.objects.create(
        id=id, title=title, at=datetime.now(UTC), by="operator", partner="", purpose="community-report", on_day=on, agreements=[],
        minimum_cell=10, disclosures=[], tables=[t.to_json() for t in tables], about=about, review_days=0, disclosers=[], certificate={},
    )  # fmt: skip
    return published(id, OPERATOR)


def asked(like: Published) -> Published:
    """A question of somebody's own, whose columns are as its SQL names them."""
    table = ProtectedTable("Students", ("school",), tuple(ProtectedCell({"school": name}, "students", n) for name, n in (("Elm", 25), ("Oak", None))))  # fmt: skip
    about = {**like.about, "report": "question", "question": {"sql": SQL, "sha256": "a" * 64, "notes": ["Students without a school are left out."]}}  # fmt: skip
    about.pop("page")
    return row("question", "Students by school", (table,), about, like.on)


def faces(client: Client, found: Published) -> dict[str, object]:
    files = {name: client.get(f"/releases/{found.id}/{name}") for name in FILES}
    assert {each.status_code for each in files.values()} == {200}
    drawn = client.get(f"/{'pipeline' if found.about['report'] == 'pipeline' else found.about['report']}/{found.id}/")  # fmt: skip
    return {
        "id": found.id, "title": found.title, "on": found.on.isoformat(), "document": release_to_json(found),
        "page": client.get(f"/releases/{found.id}/").content.decode(), "drawn": drawn.content.decode() if drawn.status_code == 200 else "",
        **{name: base64.b64encode(each.content).decode() for name, each in files.items()},
    }  # fmt: skip


def main(email: str) -> None:
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email=email))
    public = {kind: found for kind in KINDS if (found := newest_of(kind))}
    others = [counted(kind, email) for kind in KINDS if kind not in public]
    with transaction.atomic():
        found = public | {each[0]: row(*each) for each in others} | {"question": asked(public["needs"])}
        told = {kind: faces(client, each) for kind, each in found.items()}
        transaction.set_rollback(True)
    json.dump(told, sys.stdout, default=str)


if __name__ == "__main__":
    main(sys.argv[1])
