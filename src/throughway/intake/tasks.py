"""Work of intake that outlives a request."""

from django_tasks import task

from throughway.intake.uploads import actions


@task()
def load_upload(id: str) -> None:
    """Loads one upload, named by its id alone; safe to run twice."""
    actions.load(id=id)
