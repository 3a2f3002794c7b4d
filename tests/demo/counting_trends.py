"""The true counts behind Riverbend's trends, in all, by school and by program, and experiences, and what of them would be shown: one JSON document.
`python -m tests.demo.counting_trends EMAIL`

Only a test may look at them: it holds them against the truth. Nothing is registered, and earlier releases are left aside.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from tests.demo.counting import tables  # noqa: E402
from throughway.gate.actions import enter  # noqa: E402
from throughway.insight.experiences.actions import experiences_draft  # noqa: E402
from throughway.insight.trends import actions as trends  # noqa: E402
from throughway.partners.selectors import actor  # noqa: E402


def main(email: str) -> None:
    access = enter(actor=actor(email), purpose="community-report")
    drafts = {
        "trends": trends.REPORT.draft(access), "school-trends": trends.SCHOOL_REPORT.draft(access),
        "program-trends": trends.PROGRAM_REPORT.draft(access), "experiences": experiences_draft(access),
    }  # fmt: skip
    told = {
        name: {
            "true": tables(draft.counted.tables),
            "shown": []
            if name.endswith("-trends")
            else [
                {"at": dict(c.at), "statistic": c.statistic, "shown": c.shown}
                for table in draft.counted.protected()
                for c in table.cells
                if c.shown is not None
            ],
        }
        for name, draft in drafts.items()
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
