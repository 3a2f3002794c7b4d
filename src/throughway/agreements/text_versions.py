"""The texts of one agreement in the order in which they were, or may come to be, in effect.

Until a text is activated, a changed one takes its place; an amendment is a version of its own beside the one in effect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.document import AgreementDocument
from throughway.agreements.states import TEXT_ACTS, AgreementAct, LifecycleEvent


@dataclass(frozen=True)
class TextVersion:
    """`begun` and `texted`: the places among the events of its first text and of its present one; `until`: the place
    of the first text after it.

    `begins`: the day from which the text holds, once activated; None for the first text, which holds from the day that it
    names.
    """

    version: str
    document: AgreementDocument
    begun: int
    texted: int
    until: int
    activated: bool = False
    begins: date | None = None


def text_versions(
    documents: Mapping[str, AgreementDocument], versions: Sequence[str], events: Sequence[LifecycleEvent]
) -> tuple[TextVersion, ...]:
    """Never empty: where no event brought a text, the newest one counts."""
    found: list[list[tuple[int, str]]] = []
    activations: dict[int, LifecycleEvent] = {}
    for place, event in enumerate(events):
        if event.act in TEXT_ACTS:
            if event.act is not AgreementAct.ADD or not found or len(found) - 1 in activations:
                found.append([])
            found[-1].append((place, event.version))
        elif event.act is AgreementAct.ACTIVATE and (not found or event.version == found[-1][-1][1]):
            activations.setdefault(max(len(found) - 1, 0), event)
    if not found:
        found = [[(-1, versions[-1])]]
        activations = {n: e for n, e in activations.items() if e.version == versions[-1]}
    until = [*(texts[0][0] for texts in found[1:]), len(events)]
    return tuple(
        _text_version(documents[texts[-1][1]], texts, end, activations.get(n), is_first=n == 0)
        for n, (texts, end) in enumerate(zip(found, until, strict=True))
    )


def _text_version(
    document: AgreementDocument, texts: Sequence[tuple[int, str]], until: int, activation: LifecycleEvent | None, *, is_first: bool
) -> TextVersion:  # fmt: skip
    (begun, _), (texted, version) = texts[0], texts[-1]
    begins = max(activation.day, document.terms.effective) if activation and not is_first else None
    return TextVersion(version, document, begun, texted, until, activation is not None, begins)
