"""Prints what each person of the community reads as waiting, on the home and on the page of open steps, and the rows that wait, as they are
stored: one JSON document."""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from django.test import Client  # noqa: E402
from lxml import html  # noqa: E402

from throughway.casework.models import Task  # noqa: E402
from throughway.casework.referrals.models import Referral  # noqa: E402
from throughway.consent.models import RightEvent  # noqa: E402
from throughway.governance.models import BodyMotion, BodySeat, SeatVote  # noqa: E402
from throughway.partners.models import User  # noqa: E402

OWN = "//section[@aria-label='Next step'] | //section[@aria-label='What else is waiting']//ul/li"


def words(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


def said(client: Client, address: str) -> dict[str, object]:
    page = html.fromstring(client.get(address).content)
    return {
        "headline": words(page.xpath("//h1")[0]),
        "own": [words(each) for each in page.xpath(OWN)],
        "others": [words(each) for each in page.xpath("//ul[@class='tw-open-steps']/li")],
    }


people = {}
for user in User.objects.all():
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    pages = {"home": said(client, "/"), "open": said(client, "/open-steps/")}
    people[user.email] = {"role": user.role, "partner": user.partner_id, **pages}

json.dump(
    {
        "people": people,
        "motions": list(BodyMotion.objects.filter(is_open=True).values("id", "title", "body")),
        "seats": list(BodySeat.objects.values("id", "body", "holder", "last")),
        "votes": list(SeatVote.objects.values("motion", "seat")),
        "referrals": list(Referral.objects.values("state", "receiver", "sender", "author")),
        "tasks": list(Task.objects.values("entry_id", "version", "owner", "state", "due")),
        "rights": list(RightEvent.objects.values("code", "about", "step", "partner")),
    },
    sys.stdout,
    default=str,
)
