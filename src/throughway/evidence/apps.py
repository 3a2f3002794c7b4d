from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "throughway.evidence"

    def ready(self) -> None:
        from collections.abc import Iterator, Mapping
        from typing import Any

        from throughway.publication.sentences import tells

        def sentences(about: Mapping[str, Any]) -> Iterator[str]:
            from throughway.evidence.report_lines import sentences
            from throughway.evidence.verdict import as_of_today

            yield from sentences(as_of_today(about["finding"]))

        tells("studies:finding", sentences)
