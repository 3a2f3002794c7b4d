"""Work of linkage that outlives a request."""

from django_tasks import task

from throughway.identity.actions.asked_linkage import LINKAGE
from throughway.partners.asked_work.actions import carry_out


@task()
def link_records(asked: int) -> None:
    """Links records, named by the request alone; safe to run twice."""
    carry_out(LINKAGE, asked)
