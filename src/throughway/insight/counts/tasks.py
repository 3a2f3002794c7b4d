"""Work of counts that outlives a request."""

from django_tasks import task

from throughway.insight.counts import actions


@task()
def count_report(asked: int) -> None:
    """Counts one report, named by its request alone; safe to run twice."""
    actions.carry_out(asked=asked)
