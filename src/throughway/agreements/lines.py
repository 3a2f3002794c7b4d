"""The texts of one agreement in the order in which they were, or may come to be, in effect.

Until a text is activated, a changed one takes its place; an amendment begins a new line beside the one in effect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.document import AgreementDocument
from throughway.agreements.events import Event
from throughway.agreements.states import Act


@dataclass(frozen=True)
class Line:
    """`begun` and `texted`: the places among the events of the line's first text and of its present one.

    `begins`: the day from which the text holds, once activated; None for the first text, which holds from the day that it
    names.
    """

    version: str
    document: AgreementDocument
    begun: int
    texted: int
    activated: bool = False
    begins: date | None = None


def lines(
    documents: Mapping[str, AgreementDocument], versions: Sequence[str], events: Sequence[Event]
) -> tuple[Line, ...]:
    """Never empty: where no event brought a text, the newest one counts."""
    found: list[list[tuple[int, str]]] = []
    activations: dict[int, Event] = {}
    for place, event in enumerate(events):
        if event.act in (Act.ADD, Act.AMEND, Act.RENEW):
            if event.act is not Act.ADD or not found or len(found) - 1 in activations:
                found.append([])
            found[-1].append((place, event.version))
        elif event.act is Act.ACTIVATE and (not found or event.version == found[-1][-1][1]):
            activations.setdefault(max(len(found) - 1, 0), event)
    if not found:
        found = [[(-1, versions[-1])]]
        activations = {n: e for n, e in activations.items() if e.version == versions[-1]}
    return tuple(
        Line(texts[-1][1], documents[texts[-1][1]], texts[0][0], texts[-1][0], n in activations,
             max(activations[n].day, documents[texts[-1][1]].terms.effective) if n and n in activations else None)
        for n, texts in enumerate(found)
    )  # fmt: skip
