"""Pages of the vocabulary: all of it, with a search; one table; one code set."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.core.refusals import Refused
from throughway.partners.page_access import ActingRequest, screen
from throughway.vocabulary import COMMON, TABLES, Element, Table, code_set
from throughway.vocabulary.labels import table_words
from throughway.vocabulary.reference import (
    VocabularySearchResult,
    code_sets,
    look_up,
    nearest_names,
    search,
    type_words,
)

LONGEST = 100  # characters of a search
MOST_CODES = 500  # on one page


@screen()
def everything(request: ActingRequest) -> HttpResponse:
    words = _words(request)
    found: VocabularySearchResult | None = search(words) if words else None
    context = {
        "q": words,
        "found": found,
        "near": [] if not found or found.anything else [n.partition(".") for n in nearest_names(words)],
        "elements": [_line(e) for e in found.elements] if found else [],
        "tables": [
            (table, table_words(table.name)) for table in (found.tables if found else TABLES.values())
        ],
        "code_sets": found.code_sets if found else [each for each in code_sets().values() if each.elements],
    }
    return render(request, "site/vocabulary/list.html", context)


@screen()
def one(request: ActingRequest, name: str) -> HttpResponse:
    try:
        found = look_up(name)
    except Refused:
        raise Http404 from None
    if isinstance(found, Table):
        context = {
            "table": found,
            "words": table_words(found.name),
            "elements": [_line(e) for e in (*found.elements.values(), *found.derived.values())],
            "common": [_line(e) for e in COMMON.values()],
        }
        return render(request, "site/vocabulary/table.html", context)
    if isinstance(found, Element):
        return redirect("vocabulary:one", name=found.table)
    words = _words(request).casefold()
    codes = [(code, label) for code, label in found.codes if words in f"{code} {label}".casefold()]
    context = {
        "set": found, "q": _words(request), "codes": codes[:MOST_CODES], "fitting": len(codes), "all": len(found.codes),
        "elements": [path.partition(".") for path in found.elements],
    }  # fmt: skip
    return render(request, "site/vocabulary/codes.html", context)


def _words(request: ActingRequest) -> str:
    return request.GET.get("q", "").strip()[:LONGEST]


def _line(found: Element) -> dict[str, object]:
    """An element as a line of a list."""
    return {
        "table": "" if found.table == "*" else found.table,
        "name": found.name,
        "type": type_words(found),
        "code_set": code_set(found),
        "description": found.description,
        "restricted": found.restricted,
        "tags": ", ".join(sorted(found.law_tags - {"name_only"})),
    }
