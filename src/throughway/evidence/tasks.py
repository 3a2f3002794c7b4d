"""Work of studies that outlives a request."""

from django_tasks import task

from throughway.evidence.actions.runs import STUDY_RUN
from throughway.partners.asked_work.actions import carry_out


@task()
def run_registered_study(asked: int) -> None:
    """Runs one study, named by its request alone; safe to run twice."""
    carry_out(STUDY_RUN, asked)
