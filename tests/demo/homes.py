"""Prints the lines about programs on the home of a reader, and how many referrals its database has without an answer: one JSON document.
`python -m tests.demo.homes EMAIL`
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from django.test import Client  # noqa: E402
from lxml import html  # noqa: E402

from throughway.partners.models import User  # noqa: E402

client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(email=sys.argv[1]))
page = html.fromstring(client.get("/").content)
parts = {
    " ".join(section.xpath("string(h2)").split()): [
        " ".join(li.text_content().split()) for li in section.xpath(".//li")
    ]
    for section in page.xpath("//section[h2]")
}
json.dump(parts, sys.stdout)
