from typing import Any

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "throughway.casework"

    def ready(self) -> None:
        from collections.abc import Mapping, Sequence

        from throughway.casework.contact_notes.selectors import NOTES
        from throughway.casework.needs.selectors import NEEDS
        from throughway.casework.referrals.typed_table import EVENTS
        from throughway.casework.sessions.selectors.entries import MARKS, WALK_INS
        from throughway.casework.student_tasks.typed_table import TASKS
        from throughway.casework.typed_entries.selectors import register_entries
        from throughway.core.personal_data import (
            Gone,
            Subject,
            WaitingReason,
            forgets,
            makes_wait,
            uses_numbers,
        )

        for entries in (NOTES, TASKS, NEEDS, EVENTS, MARKS, WALK_INS):
            register_entries(entries)

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.casework.program_entry.actions import forget_entries
            from throughway.casework.referrals.actions import forget_ended
            from throughway.casework.typed_entries.actions import forget

            forgotten = dict(forget(gone))
            forget_ended()
            if entered := forget_entries(gone):
                forgotten["lines about students entered on the site"] = entered
            return forgotten

        forgets("casework", forget)

        def used(partner: str) -> Sequence[Any]:
            from throughway.casework.program_entry.actions import records_with_entries
            from throughway.casework.typed_entries.selectors import records_typed_about

            return [records_typed_about(partner), records_with_entries(partner)]

        uses_numbers("casework", used)

        def reasons(subject: Subject) -> list[WaitingReason]:
            from throughway.casework.typed_entries.selectors import reasons_to_wait

            return reasons_to_wait(subject)

        makes_wait("casework", reasons)
