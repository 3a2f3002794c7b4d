from typing import Any

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "throughway.consent"

    def ready(self) -> None:
        from collections.abc import Mapping, Sequence

        from throughway.core.personal_data import (
            Gone,
            Subject,
            WaitingReason,
            forgets,
            makes_wait,
            uses_numbers,
        )

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.consent.actions import forget

            return forget(gone)

        forgets("consent", forget)  # families' decisions, by record number

        def reasons(subject: Subject) -> Sequence[WaitingReason]:
            from throughway.consent.selectors.rights import reasons_to_wait

            return reasons_to_wait(subject)

        makes_wait("consent", reasons)

        def used(partner: str) -> Sequence[Any]:
            from throughway.consent.selectors.rights import records_named

            return records_named(partner)

        uses_numbers("consent", used)  # decisions of families, and steps about their rights
