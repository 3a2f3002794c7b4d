"""The granted rows behind the demo's questions, and the counts of one before protection: one JSON document. `python -m tests.demo.question_rows EMAIL FILE`

Only a test may look at them: it counts them in plain Python, and holds the published figures against that.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from throughway.gate.actions import GovernedAccess, enter  # noqa: E402
from throughway.insight.questions.question import question  # noqa: E402
from throughway.insight.questions.tables import question_tables  # noqa: E402
from throughway.partners.selectors import actor  # noqa: E402

ROWS = {
    "participation": "SELECT person_id, program_participation_start_date AS first FROM program_participation",
    "enrollment": "SELECT person_id, organization_id, school_year, enrollment_entry_date AS first FROM school_enrollment",
    "attendance": "SELECT person_id, attendance_event_date AS day, attendance_status AS status FROM attendance_day",
    "organization": "SELECT organization_id, organization_name AS name FROM organization",
    "service": "SELECT person_id, service_quantity AS minutes FROM service_received WHERE service_quantity_unit = 'minute'",
    "race": "SELECT person_id, race FROM person_race",
}


def counted(access: GovernedAccess, file: Path) -> list[dict[str, Any]]:
    """Every count of a question, as it is before protection."""
    asked = question(file.read_text(encoding="utf-8"))
    tables = question_tables(asked, access.figures(asked.by_student)[0]).tables
    return [
        {"at": dict(c.at), "count": c.count} for t in tables for c in t.cells if c.statistic == "students"
    ]


def main(email: str, file: str) -> None:
    access = enter(actor=actor(email), purpose="community-report")
    rows = {name: access.figures(sql)[0].to_pylist() for name, sql in ROWS.items()}
    rows["before protection"] = counted(access, Path(file))
    json.dump(rows, sys.stdout, default=str)


if __name__ == "__main__":
    main(*sys.argv[1:])
