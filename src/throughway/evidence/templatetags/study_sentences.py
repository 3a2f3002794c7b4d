"""What a finding says, in the reader's language: sentences that its page makes, and those that are stored with it in English."""

from datetime import date

from django import template
from django.utils import formats, translation
from django.utils.html import format_html, format_html_join

from throughway.agreements.public_register.views import DAYS
from throughway.evidence.said import Said, Speech, said_in
from throughway.evidence.stored_sentences import StoredSentences

register = template.Library()
ALIKE = frozenset({"No", "no"})  # in both languages


@register.simple_tag
def sentence(said: Said | str) -> str:
    """In the reader's language; what no catalog has stays as it was stored, marked as English for whoever has the page read aloud."""
    if isinstance(said, Said):
        return said_in(_speech(), said)
    return format_html_join(
        " ",
        "{}",
        ((said_in(_speech(), part) if isinstance(part, Said) else _unread(part),) for part in _parts(said)),
    )


@register.simple_tag
def words(said: Said | str) -> str:
    """The same without a mark, as for a label."""
    return said_in(_speech(), said) if isinstance(said, Said) else _stored(said)


def _unread(text: str) -> str:
    if _is_english() or not any(letter.isalpha() for letter in text):
        return text
    return format_html('<span lang="en">{}</span>', text)


def _is_english() -> bool:
    return (translation.get_language() or "en") == "en"


def _parts(text: str) -> list[Said | str]:
    return [text] if _is_english() or not text else StoredSentences(_known).parts(text)


def _known(text: str) -> bool:
    return text in ALIKE or translation.gettext(text) != text


def _stored(text: str) -> str:
    return " ".join(said_in(_speech(), part) if isinstance(part, Said) else part for part in _parts(text))


def _speech() -> Speech:
    return Speech(_translated, _stored, _day, _listed)


def _translated(form: str, several: str, many: int) -> str:
    return translation.ngettext(form, several, many) if several else translation.gettext(form)


def _day(on: date) -> str:
    language = translation.get_language() or "en"
    return formats.date_format(on, DAYS.get(language, DAYS["en"]))


def _listed(several: tuple[str, ...]) -> str:
    *first, last = several or ("",)
    if not first:
        return last
    return translation.gettext("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last}
