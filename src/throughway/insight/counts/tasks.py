"""Work of counts that outlives a request."""

from django_tasks import task

from throughway.insight.counts.actions import COUNT
from throughway.partners.asked_work.actions import carry_out


@task()
def count_report(asked: int) -> None:
    """Counts one report, named by its request alone; safe to run twice."""
    carry_out(COUNT, asked)
