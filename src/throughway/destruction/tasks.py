"""Work of destruction that outlives a request."""

from django_tasks import task

from throughway.destruction import actions


@task()
def carry_out(id: str) -> None:
    """Carries out one order, named by its id alone; safe to run twice."""
    actions.go_on(id=id)
