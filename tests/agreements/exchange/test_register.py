"""The public register: open to everybody, of what is or was in effect, in two languages; nothing of a draft or a person."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.agreements.documents import STUDY, changed, document_of
from throughway.agreements.labels import (
    BASIS_WORDS,
    FORM_WORDS,
    TABLE_WORDS,
    TIER_WORDS,
    element_words,
    people,
    transform_words,
)
from throughway.agreements.public_register import listing as register
from throughway.agreements.public_register.listing import public_agreement
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementLifecycle, AgreementStatus, date
from throughway.agreements.transforms import Transform
from throughway.partners import OPERATOR, Role
from throughway.partners.actions import add_user
from throughway.partners.signatories.actions import register_signatory
from throughway.partners.signatories.signatory import AuthorityKind, Signatory, SigningRegister
from throughway.store import Community
from throughway.vocabulary import TABLES

pytestmark = pytest.mark.django_db
TEMPLATES = Path(register.__file__).parents[1] / "templates" / "register"
PAGES = ("/register/", "/register/reading-study/", "/register/bus-study/")


def text(client: Client, path: str, **headers: str) -> str:
    return client.get(path, headers=headers).content.decode()


def test_register_lists_effective_and_ended_agreements(house: Community, client: Client) -> None:
    page = text(client, "/register/")
    now, over = page.split('id="over"')
    assert "A study of reading" in now
    assert "A study of buses" in over
    assert "riverbend-casework-2026" not in page
    assert "Working together" not in page
    for draft in ("riverbend-casework-2026", "riverbend-mou-2025", "nothing-at-all"):
        assert client.get(f"/register/{draft}/").status_code == 404
    unknown, draft = (
        client.get(f"/register/{id}/").content for id in ("nothing-at-all", "riverbend-mou-2025")
    )
    token = re.compile(rb"csrfmiddlewaretoken[^>]+|/register/[a-z0-9-]+/")
    assert token.sub(b"", unknown) == token.sub(b"", draft)


def test_register_page_has_all_facts(house: Community, client: Client) -> None:
    page = text(client, "/register/reading-study/")
    for words in (
        "Riverbend Schools", "Reading Lab", "Find out which lessons help", "A study for or on behalf of the school",
        "34 CFR 99.31(a)(6)", "Test scores", "assessment result score value", "30 June 2099", "Within 60 days",
        "destroyed", "evaluators", "Records under random codes", "Director", "in effect",
    ):  # fmt: skip
        assert words in page, words


def test_register_has_no_names_and_no_counts(house: Community, client: Client) -> None:
    for path in (*PAGES, "/register.json"):
        page = text(client, path)
        assert "@" not in page.replace("@context", "")
        assert "The buses run on time" not in page
        assert "Improve reading lessons" not in page  # basis details may name people


TEXT = {"en": "(as the agreement names it)", "es": "(así lo nombra el acuerdo)"}
OWN = {"en": "(as it registered who signs)", "es": "(así registró quién firma)"}


def test_an_office_says_whose_words_it_is(house: Community, client: Client) -> None:
    def asked(language: str) -> str:
        page = text(client, f"/register/reading-study/?language={language}")
        return " ".join(page.split('id="ask"')[1].split("</section>")[0].split())

    def sources() -> dict[str, Any]:
        (study,) = [
            a for a in client.get("/register.json").json()["agreements"] if a["id"] == "reading-study"
        ]
        return {each["partner"]: (each["offices"], each["source"]) for each in study["ask"]}

    for language, words in TEXT.items():
        assert words in asked(language)
        assert OWN[language] not in asked(language)
    before = sources()
    named = {partner for partner, (_, source) in before.items() if source == "agreement"}
    assert "Reading Lab" in named
    register_office("reading-lab", "Board chair")
    assert sources() == before | {"Reading Lab": (["Board chair"], "register")}
    for language, words in OWN.items():
        assert f'<span lang="en">Board chair</span> <span class="tw-quiet">{words}</span>' in asked(language)


def register_office(partner: str, office: str) -> None:
    email = f"signs@{partner}.example"
    add_user(email=email, partner=partner, role=Role.LEADER, by=OPERATOR)
    register_signatory(
        email=email, name="Dana Diaz", office=office, authority="Bylaws", kind="office", by=OPERATOR
    )


# Contacts in the text, an office that signs in the text, one in the register: which is shown, and whose words it is.
ASKED = {
    (True, True, True): (("Records",), "agreement"), (True, True, False): (("Records",), "agreement"),
    (True, False, True): (("Records",), "agreement"), (True, False, False): (("Records",), "agreement"),
    (False, True, True): (("Board chair",), "register"), (False, False, True): (("Board chair",), "register"),
    (False, True, False): (("Director",), "agreement"), (False, False, False): ((), None),
}  # fmt: skip


@pytest.mark.parametrize(("contacts", "signs", "registered"), ASKED)
def test_which_office_is_asked(contacts: bool, signs: bool, registered: bool) -> None:
    changes = [("parties.0.signatory", {"title": "Director", "authority": "Bylaws 4"} if signs else None)]
    changes += [("parties.0.contacts", {"data": "Records", "notices": "Records"})] if contacts else []
    document = document_of(changed(STUDY, *changes))
    found = AgreementStatus(document, "v", AgreementState.ACTIVE, "")
    life, on = AgreementLifecycle(found, None, (found,), ("v",)), date(2026, 9, 1)
    partner = document.parties[0].partner
    one = Signatory(
        partner, "a@b.example", "D", "Board chair", "Bylaws", AuthorityKind.OFFICE, on, "operator"
    )
    own = {partner: SigningRegister(partner, (one,) if registered else ())}
    shown = public_agreement(life, {}, on, registers=own)
    assert shown is not None
    assert (shown.ask[0].offices, shown.ask[0].source) == ASKED[contacts, signs, registered]


def test_register_json_matches_the_pages(house: Community, client: Client) -> None:
    found = client.get("/register.json").json()
    by_id = {each["id"]: each for each in found["agreements"]}
    assert by_id.keys() == {"reading-study", "bus-study"}
    study = by_id["reading-study"]
    assert (study["state"], by_id["bus-study"]["state"]) == ("active", "terminated")
    assert study["expires"] == "2099-06-30"
    assert "assessment_result.assessment_result_score_value" in study["purposes"][0]["gives"][0]["elements"]
    assert study["destruction"]["within_days"] == 60


def test_a_community_can_turn_the_register_off(house: Community, client: Client) -> None:
    with (house.root / "throughway.toml").open("a", encoding="utf-8") as file:
        file.write("\n[site]\nregister = false\n")
    settings.COMMUNITY = Community(house.root)  # what the file says is read once
    for path in (*PAGES, "/register.json"):
        assert client.get(path).status_code == 404
    assert "/register/" not in text(client, "/sign-in/")


def test_sign_in_page_links_the_register(house: Community, client: Client) -> None:
    assert 'href="/register/"' in text(client, "/sign-in/")


def test_register_is_cacheable_and_sets_no_cookie(house: Community, client: Client) -> None:
    for path in (*PAGES, "/register.json"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert "Accept-Language" in answer.headers["Vary"]
        assert not answer.cookies
        assert "csrf" not in answer.content.decode()
        again = client.get(path, headers={"if-none-match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_register_makes_few_queries(house: Community, client: Client) -> None:
    for path in (*PAGES, "/register.json"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(path)
        assert len(asked) <= 6


def test_register_in_spanish(house: Community, client: Client) -> None:
    page = text(client, "/register/reading-study/?language=es")
    assert '<html lang="es">' in page
    assert "Qué se comparte y para qué" in page
    assert "Resultados de exámenes" in page
    assert "30 de junio de 2099" in page
    assert "Find out which lessons help" in page
    assert "puntuación" in page
    assert "assessment result" not in page
    assert 'href="/register/?language=es"' in page
    assert 'lang="en" hreflang="en">English' in page
    assert "Qué se comparte" in text(client, "/register/reading-study/", **{"accept-language": "es-MX"})
    assert '<html lang="en">' in text(client, "/register/?language=tlh", **{"accept-language": "en"})


RULES = [
    ({"where": "entry_grade_level IN ('02', '03')"}, "entry grade level is 02 or 03", "grado al entrar: 02 o 03"),
    ({"where": "entry_grade_level IN ('02')"}, "entry grade level is 02", "grado al entrar: 02"),
    ({"where": "foster_care_status = 'Yes'", "on": "person_status"}, "foster care status is Yes", "si vive en cuidado de crianza: Sí"),
    ({"where": "exit_grade_level IN ('07', '08', '09')"}, "exit grade level is 07, 08 or 09", "grado al salir: 07, 08 o 09"),
    ({"where": "entry_grade_level >= '02'"}, "entry_grade_level >= '02'", '<span lang="en">entry_grade_level &gt;= &#x27;02&#x27;</span>'),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "english", "spanish"), RULES)
def test_which_students_is_told_in_the_readers_language(
    entry: dict[str, str], english: str, spanish: str
) -> None:
    document = document_of(changed(STUDY, ("population", [{"on": "school_enrollment", **entry}])))
    found = AgreementStatus(document, "v", AgreementState.ACTIVE, "")
    life = AgreementLifecycle(found, None, (found,), ("v",))
    listed = public_agreement(life, {}, date(2026, 9, 1))
    assert listed is not None
    assert register.as_json(listed)["students"] == [english]
    with translation.override("es"):
        page = render_to_string("register/detail.html", {"found": listed, "day": "j F Y", "kept": ""})
    [told] = re.findall(r"<dt>Qué estudiantes</dt><dd>(.*?)</dd>", page, re.DOTALL)
    assert re.sub(r"\s+", " ", told).strip() == spanish


def test_every_label_of_the_register_has_spanish() -> None:
    said: set[str] = set()
    for template in TEMPLATES.glob("*.html"):
        source = template.read_text(encoding="utf-8")
        said |= set(re.findall(r'{% translate "([^"]+)"', source))
        blocks = re.findall(r"{% blocktranslate[^%]*%}(.+?){% endblocktranslate %}", source)
        said |= {re.sub(r"{{ (\w+) }}", r"%(\1)s", block) for block in blocks}
    said |= (
        {word for _, word in register.STATES.values()}
        | set(register.ENDINGS.values())
        | set(BASIS_WORDS.values())
    )
    said |= set(FORM_WORDS.values()) | set(TABLE_WORDS.values()) | set(TIER_WORDS.values())
    said |= {people(role) for role in Role} | set(register.SOURCES.values())
    said |= {element_words(name) for table in TABLES.values() for name in table.elements}
    said |= {transform_words(Transform(name)) for name in ("year", "mask", "pseudonym", "suppress")}
    with translation.override("es"):
        assert [words for words in sorted(said) if translation.gettext(words) == words] == []
    assert len(said) > 80


# ---- the rule itself ----


def standing(state: AgreementState, **terms: Any) -> AgreementLifecycle:
    document = document_of(changed(STUDY, *((f"terms.{key}", value) for key, value in terms.items())))
    found = AgreementStatus(document, "v", state, "")
    return AgreementLifecycle(found, None, (found,), ("v",))


@pytest.mark.parametrize("state", AgreementState)
def test_register_lists_only_agreements_that_began(state: AgreementState) -> None:
    seen = public_agreement(standing(state), {}, date(2026, 9, 1)) is not None
    assert seen == (state not in {
        AgreementState.DRAFT, AgreementState.REVIEW, AgreementState.NEGOTIATION, AgreementState.APPROVAL, AgreementState.APPROVED, AgreementState.PARTLY_SIGNED, AgreementState.SIGNED,
        AgreementState.NOT_YET_EFFECTIVE,
    })  # fmt: skip


def test_what_ended_before_it_began_is_not_listed() -> None:
    assert (
        public_agreement(standing(AgreementState.TERMINATED, effective="2027-01-01"), {}, date(2026, 9, 1))
        is None
    )


def test_what_was_never_activated_is_not_listed() -> None:
    life = standing(AgreementState.TERMINATED)
    assert (
        public_agreement(AgreementLifecycle(life.current, None, life.texts, ()), {}, date(2026, 9, 1)) is None
    )


def test_a_part_of_a_table_is_not_shown_as_all_of_it() -> None:
    line = {"element": "person.birthdate", "purposes": ["study-reading"], "transform": "year"}
    document = document_of(changed(STUDY, ("schedule.1", line)))
    found = AgreementStatus(document, "v", AgreementState.ACTIVE, "")
    listed = public_agreement(AgreementLifecycle(found, None, (found,), ("v",)), {}, date(2026, 9, 1))
    assert listed is not None
    person, scores = listed.uses[0].givers[0].kinds
    assert (person.few, person.elements) == (True, ("birth date (the year only)",))
    assert scores.whole
