"""Refusals: one sentence a person can act on."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class Refused(Exception):
    """Something that the agreements, the law or the data do not allow.

    `message` is one clear sentence: what is wrong, where, and what to do. It never repeats a value of a record.
    `code` is a stable word for programs; `citations` name the law or the agreement that decides.
    """

    def __init__(self, message: str, *, code: str = "refused", citations: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.citations = tuple(citations)

    @property
    def rules(self) -> tuple[str, ...]:
        """The citations for people: a law that several citations share is listed once."""
        return tuple(dict.fromkeys(part for citation in self.citations for part in citation.split("; ")))

    @property
    def asks_training(self) -> bool:
        """Whether a course that an agreement asks for would cure it."""
        return any("terms.training" in citation for citation in self.citations)

    def to_json(self) -> dict[str, object]:
        """The body of `{"error": ...}` of the command line."""
        return {"code": self.code, "message": self.message, "citations": list(self.citations)}


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names that are spelled most like a name, the best first, then those that contain it; none where all are
    too different.

    Upper and lower case make no difference, nor do zeros before a number. Only the beginning of a long name is compared.
    """
    folded = name.strip()[:80].casefold()
    by_folded: dict[str, str] = {}
    for each in known:
        by_folded.setdefault(each.casefold(), each)
    close = [each for each in by_folded if each.isdigit() and each.lstrip("0") == folded.lstrip("0")]
    close += [each for each in get_close_matches(folded, by_folded, most, 0.6) if each not in close]
    if len(folded) > 2:
        close += [each for each in by_folded if folded in each and each not in close]
    return [by_folded[each] for each in close[:most]]


def did_you_mean(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean X?`, else `otherwise`: the end of a sentence. A suggestion reveals that a name exists, so pass only names that the reader may know as `known`."""
    near = nearest(str(name), known, 1)
    return f"did you mean {near[0]}?" if near else otherwise
