from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "throughway.publication"
    # The app label of communities created before the package was renamed: tables and migrations use it.
    label = "disclosure"

    def ready(self) -> None:
        from throughway.core.personal_data import Gone, forgets

        def forget(gone: Gone) -> dict[str, int]:
            from throughway.publication.actions import forget_members

            return forget_members(gone)

        forgets("publication", forget)
