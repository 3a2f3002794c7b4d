"""Prints the title of a reader's home, or of another page, its numbers with what they count, and its lines by heading: one JSON document.
`python -m tests.demo.homes EMAIL [ADDRESS]`
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
page = html.fromstring(client.get(sys.argv[2] if len(sys.argv) > 2 else "/").content)
parts = {
    " ".join(section.xpath("string(h2)").split()): [
        " ".join(li.text_content().split()) for li in section.xpath(".//li")
    ]
    for section in page.xpath("//section[h2]")
}
numbers = [
    " ".join(f"{item.xpath('string(dd)')} {item.xpath('string(dt)')}".split())
    for item in page.xpath("//dl[contains(@class, 'tw-numbers')]/div")
]
json.dump({"numbers": numbers, "h1": [" ".join(page.xpath("string(//h1)").split())], **parts}, sys.stdout)
