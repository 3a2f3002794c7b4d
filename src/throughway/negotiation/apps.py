from django.apps import AppConfig


class NegotiationConfig(AppConfig):
    name = "throughway.negotiation"

    def ready(self) -> None:
        from throughway.agreements.apps import checks_before_agree

        def holds(id: str) -> str | None:
            # Imported here, because most commands do not need it.
            from throughway.negotiation.selectors import holds_agreeing

            return holds_agreeing(id)

        checks_before_agree.append(holds)
