"""The demonstration's findings and trends follow in the site's background process, each as a task of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.conftest import Riverbend
from tests.town import Fresh, Town

WORK = """
from django.core.management import call_command
from throughway.demo.tasks import publish_trends
publish_trends.enqueue()
call_command("db_worker", queue_name="*", batch=True, interval=0, verbosity=0, startup_delay=False)
from django_tasks_db.models import DBTaskResult
for row in DBTaskResult.objects.filter(task_path__endswith="publish_trends").order_by("enqueued_at"):
    print(row.status, *row.args_kwargs["args"])
"""


@pytest.fixture
def copy(riverbend: Riverbend, tmp_path: Path, own_database: Fresh) -> Iterator[Town]:
    """A community of its own, since its releases would be compared with those of other tests. So few students are in a class that five classes
    are counted together; without a target, whose class would have to be the last of five."""
    shutil.copytree(riverbend.folder, tmp_path / "riverbend")
    choices = tmp_path / "riverbend" / "trends.yaml"
    text = choices.read_text(encoding="utf-8")
    together = "together: {readiness: 5, reading: 5, math: 5, graduation: 5, enrollment: 5}\n"
    choices.write_text(
        text[: text.index("targets:")] + text[text.index("surveys:") :] + together, encoding="utf-8"
    )
    with own_database(like=riverbend.town.database) as database:
        yield Town(tmp_path / "riverbend", database)


def test_each_report_on_trends_is_published_or_too_small(copy: Town) -> None:
    before = {each["title"] for each in copy.ask("publish", "list")["releases"]}
    assert copy.said(WORK).splitlines() == [
        "SUCCESSFUL", "SUCCESSFUL school-trends", "SUCCESSFUL program-trends",
    ]  # fmt: skip
    after = {each["title"]: each for each in copy.ask("publish", "list")["releases"]}
    new = after.keys() - before
    assert new <= {"Trends", "Trends by school", "Trends by program"}
    assert new
    for title in new:
        assert after[title]["state"] == "public"
        shown = copy.ask("publish", "show", after[title]["id"])["tables"]
        assert any(isinstance(cell["shown"], int) for table in shown for cell in table["cells"])


STUDY = """
from django.core.management import call_command
from throughway.demo.tasks import run_studies
run_studies.enqueue()
call_command("db_worker", queue_name="*", batch=True, interval=0, verbosity=0, startup_delay=False)
from django_tasks_db.models import DBTaskResult
for row in DBTaskResult.objects.filter(task_path__endswith="run_studies").order_by("enqueued_at"):
    print(row.status, *row.args_kwargs["args"])
"""


def test_each_study_is_run_or_the_town_is_too_small(copy: Town) -> None:
    """The council has set the smallest effects by a decision that passed, in time for every study."""
    found = copy.ask("study", "list")["studies"]
    assert len(found) == 6
    assert {each["state"] for each in found} == {"registered"}
    decisions = {each["number"]: each for each in copy.ask("governance", "decision", "list")["decisions"]}
    text = (copy.root / "throughway.toml").read_text(encoding="utf-8")
    (number,) = {int(line.split(" = ")[1]) for line in text.splitlines() if line.startswith("decision = ")}
    assert decisions[number]["result"] == "passed"
    assert copy.said(STUDY).splitlines() == [
        "SUCCESSFUL",
        *(f"SUCCESSFUL {number}" for number in range(1, 6)),
    ]
    states = [each["state"] for each in copy.ask("study", "list")["studies"]]
    public = [each for each in copy.ask("publish", "list")["releases"] if each["title"].endswith("?")]
    assert states.count("found") == len(public)
    assert all(each["state"] == "public" for each in public)
