"""The consent form that a family signs, as PDF in English or Spanish (34 CFR 99.30(b)): which records, to whom, for which purpose, until
when. It names no student: the signer writes the name, and a code finds the request again.

Labels are translated. An agreement's own words are printed as they stand in the signed text, and in another language as the discloser
approved them (`consent.form_translation`); without such words there is no form (99.30(b)(2)).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.utils import formats, translation
from django.utils.translation import gettext as _

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.labels import partner_labels, people
from throughway.agreements.public_register.listing import PublicTable, disclosed_tables
from throughway.consent.form_translation import (
    TITLE,
    FormTranslation,
    asked_entries,
    purpose_part,
    records_part,
)
from throughway.consent.sent_form import SentForm
from throughway.core.prose import capital
from throughway.paper import Block, Bullets, Facts, PaperHeading, Paragraph, SigningLines, typeset

DAYS = {"en": "j F Y", "es": r"j \d\e F \d\e Y"}  # date format


def consent_form(
    form: SentForm,
    document: AgreementDocument,
    names: Mapping[str, str],
    words: FormTranslation | None = None,
) -> bytes:
    """The PDF; the same form gives the same bytes. `names`: partners by id; `words`: those of the form, in the family's language."""
    form.check_readable()
    with translation.override(form.language):
        return typeset(
            title=_("Permission to share a student’s records"),
            blocks=form_blocks(form, document, names, words.words if words else {}),
            language=form.language,
            subject=f"{_('Form')} {form.printed_code}",
            made_on=form.sent,
        )


def form_blocks(
    form: SentForm, document: AgreementDocument, names: Mapping[str, str], words: Mapping[str, str]
) -> tuple[Block, ...]:
    """In the language that is active. `words`: by part, where that is not the language that was signed."""
    entries = asked_entries(document, form.partner, (form.purpose,))
    (giver,) = partner_labels((form.partner,), names)
    return (
        Paragraph(_("Signing is your choice. You may say no, and you may change your mind on any day.")),
        Facts(tuple(_facts(form, document, entries, giver, names, words))),
        PaperHeading(_("Which records")),
        Bullets(tuple(dict.fromkeys(_records(document, entries, form.partner, words)))),
        PaperHeading(_("Your rights")),
        Bullets(tuple(_rights(document, giver))),
        PaperHeading(_("Your signature")),
        Paragraph(
            _("I have read this form in a language that I understand. I allow the sharing that it describes.")
        ),
        Paragraph(
            _(
                "I am:  [  ] the parent   [  ] the guardian   [  ] acting as a parent   [  ] the student, 18 or older or in college"
            )
        ),
        SigningLines(
            (
                ((5, _("Name of the student, in print")), (2, _("School"))),
                ((7, _("Your name, in print")),),
                ((5, _("Signature")), (2, _("Date"))),
            )
        ),
        Paragraph(
            _("The code of this form is %(code)s. It says nothing about the student.")
            % {"code": form.printed_code},
            strong=True,
        ),
    )


def _facts(
    form: SentForm,
    document: AgreementDocument,
    entries: Sequence[Purpose],
    giver: str,
    names: Mapping[str, str],
    words: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    yield _("Form"), _("%(code)s, of %(day)s") % {"code": form.printed_code, "day": _day(form.sent)}
    yield _("Who gives the records"), giver
    readers = sorted({to for e in entries for to in document.recipients(e)} - {form.partner})
    roles = list(dict.fromkeys(_(people(role)) for e in entries for role in e.roles))
    yield _("Who may see them"), f"{', '.join(partner_labels(readers, names))} ({', '.join(roles)})"
    yield (
        _("For what"),
        "\n".join(dict.fromkeys(words.get(purpose_part(e), e.interest.rstrip(".")) for e in entries)),
    )
    yield _("Until"), _("%(day)s, or the day on which you take it back") % {"day": _day(form.until)}
    yield _("By which agreement"), f"{words.get(TITLE, document.title)} ({document.id})"
    if not form.notice.startswith("form "):
        yield (
            _("Read with it"),
            _("the notice %(version)s, which you receive with this form") % {"version": form.notice},
        )


def _records(
    document: AgreementDocument, entries: Sequence[Purpose], giver: str, words: Mapping[str, str]
) -> Iterator[str]:
    for entry in entries:
        for table in disclosed_tables(document, entry, giver):
            yield _table(table, words)


def _table(table: PublicTable, words: Mapping[str, str]) -> str:
    kind = _(table.words)
    if table.whole:
        return capital(kind)
    items = words.get(records_part(table), ", ".join(table.elements))
    return f"{_('Some of %(kind)s') % {'kind': kind}} ({items})"


def _rights(document: AgreementDocument, giver: str) -> Iterator[str]:
    yield _(
        "You may take this permission back on any day, also by telephone: tell %(partner)s, or whoever gave you this form. From then on"
        " nothing more is shown under it."
    ) % {"partner": giver}
    yield _("You may ask %(partner)s for a copy of the records that are shared.") % {"partner": giver}
    if document.clauses.no_redisclosure:
        yield _("Who receives the records must not pass them on.")
    yield _(
        "A parent or guardian signs. A student who is 18 or older, or who attends college, signs instead. A parent’s permission ends on"
        " that day."
    )


def _day(on: date) -> str:
    return formats.date_format(on, DAYS[translation.get_language() or "en"])
