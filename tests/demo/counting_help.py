"""The true counts behind the reports on needs and overlaps, before they are protected: one JSON document.
`python -m tests.demo.counting_help EMAIL`

Only a test may look at them: it holds them against a count from the feeds.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from tests.demo.counting import site_referrals, tables  # noqa: E402
from throughway.insight.actions import report_access  # noqa: E402
from throughway.insight.needs.actions import needs_draft  # noqa: E402
from throughway.insight.overlaps.actions import overlaps_draft  # noqa: E402
from throughway.partners.selectors import actor  # noqa: E402


def main(email: str) -> None:
    with report_access(actor=actor(email), purpose="community-report", on=None) as access:
        overlaps = overlaps_draft(access).counted
        told = {
            "on": access.on.isoformat(), "site": site_referrals(), "needs": tables(needs_draft(access).counted.tables),
            "overlaps": tables(overlaps.tables), "overlaps_protected": [table.to_json() for table in overlaps.protected()],
        }  # fmt: skip
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
