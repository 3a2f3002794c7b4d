"""What every form shares in which an entry is typed."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

ENTRY = r"^[0-9a-f]{32}$"


def as_typed(text: str) -> str:
    """As it was typed; browsers end a line with two characters."""
    return text.replace("\r\n", "\n")


class EntryForm(forms.Form):
    """`entry` and `based_on`: the entry's id and the version that the author had before them; 0 for a new entry. `words`: the fields
    with what a person wrote, which is never lost; `ids`: how the ids of its fields begin, since a page has several forms."""

    words: ClassVar[Sequence[str]] = ("text",)
    ids: ClassVar[str] = "id"
    asks_for_owner: ClassVar[bool] = False
    entry = forms.RegexField(ENTRY, widget=forms.HiddenInput)
    based_on = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{self.ids}_%s", **kwargs})

    def written(self) -> str:
        return "\n".join(filter(None, (str(self.data.get(name, "")) for name in self.words)))

    def said(self) -> dict[str, Any]:
        """What the valid form says beside the entry and its version, by the names of the action that keeps it."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("entry", "based_on")}

    def clean_text(self) -> str:
        return as_typed(self.cleaned_data["text"])

    def offer(self, team: Sequence[str]) -> None:
        """Offers the people of the team, where the form asks for one."""
