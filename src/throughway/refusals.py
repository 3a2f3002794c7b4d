"""What is said when something is not allowed or not right: one sentence a person can act on."""

from collections.abc import Sequence


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
        """What the citations name, for people: a law on which several places rest stands once, before the first of them."""
        return tuple(dict.fromkeys(part for citation in self.citations for part in citation.split("; ")))

    def to_json(self) -> dict[str, object]:
        """The body of `{"error": ...}` of the command line."""
        return {"code": self.code, "message": self.message, "citations": list(self.citations)}
