from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "throughway.publication"
    # The app label of communities created before the package was renamed: tables and migrations use it.
    label = "disclosure"

    def ready(self) -> None:
        from collections.abc import Collection, Sequence

        from throughway.core.personal_data import Gone, forgets, knows_resting
        from throughway.partners import Actor

        def forget(gone: Gone) -> dict[str, int]:
            from throughway.publication.actions import forget_members

            return forget_members(gone)

        def resting(loads: Collection[str], reader: Actor) -> Sequence[str]:
            from throughway.publication.selectors import releases_resting_on

            return releases_resting_on(loads, reader)

        knows_resting("publication", resting)
        forgets("publication", forget)
