"""Whom the reports on needs and overlaps count, as persons, before anything is added up or protected, and which persons the records are
linked to: one JSON document. `python -m tests.demo.finding_help EMAIL`

Only a test may look at them: it holds them against the truth.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from tests.demo.counting import site_referrals  # noqa: E402
from throughway.gate.actions import person_links, record_numbers  # noqa: E402
from throughway.insight.actions import report_access  # noqa: E402
from throughway.insight.needs.actions import counted_needs  # noqa: E402
from throughway.insight.overlaps.actions import counted_overlaps  # noqa: E402
from throughway.partners.selectors import actor, partners  # noqa: E402
from throughway.vocabulary.school_calendar import school_year_of  # noqa: E402

YEARS = 8  # school years


def main(email: str) -> None:
    with report_access(actor=actor(email), purpose="community-report", on=None) as access:
        this_year = school_year_of(access.on)
        years = range(this_year - YEARS + 1, this_year + 1)
        needs = [
            [each.name, each.year, str(status), int(person)]
            for each in counted_needs(access, years).needs
            for status, persons in each.outcomes.by_status.items()
            for person in persons
        ]
        overlaps = [
            [each.year, programs, int(person)]
            for each in counted_overlaps(access, years).found
            for (programs, _, _), persons in each.students.items()
            for person in persons
        ]
    links = person_links()
    person_of = dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))
    records = [
        [partner, key, person_of[number]]
        for partner in partners()
        for key, number in record_numbers(partner).items()
        if number in person_of
    ]
    json.dump(
        {
            "on": access.on.isoformat(),
            "needs": needs,
            "overlaps": overlaps,
            "records": records,
            "site": site_referrals(),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1])
