"""The server's background process, `python -m throughway.site.background`: reminders, and tasks that outlive a request."""

import fcntl
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from throughway.cli.process_exit import leaving
from throughway.core.database_errors import refusal_of
from throughway.core.disk_full import full, is_full
from throughway.ledger.access_channels import BACKGROUND, using_channel

LOCK = "background.lock"  # in data/; held as long as the process runs
PARENT_EVERY = 1.0  # seconds
REMIND_EVERY = (
    # Seconds: a user whose account a link takes over must learn of it soon, and nobody is reminded twice.
    300.0
)

journal = logging.getLogger("throughway.daily")


def end_with_parent() -> None:
    """Ends this process soon after its parent has ended, however the parent ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_EVERY)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def working_regularly() -> Iterator[None]:
    """Puts agreements into effect whose day has come, removes what killed processes left unfinished, destroys answers
    that have ended, and sends the reminders that are due,
    now and every few minutes.

    Its end waits for what is being done, so that a reminder that was sent is recorded, and no thread is within an extension while Python ends.
    """
    ended = threading.Event()

    def repeat() -> None:
        sealed = False
        while not ended.is_set():
            sealed = sealed or _seal_clear_text()
            _begin_decided()
            _remove_unfinished()
            _destroy_old_answers()
            _remind()
            ended.wait(REMIND_EVERY)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _seal_clear_text() -> bool:
    """Once after an upgrade there is something to seal; what an interruption leaves is sealed at the next start. Whether it was done: not
    while the database does not answer, of which the loop of tasks speaks."""
    from django.db import Error, close_old_connections

    from throughway.intake.actions import seal_clear_text
    from throughway.partners.actor import OPERATOR

    try:
        for problem in seal_clear_text(by=OPERATOR).problems:
            journal.warning(problem)
    except Error:
        return False
    except Exception as error:
        journal.warning(
            "Free text that an earlier version stored could not be sealed (%s).", type(error).__name__
        )
    finally:
        close_old_connections()
    return True


def _begin_decided() -> None:
    from django.db import Error, close_old_connections

    from throughway.agreements.actions import carry_out_decisions

    try:
        carry_out_decisions()
    except Error:
        pass  # of a database that does not answer, the loop of tasks speaks
    except Exception as error:
        journal.warning("What was decided to take effect could not be looked at (%s).", type(error).__name__)
    finally:
        close_old_connections()


def _remove_unfinished() -> None:
    from django.db import Error, close_old_connections

    from throughway.intake.uploads.actions import remove_unfinished

    try:
        remove_unfinished()
    except (Error, OSError) as error:
        journal.warning("Unfinished files could not be removed (%s).", type(error).__name__)
    finally:
        close_old_connections()


def _destroy_old_answers() -> None:
    from datetime import UTC, datetime

    from django.db import Error, close_old_connections

    from throughway.insight.desk.long_questions.actions import destroy_old

    try:
        destroy_old(datetime.now(UTC))
    except Error:
        pass  # of a database that does not answer, the loop of tasks speaks
    except Exception as error:
        journal.warning("Answers that have ended could not be destroyed (%s).", type(error).__name__)
    finally:
        close_old_connections()


def _remind() -> None:
    """None in a community without a mail server."""
    from datetime import date

    from django.conf import settings
    from django.db import close_old_connections

    from throughway.partners.actor import OPERATOR
    from throughway.site.open_steps.actions import remind

    if settings.COMMUNITY.settings.mail is None:
        return
    try:
        done = remind(on=date.today(), by=OPERATOR)
        if done.failed:
            journal.warning("The mail server takes no reminders now (%s); they are sent later.", done.failed)
    except Exception as error:
        # The site goes on; an error's own words may hold a value.
        journal.warning("Reminders could not be sent (%s).", type(error).__name__)
    finally:
        close_old_connections()


def requeue_interrupted_tasks() -> int:
    """Queues the tasks that a killed process left unfinished; running one twice is safe."""
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    return int(
        DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.READY, started_at=None
        )
    )


def is_running(data: Path) -> bool:
    """Whether a background process works for the community with this folder `data/`: the kernel releases its lock however it ends."""
    try:
        with (data / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def main() -> None:
    """Works until asked to end; among several servers of one folder only one works at a time."""
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughway.site.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    from throughway.store.actions.opening import wait_long_for_others

    wait_long_for_others()
    folder: Path = settings.COMMUNITY.data
    try:
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            requeue_interrupted_tasks()
            call_command("clearsessions", verbosity=0)
            with working_regularly(), using_channel(BACKGROUND):
                call_command("db_worker", queue_name="*", verbosity=0, startup_delay=False)
    except Exception as error:
        if os.environ.get("THROUGHWAY_DEBUG"):
            raise
        sys.exit(f"The background work stopped and will start again. {why_it_stopped(error)}")


def why_it_stopped(error: Exception) -> str:
    """One sentence for the operator; an error's own words may hold a value."""
    from django.conf import settings

    if is_full(error):
        return full().message
    known = refusal_of(error, str(settings.DATABASES["default"].get("USER", "")))
    return known.message if known else f"Something failed in it ({type(error).__name__})."


if __name__ == "__main__":
    leaving(main)
