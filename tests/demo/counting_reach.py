"""The true counts behind a report of reach, before they are protected, and what protection shows of them: one JSON document.
`python -m tests.demo.counting_reach EMAIL`

Only a test may look at them: it holds them against the truth, and what was shown against them.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from tests.demo.counting import tables  # noqa: E402
from throughway.gate.actions import enter  # noqa: E402
from throughway.insight.reach import counting  # noqa: E402
from throughway.insight.reach.actions import reach_draft  # noqa: E402
from throughway.partners.selectors import actor  # noqa: E402


def main(email: str) -> None:
    access = enter(actor=actor(email), purpose="community-report")
    counting.MANY = counting.MONTHS_FROM = (
        1  # as where many are enrolled: by every kind of group, and by month
    )
    counted = reach_draft(access).counted
    told = {
        "on": access.on.isoformat(), "reach": tables(counted.tables),
        "protected": [table.to_json() for table in counted.protected()],
    }  # fmt: skip
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
