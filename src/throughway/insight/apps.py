from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "throughway.insight"

    def ready(self) -> None:
        from collections.abc import Mapping

        from throughway.core.personal_data import Gone, forgets

        def forget(gone: Gone) -> Mapping[str, int]:
            from throughway.insight.comments.actions import forget_codings
            from throughway.insight.desk.long_questions.actions import forget_long_questions

            return {**forget_codings(gone), **forget_long_questions(gone)}

        forgets("insight", forget)
        _tell()


# The pages that draw a release of this room.
PAGES = (
    "insight",
    "services",
    "needs",
    "overlaps",
    "reach",
    "trends",
    "school-trends",
    "program-trends",
    "experiences",
)


def _tell() -> None:
    """Says how the registry words a release of this room: as its pages do."""
    from collections.abc import Iterable, Mapping
    from typing import Any

    from throughway.publication.sentences import tells

    def sentences(found: Any) -> Iterable[str]:
        from throughway.insight.reports.actions import sentences

        return sentences(found)

    def value(at: Mapping[str, str], dimension: str) -> str:
        from throughway.insight.named_years import value_words

        return value_words(at, dimension)

    for page in PAGES:
        tells(f"{page}:release", sentences, value)
