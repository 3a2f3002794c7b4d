"""One page with every component, for those who build screens; served only while developing."""

from django.forms import CharField, ChoiceField, Form, PasswordInput, Textarea
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Example(Form):
    what = ChoiceField(
        label="What was it?",
        choices=[("", "Choose one"), ("call", "Call")],
        error_messages={"required": "Choose call, visit or message."},
    )
    note = CharField(
        label="What should the next person know?", help_text="The family can read this.", widget=Textarea
    )
    word = CharField(label="Passphrase", widget=PasswordInput, required=False)


def gallery(request: HttpRequest) -> HttpResponse:
    form = Example({"what": "", "note": "Left a message in Spanish."})
    chart = {
        "data": {"values": [{"day": f"2026-03-{d:02d}", "looks": (d * 7) % 23 + 4} for d in range(1, 15)]},
        "mark": "bar",
        "height": 160,
        "encoding": {
            "x": {"field": "day", "type": "ordinal", "timeUnit": "yearmonthdate", "title": None},
            "y": {"field": "looks", "type": "quantitative", "title": "looks"},
        },
    }
    return render(request, "site/component_gallery.html", {"form": form, "chart": chart})
