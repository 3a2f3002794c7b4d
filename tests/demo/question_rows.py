"""The granted rows behind the demo's questions, table by table: one JSON document. `python -m tests.demo.question_rows EMAIL`

Only a test may look at them: it counts them in plain Python, and holds the published figures against that.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from throughway.gate.actions import enter  # noqa: E402
from throughway.partners.selectors import actor  # noqa: E402

ROWS = {
    "participation": "SELECT person_id, program_participation_start_date AS first FROM program_participation",
    "enrollment": "SELECT person_id, organization_id, school_year, enrollment_entry_date AS first FROM school_enrollment",
    "attendance": "SELECT person_id, attendance_event_date AS day, attendance_status AS status FROM attendance_day",
    "organization": "SELECT organization_id, organization_name AS name FROM organization",
    "service": "SELECT person_id, service_quantity AS minutes FROM service_received WHERE service_quantity_unit = 'minute'",
    "race": "SELECT person_id, race FROM person_race",
}


def main(email: str) -> None:
    access = enter(actor=actor(email), purpose="community-report")
    rows = {name: access.figures(sql)[0].to_pylist() for name, sql in ROWS.items()}
    json.dump(rows, sys.stdout, default=str)


if __name__ == "__main__":
    main(sys.argv[1])
