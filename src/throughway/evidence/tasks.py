"""Work of studies that outlives a request."""

from django_tasks import task

from throughway.evidence.actions import runs


@task()
def run_registered_study(run: int) -> None:
    """Runs one study, named by its request alone; safe to run twice."""
    runs.carry_out(run=run)
