"""Work of linkage that outlives a request."""

from django_tasks import task

from throughway.identity.actions import asked_linkage


@task()
def link_records(asked: int) -> None:
    """Links records, named by the request alone; safe to run twice."""
    asked_linkage.carry_out(asked=asked)
