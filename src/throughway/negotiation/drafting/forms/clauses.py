"""The words that are signed, clause by clause."""

from collections.abc import Mapping
from typing import Any

from django import forms

from throughway.negotiation.drafting.forms.shared_fields import words
from throughway.negotiation.drafting.questions import ASKS, names, title

LINE = 68  # characters of a line of such a field, about


class ClausesForm(forms.Form):
    """`template`: the words that a clause began with. A POST with `restore=NAME` puts those back."""

    def __init__(self, data: Any = None, *, values: Mapping[str, Any], template: Mapping[str, str]) -> None:
        clauses = values.get("clauses") or {}
        if data is not None and data.get("restore") in template:
            data = data.copy()
            data[data["restore"]] = template[data["restore"]]
        super().__init__(data, initial=clauses)
        self.template = template
        for name in names():
            stands = str((data or clauses).get(name) or "")
            self.fields[name] = words(
                title(name), help=ASKS.get(name, ""), rows=max(3, len(stands) // LINE + 2)
            )

    @property
    def clauses(self) -> list[tuple[Any, str]]:
        """Each field with the template's words, where they differ from what stands there."""
        shown = []
        for name in self.fields:
            own = " ".join(str(self[name].value() or "").split())
            begun = self.template.get(name, "")
            shown.append((self[name], begun if " ".join(begun.split()) != own else ""))
        return shown

    def fields_of(self) -> dict[str, Any]:
        return {"clauses": {name: text for name, text in self.cleaned_data.items() if text}}
