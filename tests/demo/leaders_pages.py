"""Prints what leaders' pages show where no figure is withheld: one JSON document.
`python -m tests.demo.leaders_pages STEWARD WORKER READER...` `STEWARD` counts them; of `WORKER`, the pages of five students.

In so small a town nearly every figure is withheld, and no page would say a number that could be recounted. So a release of each kind is
registered with its true counts, in a transaction that is undone, and every page reads it as any other. Only a test may look at them.
Homes are of leaders alone: those of others ask the gate, which no transaction may.
"""

import json
import os
import re
import sys
from datetime import date

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402
from lxml import html  # noqa: E402

from tests.demo.release_faces import KINDS, counted, row  # noqa: E402
from throughway.partners import Role  # noqa: E402
from throughway.partners.models import User  # noqa: E402
from throughway.partners.selectors import actor  # noqa: E402
from throughway.publication import ProtectedCell, ProtectedTable, RawTable  # noqa: E402

REPORTS = ("pipeline", "services", "needs", "overlaps", "reach", "trends", "school-trends", "experiences")


def true(table: RawTable) -> ProtectedTable:
    """The counts as they are, and rates in whole percent."""
    cells = (
        ProtectedCell(c.at, c.statistic, c.count if c.statistic == "students" else (200 * c.numerator + c.denominator) // (2 * c.denominator) if c.denominator else None)
        for c in table.cells
    )  # fmt: skip
    return ProtectedTable(table.title, table.by, tuple(cells))


def text(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


def shown(client: Client, address: str) -> dict[str, object]:
    """A page: its heading, its first sentences, its numbers with what they count, its lines by heading, and its tables' rows by caption."""
    answer = client.get(address)
    page = html.fromstring(answer.content)
    return {
        "status": answer.status_code,
        "h1": [text(each) for each in page.xpath("//h1")],
        "lead": [text(each) for each in page.xpath("//p[contains(@class, 'tw-lead')]")],
        "numbers": [
            [text(div.xpath("./dd")[0]), text(div.xpath("./dt")[0])]
            for div in page.xpath("//dl[contains(@class, 'tw-numbers')]/div")
        ],
        "lines": {
            text(section.xpath("./h2")[0]): [text(li) for li in section.xpath(".//li")]
            for section in page.xpath("//section[h2]")
        },
        "texts": [text(each) for each in page.xpath("//main//p")],
        "tables": {
            text(table.xpath("./caption")[0]): [
                [text(th) for th in table.xpath("./thead/tr/th")],
                *([text(cell) for cell in tr.xpath("./th|./td")] for tr in table.xpath("./tbody/tr")),
            ]
            for table in page.xpath("//table[caption]")
        },
    }


def signed_in(email: str) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email=email))
    return client


def directory() -> dict[str, str]:
    """The public directory to somebody who has not signed in: the seats of each program in words."""
    page = html.fromstring(Client(SERVER_NAME="localhost").get("/directory/").content)
    return {
        text(li.xpath(".//a")[0]): " ".join(t for p in li.xpath(".//p") if re.search("seat|season", t := text(p), re.IGNORECASE))
        for li in page.xpath("//li[.//a[contains(@href, '/directory/')]]")
    }  # fmt: skip


def main(email: str, worker: str, readers: list[str]) -> None:
    made = [counted(kind, email, true) for kind in KINDS]
    students = signed_in(worker)
    links = html.fromstring(students.get("/students/").content).xpath(
        "//ul[@class='tw-students']/li//a/@href"
    )
    told = {
        "on": made[0][4], "today": date.today(), "steward": shown(signed_in(email), "/"), "directory": directory(),
        "students": [shown(students, link) for link in links[:5]],
        "headings": next(each[3]["headings"] for each in made if each[0] == "pipeline"),
    }  # fmt: skip
    with transaction.atomic():
        for each in made:
            row(*each)
        clients = {reader: signed_in(reader) for reader in readers}
        told |= {
            "readers": {reader: shown(client, "/month/") for reader, client in clients.items()},
            "homes": {reader: shown(client, "/") for reader, client in clients.items() if actor(reader).role == Role.LEADER},
            "reports": {kind: shown(clients[readers[0]], f"/{kind}/") for kind in REPORTS},
        }  # fmt: skip
        transaction.set_rollback(True)
    json.dump(told, sys.stdout, default=str)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
