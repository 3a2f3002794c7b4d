"""The process that does the work which outlives a request: `python -m throughway.site.background`."""

import fcntl
import os
from pathlib import Path

from throughway.ledger.channels import BACKGROUND, using_channel
from throughway.site.daily import every_day
from throughway.site.parent_watch import end_with_parent


def take_up_again() -> int:
    """Queues what a killed process left half done: tasks are written so that doing them again is safe."""
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    return int(
        DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.READY, started_at=None
        )
    )


def main() -> None:
    """Works until asked to end. Of several servers of one folder only one works at a time."""
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughway.site.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    folder: Path = settings.COMMUNITY.data
    with (folder / "background.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        take_up_again()
        call_command("clearsessions", verbosity=0)
        every_day()
        with using_channel(BACKGROUND):
            call_command("db_worker", queue_name="*", verbosity=0, startup_delay=False)


if __name__ == "__main__":
    main()
