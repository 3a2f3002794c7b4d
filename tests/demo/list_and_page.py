"""Prints what a case worker's list and each student's page say, and the attendance rows that the gate hands the same reader."""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from datetime import date  # noqa: E402

from django.test import Client  # noqa: E402
from lxml import html  # noqa: E402

from throughway.gate.actions import enter  # noqa: E402
from throughway.partners.models import User  # noqa: E402
from throughway.partners.selectors import actor  # noqa: E402

email = sys.argv[1]
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(email=email))


def text(node: html.HtmlElement, path: str) -> str:
    found = node.xpath(path)
    return " ".join(found[0].text_content().split()) if found else ""


def listed(item: html.HtmlElement) -> dict[str, str]:
    return {
        "href": item.xpath(".//a/@href")[0],
        "name": text(item, ".//p[contains(@class, 'tw-student-name')]"),
        "where": text(item, ".//p[@class='tw-quiet']"),
        "attendance": text(item, "./div[2]/p[not(contains(@class, 'tw-student-next'))]"),
        "next": text(item, ".//p[contains(@class, 'tw-student-next')]").removeprefix("Next: "),
    }


def shown(href: str) -> dict[str, object]:
    page = html.fromstring(client.get(href).content)
    return {
        "name": text(page, "//h1"),
        "details": text(page, "//div[contains(@class, 'tw-name')]/div[1]/p"),
        "attendance": text(page, "//section[@id='attendance']/p"),
        "next": text(page, "//h2[@id='next']").removeprefix("Next: "),
        "why": text(page, "//section[contains(@class, 'tw-next')]/p"),
        "supports": [
            text(item, ".")
            for item in page.xpath("//section[@id='supports']//li[contains(@class, 'tw-fit')]")
        ],
        "every_support": [
            text(item, ".")
            for item in html.fromstring(client.get(f"{href}supports/").content).xpath(
                "//section[@aria-labelledby='fits']//li[contains(@class, 'tw-fit')]"
            )
        ],
        "strengths": text(page, "//section[contains(@class, 'tw-strengths')]"),
        "results": [text(row, ".") for row in page.xpath("//section[@id='results']//tbody/tr")],
    }


def searched(name: str) -> dict[str, str]:
    """By the address of the student’s page, what the search says is next."""
    page = html.fromstring(client.post("/search/", {"words": name}).content)
    return {
        item.xpath("./a/@href")[0]: text(item, ".//p[contains(@class, 'tw-student-next')]").removeprefix(
            "Next: "
        )
        for item in page.xpath("//section[@aria-labelledby='students']//li")
    }


def home() -> dict[str, list[list[str]]]:
    """What the home says of students: each step with who it is about, and each task with its student."""
    page = html.fromstring(client.get("/").content)
    lines = page.xpath("//ul[contains(@class, 'tw-waiting') and not(contains(@class, 'tw-task-lines'))]/li")
    tasks = page.xpath("//ul[contains(@class, 'tw-task-lines')]/li")
    return {
        "next": [[text(page, "//*[contains(@class, 'tw-waits')]")]],
        "steps": [[text(line, "."), *line.xpath(".//a/@href")] for line in lines],
        "tasks": [
            [
                text(line, ".//p[@class='tw-strong']"),
                line.xpath(".//p[@class='tw-quiet']/a/@href")[0],
                text(line, ".//p[@class='tw-quiet']"),
            ]
            for line in tasks
        ],
    }


def home_of(email: str) -> str:
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email=email))
    return " ".join(html.fromstring(client.get("/").content).text_content().split())


students = [
    listed(li)
    for li in html.fromstring(client.get("/students/").content).xpath("//ul[@class='tw-students']/li")
]
access = enter(actor=actor(email), purpose="casework")
marks = access.query(
    "SELECT person_id, attendance_event_date, attendance_status, attendance_event_type, attendance_event_duration_day"
    " FROM attendance_day"
)
results = access.query(
    "SELECT person_id, assessment_administration_start_date, coalesce(assessment_title, assessment_identifier),"
    " assessment_performance_level_label, assessment_result_score_value FROM assessment_result"
)
spells = access.query("SELECT person_id, enrollment_entry_date, entry_grade_level FROM school_enrollment")
json.dump(
    {
        "today": date.today(),
        "steward": home_of(sys.argv[2]),
        "home": home(),
        "students": [
            {**s, "page": shown(s["href"]), "search": searched(s["name"]).get(s["href"])} for s in students
        ],
        "marks": marks.rows,
        "results": results.rows,
        "spells": spells.rows,
    },
    sys.stdout,
    default=str,
)
