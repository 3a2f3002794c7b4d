"""What the served site does by itself each day: it sends the reminders."""

import logging
import threading
import time

EVERY = 300.0  # seconds: who loses an account to a link learns of it soon; who was told is written down, so that looking often tells nobody twice

journal = logging.getLogger("throughway.daily")


def every_day() -> None:
    """Starts looking, now and each hour, for reminders to send; a community without a mail server sends none."""

    def look() -> None:
        while True:
            _remind()
            time.sleep(EVERY)

    threading.Thread(target=look, daemon=True).start()


def _remind() -> None:
    from datetime import date

    from django.conf import settings
    from django.db import close_old_connections

    from throughway.partners.actor import OPERATOR
    from throughway.site.open_steps.actions import remind

    if "mail" not in settings.COMMUNITY.settings:
        return
    try:
        done = remind(on=date.today(), by=OPERATOR)
        if done.failed:
            journal.warning("The mail server takes no reminders now (%s); they are sent later.", done.failed)
    except Exception as error:
        # The work of the site goes on; only the kind of fault is told.
        journal.warning("Reminders could not be sent (%s).", type(error).__name__)
    finally:
        close_old_connections()
