"""A question that one student answers and one that nobody does are refused in the same words: what differs would tell what the student is."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from tests.gate import making
from throughway.cli import main
from throughway.store import Community

DAY = date(2026, 8, 3)
ASKED = (
    "-- Absences\nSELECT count(DISTINCT person_id) AS n FROM attendance_day WHERE attendance_status = '{}'"
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("more", [("--preview",), ()])
def test_one_student_and_nobody_are_one_answer(community: Community, more: tuple[str, ...]) -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()
    rows = [
        {"person_record": n, "attendance_event_date": DAY, "attendance_status": "Present"}
        for n in range(101, 130)
    ]
    rows.append({"person_record": 100, "attendance_event_date": DAY, "attendance_status": "UnexcusedAbsence"})
    making.land("attendance_day", "north", rows)
    told = []
    for status in ("UnexcusedAbsence", "ExcusedAbsence"):
        file = community.root.parent / "question.sql"
        file.write_text(ASKED.format(status))
        words = ["--community", str(community.root), "report", str(file), "--as", "evaluator@hub.example"]
        done = CliRunner().invoke(main, [*words, "--purpose", "counting", *more, "--json"])
        answer = json.loads(done.stdout)
        answer.pop("disclosures", None)
        if more:
            assert answer["told"] == "Fewer than 5 figures, or none, would be shown."
            del answer["question"]["sql"], answer["question"]["sha256"]
        else:
            assert answer["error"]["code"] == "no_figures"
        told.append((done.exit_code, answer))
    assert told[0] == told[1]
