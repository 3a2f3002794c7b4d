from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "throughway.evidence"

    def ready(self) -> None:
        from collections.abc import Iterator
        from typing import Any

        from throughway.publication.sentences import tells

        def sentences(found: Any) -> Iterator[str]:
            from throughway.evidence.report_lines import sentences
            from throughway.evidence.verdict import as_of_today

            yield from sentences(as_of_today(found.about["finding"]))

        tells("studies:finding", sentences)
