from collections.abc import Callable

from django.apps import AppConfig

# Other packages' checks before a text counts as settled: each takes the agreement's id and returns a sentence with the reason to wait,
# or None.
checks_before_agree: list[Callable[[str], str | None]] = []


class AgreementsConfig(AppConfig):
    name = "throughway.agreements"

    def ready(self) -> None:
        from throughway.partners.apps import signed_by

        def signed(partner: str) -> bool:
            from throughway.agreements.selectors import has_signed

            return has_signed(partner)

        signed_by.append(signed)
