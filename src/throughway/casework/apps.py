from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CaseworkConfig(AppConfig):
    name = "throughway.casework"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from collections.abc import Mapping

        from throughway.casework.contact_notes.note import TABLE
        from throughway.casework.contact_notes.selectors import NoteRows, returned_notes, typed_about
        from throughway.casework.triggers import VERSIONS
        from throughway.core.personal_data import Gone, forgets, keeps_typed
        from throughway.store.typed_rows import register

        register(TABLE, NoteRows())

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.casework.contact_notes.actions import forget

            return forget(gone)

        forgets("casework", forget)
        keeps_typed(TABLE, returned_notes, typed_about)
        post_migrate.connect(VERSIONS.after_migrate, sender=self, weak=False)
