"""What became of work that was handed to the background process."""

from django_tasks import TaskResultStatus, default_task_backend
from django_tasks.exceptions import TaskResultDoesNotExist


def is_lost(task: str) -> bool:
    """Whether the task of this id will not be carried out any more: it failed, or the background process does not know it."""
    try:
        status = default_task_backend.get_result(task).status
    except TaskResultDoesNotExist:
        return True
    return status not in (TaskResultStatus.READY, TaskResultStatus.RUNNING)
