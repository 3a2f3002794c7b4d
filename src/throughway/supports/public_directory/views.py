"""The public directory: the supports that their partners show to everybody. It reads no student data."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from throughway.agreements.public_register.views import language_context, public_page
from throughway.supports.entry import SUBJECTS, WAY_HOME, WEEK, SupportEntry, language_words
from throughway.supports.selectors import public_entries

# Codes of ISO 639-1 by those of ISO 639-2, for languages whose names Django translates.
TWO_LETTERS = {
    "ara": "ar", "chi": "zh-hans", "eng": "en", "fre": "fr", "ger": "de", "hin": "hi", "ita": "it", "jpn": "ja", "kor": "ko",
    "pol": "pl", "por": "pt", "rus": "ru", "spa": "es", "ukr": "uk", "urd": "ur", "vie": "vi", "ben": "bn", "swa": "sw",
}  # fmt: skip

public = public_page("directory")


@public
def all_listed(request: HttpRequest) -> HttpResponse:
    today = date.today()
    found = [_shown(entry, today) for entry in public_entries(today)]
    return render(request, "directory/list.html", {"found": found, **language_context(request)})


@public
def one_listed(request: HttpRequest, key: UUID) -> HttpResponse:
    today = date.today()
    found = next((entry for entry in public_entries(today) if entry.key == str(key)), None)
    if found is None:
        raise Http404
    return render(
        request, "directory/detail.html", {"found": _shown(found, today), **language_context(request)}
    )


@public
def as_file(request: HttpRequest) -> HttpResponse:
    """The same for programs."""
    today = date.today()
    entries = [_plain(entry, today) for entry in public_entries(today)]
    return JsonResponse(
        {"format": "throughway/directory/1", "supports": entries},
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )


def _shown(entry: SupportEntry, on: date) -> dict[str, Any]:
    """The entry with its codes in words of the visitor's language; what its partner wrote stays as written."""
    said = entry.said
    return {
        "entry": entry,
        "said": said,
        "kind": _(said.category_words),
        "times": [(_(WEEK[session.day]), session.hours) for session in said.sessions],
        "days": ", ".join(dict.fromkeys(_(WEEK[session.day]) for session in said.sessions)),
        "subjects": ", ".join(_(SUBJECTS[code]) for code in said.subjects),
        "languages": ", ".join(_language(code) for code in said.languages),
        "seats": _("The season has ended.") if entry.has_ended(on) else _seats(said.seats_open),
        "way_home": _(WAY_HOME[said.way_home]) if said.way_home else "",
        "free": said.cost == 0,
    }


def _language(code: str) -> str:
    """The name of a language, small in Spanish as Spanish writes it."""
    two = TWO_LETTERS.get(code)
    name = str(translation.get_language_info(two)["name_translated"]) if two else _(language_words(code))
    return name.lower() if translation.get_language() == "es" else name


def _seats(free: int | None) -> str:
    if free is None:
        return _("Ask whether a seat is free.")
    if free == 0:
        return _("No seat is free now.")
    return _("Seats free now: %(number)d") % {"number": free}


def _plain(entry: SupportEntry, on: date) -> dict[str, Any]:
    said = entry.said
    return {
        "id": entry.key,
        "name": said.name,
        "provider": entry.partner_name,
        "kind": said.category,
        "description": said.description,
        "place": {"name": said.place, "address": said.address, "latitude": said.latitude, "longitude": said.longitude},
        "sessions": [{"day": s.day, "from": f"{s.opens:%H:%M}" if s.opens else None, "to": f"{s.closes:%H:%M}" if s.closes else None} for s in said.sessions],
        "season": {"from": said.starts and said.starts.isoformat(), "to": said.ends and said.ends.isoformat()},
        "subjects": list(said.subjects),
        "languages": list(said.languages),
        "grades": {"from": said.lowest_grade or None, "to": said.highest_grade or None},
        "ages": {"from": said.minimum_age, "to": said.maximum_age},
        "who": said.who,
        "seats_free": entry.free_seats(on),
        "cost": None if said.cost is None else str(said.cost),
        "cost_words": said.cost_words,
        "way_home": said.way_home.value or None,
        "transport": said.transport,
        "ask": {"office": said.office, "phone": said.phone, "email": said.email, "website": said.website},
        "confirmed": entry.confirmed and entry.confirmed.isoformat(),
    }  # fmt: skip
