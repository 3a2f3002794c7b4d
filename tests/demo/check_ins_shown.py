"""Prints the needs on the page of each student of a case worker, and the person of each participant's key on the worker's caseload."""

import csv
import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from lxml import html  # noqa: E402

from throughway.demo.partners import BRIGHT  # noqa: E402
from throughway.ledger.actions.student_disclosures import person_of  # noqa: E402
from throughway.partners.models import User  # noqa: E402
from throughway.partners.selectors import actor  # noqa: E402

worker, officer = sys.argv[1:]
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(email=worker))


def needs(href: str) -> list[str]:
    page = html.fromstring(client.get(href).content)
    return [" ".join(each.text_content().split()) for each in page.xpath("//section[@id='needs']/ul/li")]


listed = html.fromstring(client.get("/students/").content).xpath("//ul[@class='tw-students']/li")
hrefs = [item.xpath(".//a/@href")[0] for item in listed]
with (settings.COMMUNITY.root / "caseloads.csv").open(encoding="utf-8", newline="") as file:
    keys = {line["record_key"] for line in csv.DictReader(file) if line["email"] == worker}
json.dump(
    {
        "needs": {href.strip("/").rpartition("/")[2]: needs(href) for href in hrefs},
        "persons": {key: person_of(partner=BRIGHT, record_key=key, by=actor(officer)) for key in keys},
    },
    sys.stdout,
)
