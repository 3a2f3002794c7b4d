"""A family's answer to a consent form: sent, signed on paper, compared and confirmed; a no and a withdrawal at once; and what is refused."""

import ast
import inspect
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import translation
from PIL import Image
from pypdf import PdfReader

from tests.casework.town import PERSON, WORKER, allow, settle, signed_in, works_with
from tests.gate import making
from tests.kept import kept
from throughway.agreements.document import version_of
from throughway.consent.actions.papers import PDF, PICTURE, kept_form_of, opened
from throughway.consent.models import ConsentEvent, RightEvent, RightWords, SignedConsentForm
from throughway.consent.selectors.decisions import consents
from throughway.consent.selectors.rights import sent_forms_of, translations_of
from throughway.consent.sent_form import FormState, SentForm
from throughway.consent.triggers import RIGHTS
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.families.actions import answers, limits
from throughway.families.actions.limits import record_notice
from throughway.families.actions.translations import approve_words, translated_document
from throughway.families.answers.consent_form import consent_form
from throughway.families.answers.forms import SendForm
from throughway.families.selectors import answers_about, open_steps
from throughway.gate.actions import enter
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.vocabulary.labels import TABLE_WORDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
TODAY = date.today()
OFFICER = "officer@north.example"
ABOUT = "sharing-2026 casework north"
ROSA = {"signer": "Rosa One", "relation": "mother", "signed_on": TODAY}


@pytest.fixture(autouse=True)
@kept
def town(community: object) -> None:
    """Harbor's worker sees harbor's own services of Ada (11 at north, 21 at harbor), and north's records only by consent."""
    settle()
    works_with(21, partner="harbor")
    spanish()


SPANISH = {
    "title": "Compartir la asistencia",
    "purpose_casework": "Acompañar al estudiante",
    "records_person": "el nombre y el apellido",
}


def spanish(**changes: str) -> Any:
    """North approves what its consent forms say in Spanish."""
    document = translated_document("sharing-2026", "es", officer())
    return approve_words(
        agreement="sharing-2026", language="es", words=SPANISH | changes, version=version_of(document), by=officer()
    )  # fmt: skip


def worker() -> Any:
    return making.reader(WORKER)


def officer() -> Any:
    return making.reader(OFFICER)


def photo(size: tuple[int, int] = (800, 1000), **save: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "white").save(made, "JPEG", **save)
    return made.getvalue()


def sent(language: str = "es", about: str = ABOUT) -> SentForm:
    return answers.send_form(person=PERSON, about=about, language=language, how="hand", by=worker())


def signed(form: SentForm, **changes: Any) -> SentForm:
    said = {"code": form.code, "paper": photo(), **ROSA} | changes
    return answers.record_signed(person=PERSON, by=worker(), **said)


def confirmed(form: SentForm, **changes: Any) -> SentForm:
    said = {"code": form.code, "student": "n-11", "identified": "Signature on file", **ROSA} | changes
    return answers.confirm(by=officer(), **said)


def seen() -> set[str]:
    """The partners whose rows the worker is shown of the student now."""
    tables = enter(actor=worker(), purpose="casework").record_of(PERSON).tables
    shown = {"attendance_day": "north", "service_received": "harbor"}
    return {shown[name] for name in tables if name in shown}


def states() -> list[FormState]:
    return [form.state for form in sent_forms_of()]


def test_a_mother_s_yes_on_paper_opens_once_it_is_confirmed_and_closes_when_it_is_taken_back() -> None:
    assert seen() == {"harbor"}
    form = sent()
    assert seen() == {"harbor"}
    assert signed(form).state is FormState.SIGNED
    assert (seen(), ConsentEvent.objects.count()) == ({"harbor"}, 0)  # a yes waits for the discloser
    done = confirmed(form)
    assert (done.state, seen()) == (FormState.CONFIRMED, {"north", "harbor"})
    (given,) = consents(partner="north")
    assert (given.id, given.record, given.language, given.relation, given.signed_on, given.expires) == (
        done.consent, 11, "es", "mother", TODAY, date(2099, 6, 30),
    )  # fmt: skip
    assert form.code in given.method
    answers.take_back(person=PERSON, consent=given.id, how="phone", by=worker())
    assert seen() == {"harbor"}
    words = [line.words for line in answers_about(PERSON, worker()).lines]
    assert words == [
        "Yes taken back by the mother, about records of North",
        f"North confirmed form {form.printed_code}; the yes counts",
        f"Form {form.printed_code} came back, signed by the mother on {TODAY.day} {TODAY:%B %Y}; North compares it",
        f"Form {form.printed_code} handed over, about records of North",
    ]


def refused(act: Callable[[], object], sentence: str) -> Refused:
    """Refused with that sentence, and nothing is written."""
    before = (
        RightEvent.objects.count(),
        ConsentEvent.objects.count(),
        SignedConsentForm.objects.count(),
        text_keys(),
    )
    with pytest.raises(Refused, match=re.escape(sentence)) as found:
        act()
    assert (
        RightEvent.objects.count(),
        ConsentEvent.objects.count(),
        SignedConsentForm.objects.count(),
        text_keys(),
    ) == before
    return found.value


def text_keys() -> set[Path]:
    return set(settings.COMMUNITY.keys.rglob("*.text"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": "ABCD2345"}, "No form with that code was sent to this student's family"),
        ({"paper": b"MZ not a picture"}, "neither a photo (JPEG or PNG) nor a whole PDF"),
        ({"paper": photo()[:300]}, "neither a photo (JPEG or PNG) nor a whole PDF"),
        ({"paper": b"%PDF-1.7 cut off" + b" " * 600}, "not a whole PDF"),
        ({"paper": b"GIF89a" + b"\0" * 600}, "neither a photo (JPEG or PNG) nor a whole PDF"),
        ({"paper": b"\xff\xd8" * 5_000_001}, "larger than 10 MB"),
        ({"signed_on": TODAY + timedelta(days=1)}, "signed on that day or later, and not after today"),
        ({"signed_on": TODAY - timedelta(days=1)}, "signed on that day or later, and not after today"),
        ({"signer": "  "}, "Give the name of who signed"),
        ({"relation": "neighbor"}, "Choose who signed"),
    ],
)
def test_a_signed_form_that_cannot_be_is_refused_whole(changes: dict[str, Any], sentence: str) -> None:
    form = sent()
    refused(lambda: signed(form, **changes), sentence)
    assert states() == [FormState.SENT]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"student": "n-12"}, "That number is not of the student for whom this form was sent"),
        ({"student": "n-99"}, "north keeps no record of that student"),
        ({"signed_on": TODAY + timedelta(days=1)}, "signed on that day or later, and not after today"),
        ({"relation": "student"}, "did not hold the right on that day"),
        ({"identified": " "}, "Say how you know who signed"),
    ],
)
def test_a_comparison_that_does_not_fit_records_nothing(changes: dict[str, Any], sentence: str) -> None:
    form = signed(sent())
    found = refused(lambda: confirmed(form, **changes), sentence)
    assert "n-12" not in found.message
    assert (states(), seen()) == ([FormState.SIGNED], {"harbor"})


def test_a_yes_that_is_only_said_is_refused_and_a_no_counts_at_once(tmp_path: Path) -> None:
    said = {"person": PERSON, "about": ABOUT, "how": "phone", "signer": "Rosa One", "relation": "mother"}
    found = refused(
        lambda: answers.record_said(decision="yes", by=worker(), **said),
        "A yes counts only on paper, signed and dated",
    )
    assert found.citations in (["34 CFR 99.30(a)"], ("34 CFR 99.30(a)",))
    allow(tmp_path, ("n-11", "yes"))
    assert seen() == {"north", "harbor"}
    form = signed(sent())
    answers.record_said(decision="no", by=worker(), **said)
    assert seen() == {"harbor"}
    # The paper that was under way no longer counts, and is destroyed.
    assert (states(), SignedConsentForm.objects.count(), text_keys()) == ([FormState.DECLINED], 0, set())
    refused(lambda: confirmed(form), "no longer counts, because the family said no or took its answer back")
    assert seen() == {"harbor"}


def test_what_the_family_takes_back_while_the_officer_compares_stays_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The no comes after the officer's form was checked, and before the consent is written."""
    form = signed(sent())
    decide = answers.decide

    def meanwhile(**named: Any) -> Any:
        answers.record_said(
            person=PERSON,
            about=ABOUT,
            decision="no",
            how="phone",
            signer="Rosa One",
            relation="mother",
            by=worker(),
        )
        return decide(**named)

    monkeypatch.setattr(answers, "decide", meanwhile)
    with pytest.raises(Refused, match="no longer counts"):
        confirmed(form)
    assert [c.decision for c in consents(partner="north")] == ["no"]
    assert (states(), seen()) == ([FormState.DECLINED], {"harbor"})


def test_a_no_about_a_partner_without_a_known_record_is_kept_with_the_answers() -> None:
    """Whether north has a record of Dot is not told: the answer is the same, and the history has the no."""
    works_with(22, partner="harbor")
    answers.record_said(
        person=22, about=ABOUT, decision="no", how="letter", signer="Dora", relation="guardian", by=worker()
    )
    assert [line.words for line in answers_about(22, worker()).lines] == [
        "The family said no by letter or message, about records of North"
    ]
    assert not ConsentEvent.objects.exists()
    (code,) = RightEvent.objects.filter(about="form").values_list("code", flat=True)
    assert signed_in().get(f"/requests/consents/form/{code}/").status_code == 404  # there is no form to print


def test_a_no_without_the_right_changes_nothing_and_tells_nothing() -> None:
    """Ada is a minor at north, so a no in her name does not count; the worker gets the same answer as for a student unknown to north."""
    form = signed(sent())
    answers.record_said(
        person=PERSON, about=ABOUT, decision="no", how="phone", signer="Ada", relation="student", by=worker()
    )
    assert not ConsentEvent.objects.exists()
    assert (
        answers_about(PERSON, worker()).lines[0].words
        == "The family said no by telephone, about records of North"
    )
    assert confirmed(form).state is FormState.CONFIRMED
    assert seen() == {"north", "harbor"}


def test_a_form_goes_back_and_forth_and_its_papers_are_destroyed() -> None:
    form = signed(sent())
    assert len(text_keys()) == 1
    answers.return_form(code=form.code, why="unreadable", by=officer())
    assert (states(), SignedConsentForm.objects.count(), text_keys()) == ([FormState.RETURNED], 0, set())
    refused(lambda: confirmed(form), "was sent back by the officer who compared it")
    again = signed(form, signer="Rosa  One")
    assert (again.attempt, again.state) == (2, FormState.SIGNED)
    refused(lambda: signed(form), "came back signed and waits")
    assert [s.href_args for s in open_steps(TODAY) if s.href_name == "families:signed_form"] == [(form.code,)]
    assert confirmed(form).state is FormState.CONFIRMED
    refused(
        lambda: answers.return_form(code=form.code, why="unreadable", by=officer()), "was confirmed already"
    )
    assert open_steps(TODAY) == []


def test_a_student_who_closed_while_the_page_was_open_is_said_and_nothing_recorded(tmp_path: Path) -> None:
    """Only north's records open Ben, by consent; the family takes it back while the worker fills in the form."""
    works_with(12)
    allow(tmp_path, ("n-12", "yes"))
    form = answers.send_form(person=12, about=ABOUT, language="en", how="post", by=worker())
    (given,) = consents(partner="north")
    answers.take_back(person=12, consent=given.id, how="phone", by=worker())
    said = {"code": form.code, "paper": photo(), **ROSA}
    refused(
        lambda: answers.record_signed(person=12, by=worker(), **said), "You cannot open this student today"
    )
    refused(
        lambda: answers.take_back(person=12, consent=given.id, how="phone", by=worker()),
        "You cannot open this student today",
    )


def test_a_code_of_another_student_is_refused_and_leads_to_its_own() -> None:
    works_with(22, partner="harbor")
    other = answers.send_form(person=22, about=ABOUT, language="en", how="hand", by=worker())
    refused(lambda: signed(other), "No form with that code was sent to this student's family")
    assert answers.find_form(code=f"{other.code[:4]}-{other.code[4:].lower()}", by=worker()) == 22
    refused(
        lambda: answers.find_form(code=other.code, by=making.reader("officer@harbor.example")),
        "Only a case worker",
    )
    refused(
        lambda: answers.find_form(code="nothing", by=worker()), "No form of your organization has that code"
    )


def test_a_form_of_an_earlier_text_counts_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    form = signed(sent())
    monkeypatch.setattr(answers, "version_of", lambda document: "another")
    refused(lambda: confirmed(form), "The agreement was changed after the form")
    answers.return_form(code=form.code, why="unreadable", by=officer())
    refused(lambda: signed(form), "The agreement was changed after the form")


def test_a_form_names_a_notice_that_the_family_can_read() -> None:
    assert sent().notice.startswith("form ")
    record_notice(agreement="sharing-2026", version="2026-1", languages=["en"], by=officer())
    refused(sent, "north has no notice in Spanish for this agreement")
    assert sent("en").notice == "2026-1"
    form = sent("en")
    signed(form)
    assert confirmed(form).state is FormState.CONFIRMED
    assert consents(partner="north")[-1].notice_version == "2026-1"


def test_who_may_do_what(tmp_path: Path) -> None:
    form = signed(sent())
    other = making.reader("officer@harbor.example")
    refused(lambda: answers.own_form(code=form.code, by=other), "Your partner has no form with that code")
    refused(
        lambda: answers.look_at_paper(code=form.code, by=worker()), "Only a privacy officer or data steward"
    )
    refused(
        lambda: answers.confirm(code=form.code, student="n-11", identified="x", by=other, **ROSA),
        "no form with that code",
    )
    refused(
        lambda: answers.send_form(person=PERSON, about=ABOUT, language="es", how="hand", by=officer()),
        "Only a case worker",
    )
    refused(
        lambda: answers.send_form(person=13, about=ABOUT, language="es", how="hand", by=worker()),
        "You cannot open this student",
    )
    refused(
        lambda: sent(about="sharing-2026 planning north"), "No agreement asks this student's family for that"
    )
    refused(lambda: sent("fr"), "The form is in English or Spanish")


def test_people_whose_clients_are_confidential_name_themselves_on_no_form() -> None:
    from throughway.partners.models import Partner

    Partner.objects.filter(id="harbor").update(stated=["part2"])
    found = refused(sent, "a form that names it would tell others who its clients are")
    assert "42 CFR 2.13(c)" in found.citations
    Partner.objects.filter(id="harbor").update(stated=[])
    Partner.objects.filter(id="north").update(stated=["hipaa"])
    page = answers_about(PERSON, worker())
    assert (page.asks, page.apart) == ([], ["North"])


def test_a_paper_is_sealed_without_the_place_where_it_was_taken() -> None:
    place = Image.Exif()
    place[0x010E] = "41.8240 N, 71.4128 W"
    taken = photo(exif=place)
    assert b"71.4128" in taken
    form = sent()
    signed(form, paper=taken, signer="Rosa One")
    row = SignedConsentForm.objects.get()
    for column in (bytes(row.content), bytes(row.signer)):
        assert b"Rosa" not in column
        assert b"JFIF" not in column
    before = LedgerEntry.objects.count()
    paper = answers.look_at_paper(code=form.code, by=officer())
    assert (paper.kind, paper.signer, b"71.4128" in paper.content, b"JFIF" in paper.content[:20]) == (
        PICTURE, "Rosa One", False, True,
    )  # fmt: skip
    assert (LedgerEntry.objects.count(), LedgerEntry.objects.order_by("at").last().outcome) == (
        before + 1,
        "looked",
    )
    assert b"Rosa" not in b"".join(
        path.read_bytes() for path in settings.COMMUNITY.data.rglob("*") if path.is_file()
    )
    large = kept_form_of(photo((4000, 3000)))
    assert max(Image.open(io.BytesIO(large[1])).size) == 2200
    refused(lambda: kept_form_of(photo((9000, 6000))), "too many pixels")


@pytest.mark.parametrize(
    ("gone", "stays"),
    [
        (Gone("sharing-2026", {}, frozenset(), frozenset()), False),
        (Gone(None, {"north": frozenset({11})}, frozenset(), frozenset()), False),
        (
            Gone(None, {"harbor": frozenset({21})}, frozenset(), frozenset()),
            True,
        ),  # tied to north's record by now
        (Gone(None, {"north": frozenset({12})}, frozenset(), frozenset()), True),
        (Gone("another", {}, frozenset(), frozenset()), True),
    ],
)
def test_a_paper_goes_with_the_records_and_with_its_agreement(gone: Gone, stays: bool) -> None:
    from throughway.consent.actions import forget

    form = signed(sent(), paper=pdf())
    confirmed(form)
    assert opened(code=form.code, attempt=1) is not None
    forget(gone)
    assert (SignedConsentForm.objects.exists(), bool(text_keys())) == (stays, stays)


def pdf() -> bytes:
    """A whole PDF: the form itself."""
    return printed(sent("en"))


def printed(form: SentForm, email: str = WORKER) -> bytes:
    response = signed_in(email).get(f"/requests/consents/form/{form.code}/")
    assert (response.status_code, response["Content-Type"]) == (200, PDF)
    return bytes(response.content)


def words_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_printed_form_says_what_the_law_asks_in_both_languages_and_names_no_student() -> None:
    english, spanish = sent("en"), sent("es")
    assert printed(english) == printed(english, OFFICER)
    text = words_of(printed(english))
    for said in ("North", "Harbor (case workers)", "To do casework", "30 June 2099", "Attendance by day", "Enrollment",
                 f"{english.code[:4]}-{english.code[4:]}", "Signature", "Date", "take this permission back"):  # fmt: skip
        assert said in text, said
    text = words_of(printed(spanish))
    for said in ("Permiso para compartir", "Harbor (personas que acompañan a cada estudiante)", "30 de junio de 2099", "Asistencia por día",
                 "Acompañar al estudiante", "Compartir la asistencia", "(el nombre y el apellido)", "Firma", "Fecha", f"{spanish.code[:4]}-{spanish.code[4:]}"):  # fmt: skip
        assert said in text, said
    for content in (printed(english), printed(spanish)):
        # Three letters may stand in compressed bytes by chance, so what they say is looked at.
        assert "Ada" not in str(PdfReader(io.BytesIO(content)).metadata)
        assert not any(secret in words_of(content) for secret in ("Ada", "n-11", str(making.BORN)))
    assert (
        signed_in("evaluator@hub.example").get(f"/requests/consents/form/{english.code}/").status_code == 404
    )


@pytest.mark.parametrize(("who", "told"), [("R. One", True), ("Rosa Maria One", True), ("Ana One", False)])
def test_the_officer_is_told_that_a_limited_adult_may_have_signed(who: str, told: bool) -> None:
    signed_form = signed(sent())
    limits.limit(student="n-11", who=who, kind="rights", reference="2026-DR-7", since=TODAY, by=officer())
    page = signed_in(OFFICER).get(f"/requests/consents/signed/{signed_form.code}/").content.decode()
    assert ("nearly that of an adult whose rights an order took away" in page) == told
    assert who not in page


def test_no_form_is_printed_in_a_language_in_which_its_purpose_has_no_text() -> None:
    """34 CFR 99.30(b)(2). A form of an earlier version of the platform, which printed the English words, is refused too: to print, to
    keep signed, and to confirm."""
    old = signed(sent())
    without_words()
    found = refused(sent, "the purpose of this agreement has no text in Spanish that north approved")
    assert "34 CFR 99.30(b)(2)" in found.citations
    assert sent("en").translation == ""
    page = signed_in().get(f"/requests/answers/{PERSON}/").content.decode()
    assert "No form in Spanish yet" in page
    answer = signed_in().post(
        f"/requests/answers/{PERSON}/", {"act": "send", "about": ABOUT, "language": "es", "how": "phone"}
    )
    assert (answer.status_code, "no text in Spanish" in answer.content.decode()) == (422, True)
    desk = signed_in(OFFICER).get(f"/requests/consents/form/{old.code}/")
    assert (desk.status_code, "no text in Spanish" in desk.content.decode()) == (403, True)
    refused(lambda: confirmed(old), "no text in Spanish")
    answers.return_form(code=old.code, why="unreadable", by=officer())
    refused(lambda: signed(old), "no text in Spanish")


def without_words() -> None:
    """As a folder of an earlier version: nothing approved, and no form that names approved words."""
    RIGHTS.drop(connection)
    RightWords.objects.filter(event__about="words").delete()
    RightEvent.objects.filter(about="words").delete()
    for event in RightEvent.objects.filter(about="form", step="sent"):
        event.facts.pop("translation")
        event.save()
    RIGHTS.put(connection)


def test_approved_words_belong_to_one_text_one_discloser_and_one_form() -> None:
    first = sent()
    again = spanish(purpose_casework="Apoyar al estudiante")
    assert (first.translation, sent().translation) == (translations_of("north")[0].code, again.code)
    assert "Acompañar al estudiante" in words_of(printed(first))  # what that family read
    for changes, sentence in (
        ({"purpose_casework": " "}, "Write Spanish words"),
        ({"records_person": "x" * 601}, "Write Spanish words"),
        ({"purpose_casework": "to do casework."}, "is the English text itself"),
    ):
        refused(lambda changes=changes: spanish(**changes), sentence)
    refused(
        lambda: approve_words(
            agreement="sharing-2026", language="es", words=SPANISH, version="another", by=officer()
        ),
        "The agreement was changed since you opened the page",
    )
    for reader in (worker(), making.reader("officer@harbor.example")):
        with pytest.raises(Refused, match=r"Only a privacy officer|No agreement of that name"):
            approve_words(
                agreement="sharing-2026", language="es", words=SPANISH, version=again.version, by=reader
            )


def test_the_officer_writes_the_words_beside_the_signed_text() -> None:
    desk, address = signed_in(OFFICER), "/requests/consents/words/sharing-2026/es/"
    page = desk.get(address).content.decode()
    assert "In the signed text: To do casework" in page
    assert "In the signed text: Some of" in page
    assert "Acompañar al estudiante" in page
    version = translations_of("north")[0].version
    wrong = desk.post(address, SPANISH | {"purpose_casework": "", "version": version})
    assert (wrong.status_code, "Compartir la asistencia" in wrong.content.decode()) == (422, True)
    made = desk.post(address, SPANISH | {"title": "Un título", "version": version})
    assert made.status_code == 302
    assert translations_of("north")[-1].words["title"] == "Un título"
    assert "approved on" in desk.get("/requests/consents/").content.decode()
    assert desk.get("/requests/consents/words/sharing-2026/fr/").status_code == 404


def test_an_open_step_names_the_words_that_a_promised_language_lacks() -> None:
    def waiting() -> list[str]:
        return [step.title for step in open_steps(TODAY) if step.waits_for == "north"]

    without_words()
    assert waiting() == []
    record_notice(agreement="sharing-2026", version="2026-1", languages=["es"], by=officer())
    assert waiting() == ["Write the Spanish words of a consent form"]
    spanish()
    assert waiting() == []


def test_every_sentence_of_the_form_has_its_spanish() -> None:
    """Found in the source, so that a new sentence without Spanish fails; and so are the words for every kind of records."""
    source = ast.parse(Path(inspect.getfile(consent_form)).read_text(encoding="utf-8"))
    marked = {
        node.args[0].value
        for node in ast.walk(source)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "_"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(marked) > 20
    with translation.override("es"):
        assert [
            words for words in (*marked, *TABLE_WORDS.values()) if translation.gettext(words) == words
        ] == []


def test_the_pages_lead_from_the_student_to_the_consent() -> None:
    client, address = signed_in(), f"/requests/answers/{PERSON}/"
    text = client.get(address).content.decode()
    assert "not asked" in text
    made = client.post(address, {"act": "send", "about": ABOUT, "language": "es", "how": "phone"})
    assert made.status_code == 302
    (form,) = sent_forms_of()
    text = client.get(address).content.decode()
    assert f"/requests/consents/form/{form.code}/" in text
    assert "sent after the family asked by telephone" in text
    found = client.post("/requests/answers/", {"code": form.code.lower()})
    assert found["Location"] == address
    upload = SimpleUploadedFile("paper.jpg", photo(), content_type="image/jpeg")
    answer = {
        "act": "signed",
        "code": form.code,
        "signer": "Rosa One",
        "relation": "mother",
        "signed_on": str(TODAY),
    }
    missing = client.post(address, answer)
    assert (missing.status_code, "Choose the photo or scan." in missing.content.decode()) == (422, True)
    assert "Rosa One" in missing.content.decode()
    assert client.post(address, answer | {"paper": upload}).status_code == 302
    assert "signed, to be confirmed" in client.get(address).content.decode()

    desk = signed_in(OFFICER)
    assert form.code[:4] in desk.get("/requests/consents/signed/").content.decode()
    page = f"/requests/consents/signed/{form.code}/"
    text = desk.get(page).content.decode()
    assert "data:image/jpeg;base64," in text
    assert "Rosa One" in text
    assert not any(secret in text for secret in ("Ada", "n-11"))
    said = {
        "signer": "Rosa One",
        "relation": "mother",
        "signed_on": str(TODAY),
        "identified": "Signature on file",
    }
    wrong = desk.post(page, {"act": "confirm", "student": "n-12"} | said)
    assert (wrong.status_code, "That number is not of the student" in wrong.content.decode()) == (422, True)
    assert desk.post(page, {"act": "confirm", "student": "n-11"} | said).status_code == 302
    (given,) = consents(partner="north")
    text = desk.post("/requests/consents/", {"student": "n-11"}).content.decode()
    assert f"{page}" in text
    picture = desk.get(f"{page}paper/")
    assert (picture["Content-Type"], picture["Content-Disposition"][:10]) == (PICTURE, "attachment")

    text = client.get(address).content.decode()
    assert f"Take back consent {given.id}" in text
    back = client.post(f"{address}{given.id}/take-back/", {"how": "phone"}, follow=True)
    assert back.redirect_chain == [(address, 302)]  # the student is open still, by harbor's own records
    said = back.content.decode()
    assert f"yes about records of North is taken back ({given.id})" in said
    assert "The family of" in said
    assert seen() == {"harbor"}
    assert client.post(f"{address}{given.id}/take-back/", {"how": "phone"}).status_code == 404


def test_a_withdrawal_that_closes_the_student_leads_to_the_list_without_a_name(tmp_path: Path) -> None:
    """Ben is open by his family’s consent alone: with it the student is gone, and no message keeps the name."""
    works_with(12)
    allow(tmp_path, ("n-12", "yes"))
    address = "/requests/answers/12/"
    client = signed_in()
    assert "Ben" in client.get(address).content.decode()
    (given,) = consents(partner="north")
    back = client.post(f"{address}{given.id}/take-back/", {"how": "phone"}, follow=True)
    assert back.redirect_chain == [("/students/", 302)]
    text = back.content.decode()
    assert "yes about records of North is taken back" in text
    assert "With it the student left your list." in text
    assert "Ben" not in text
    assert client.get(address).status_code == 404


def test_what_ended_is_asked_again_first(tmp_path: Path) -> None:
    allow(tmp_path, ("n-11", "yes"), until=TODAY - timedelta(1))
    other = making.sharing(id="activities-2026", title="Activities in the afternoon")
    other["purposes"].append(
        making.purpose("casework", "casework", "identified", **{"from": ["north"]}, recipients=["harbor"], basis="consent",
                       basis_details={}, reach="caseload", roles=["case_worker"])
    )  # fmt: skip
    other["schedule"].append(making.line("attendance_day.*", "casework", **{"from": ["north"]}))
    making.in_effect(other)
    page = signed_in().get(f"/requests/answers/{PERSON}/").content.decode()
    assert answers_about(PERSON, worker()).ended == [ABOUT]
    asked = re.findall(r'<input[^>]*name="about"[^>]*value="([^"]*)"([^>]*)>', page)
    assert {about for about, _ in asked} == {ABOUT, "activities-2026 casework north"}
    first, last = asked[0], asked[1]
    assert (first[0], "checked" in first[1]) == (ABOUT, True), "what ended stands first, and is chosen"
    assert "checked" not in last[1]


def test_two_asks_of_which_one_ended() -> None:
    asks = [("a casework north", "Records of North"), ("b casework south", "Records of South")]
    chosen = SendForm(asks=asks, again=["b casework south"])
    assert next(iter(chosen.fields["about"].choices))[0] == "b casework south"
    assert chosen.fields["about"].initial == "b casework south"
    assert SendForm(asks=asks).fields["about"].initial is None


def test_an_error_has_the_focus_and_leads_to_the_field() -> None:
    wrong = signed_in().post(f"/requests/answers/{PERSON}/", {"act": "send", "about": ABOUT}).content.decode()
    summary = re.search(r'<div class="usa-alert usa-alert--error[^>]*>.*?</div>', wrong, re.S)
    assert summary
    assert 'tabindex="-1" autofocus' in summary[0]
    assert 'href="#send_language_0"' in summary[0]
    assert 'id="send_language_0"' in wrong


def test_strangers_find_nothing() -> None:
    form = signed(sent())
    page = f"/requests/consents/signed/{form.code}/"
    for email, status in (("officer@harbor.example", 404), (WORKER, 404)):
        assert signed_in(email).get(page).status_code == status
        assert signed_in(email).get(f"{page}paper/").status_code == status
    assert signed_in(OFFICER).get(f"/requests/answers/{PERSON}/").status_code == 404
    assert signed_in().get("/requests/answers/13/").status_code == 404
    assert Client().get(f"/requests/consents/form/{form.code}/").status_code == 302


def test_what_is_asked_and_was_answered_without_a_form_counts_too(tmp_path: Path) -> None:
    allow(tmp_path, ("n-11", "yes"))
    page = answers_about(PERSON, worker())
    (ask,) = page.asks
    assert (ask.tag, len(ask.consents), page.name) == (("ok", "yes"), 1, "Ada One")
    assert [line.words for line in page.lines] == ["Yes about records of North, signed by the mother"]
    assert OPERATOR.email not in str(page.lines)
