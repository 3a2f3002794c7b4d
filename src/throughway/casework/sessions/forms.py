"""The forms of a session: a roster's marks, and the name of a walk-in."""

import re
from datetime import date

from django import forms
from django.http import QueryDict

from throughway.casework.sessions.mark import MOST, Mark, SentMark
from throughway.casework.sessions.walk_in import LONGEST
from throughway.core.refusals import Refused

MARK = re.compile(r"^mark-(\d{1,19})$")
ID = r"^[0-9a-f]{32}$"


def sent_marks(data: QueryDict) -> tuple[date, dict[int, SentMark]]:
    """The day and the marks of a roster that was sent: `mark-PERSON`, and `based-PERSON`, the version before it. Refused (usage) where
    they do not say what a roster says."""
    unreadable = Refused("This roster cannot be read; open today’s session again.", code="usage")
    try:
        on = date.fromisoformat(data.get("on", ""))
        found = {
            int(match[1]): SentMark(Mark(value), int(data.get(f"based-{match[1]}", "")))
            for key, value in data.items()
            if (match := MARK.fullmatch(key)) and isinstance(value, str)
        }
    except ValueError:
        raise unreadable from None
    if not found or len(found) > MOST or any(mark.based_on < 0 for mark in found.values()):
        raise unreadable
    return on, found


class WalkInForm(forms.Form):
    """`entry`: the id of the name, drawn when the form is shown, so that a form sent twice is one name."""

    entry = forms.RegexField(ID, widget=forms.HiddenInput)
    on = forms.DateField(widget=forms.HiddenInput)
    name = forms.CharField(
        label="Somebody came who is not on the list",
        help_text="The name alone: no note, no birth date.",
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
        error_messages={"required": "Write the name of the student who came."},
    )


class MatchForm(forms.Form):
    """Whose name it is, or (`person` empty) that the program keeps no record of the visitor."""

    based_on = forms.IntegerField(min_value=1, max_value=1_000_000, widget=forms.HiddenInput)
    person = forms.IntegerField(min_value=0, max_value=2**63 - 1, required=False)
