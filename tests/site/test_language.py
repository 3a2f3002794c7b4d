"""The pages that everyone meets speak Spanish too; the others say truly that they are English."""

import re
import struct
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from tests.site.people import signed_in
from throughway.evidence.published_finding import NONE_SET, REASONS
from throughway.evidence.report_lines import DESIGNS
from throughway.evidence.study_measures import OUTCOMES
from throughway.evidence.study_tables import COMPARISON, LEFT_OUT, NO, PARTICIPANTS, YES
from throughway.evidence.verdict import Verdict
from throughway.evidence.verdict_words import CAUSE_WOULD_SHOW, FOLLOWS, HEADLINES
from throughway.partners import Actor, Role

SITE = Path(__file__).resolve().parents[2] / "src" / "throughway" / "site"
STUDIES = SITE.parent / "evidence" / "templates"
CATALOG = SITE / "locale" / "es" / "LC_MESSAGES"
People = dict[Role, Actor]


def spoken_words() -> set[str]:
    """Every string that is marked for translation, as the catalog has it."""
    found: set[str] = set()
    for template in [*SITE.rglob("*.html"), *STUDIES.rglob("*.html")]:
        text = template.read_text(encoding="utf-8")
        words = re.findall(r'{% translate "([^"]+)" %}', text)
        blocks = re.findall(r"{% blocktranslate[^%]*%}(.+?){% endblocktranslate %}", text)
        found |= {each.replace("%", "%%") for each in words}
        found |= {re.sub(r"{{ (\w+) }}", r"%(\1)s", each.replace("%", "%%")) for each in blocks}
    for module in [*SITE.glob("*.py"), STUDIES.parent / "views.py"]:
        text = module.read_text(encoding="utf-8")
        found |= set(re.findall(r'\b_\(\s*"([^"]+)"\s*\)', text))
    return found


def test_no_string_lacks_its_spanish() -> None:
    assert len(spoken_words()) > 30
    with translation.override("es"):
        assert [words for words in sorted(spoken_words()) if translation.gettext(words) == words] == []


def test_what_every_finding_says_has_its_spanish() -> None:
    """The sentences that are stored with findings as they are; of those with places see `tests/evidence/test_spanish_finding.py`."""
    said = {
        *HEADLINES.values(), *FOLLOWS.values(), CAUSE_WOULD_SHOW, *DESIGNS.values(), *REASONS.values(), NONE_SET,
        *(outcome.name for outcome in OUTCOMES.values()), PARTICIPANTS, COMPARISON, LEFT_OUT, YES, NO,
        *(verdict.value for verdict in Verdict if verdict.causal or verdict is Verdict.NOT_ENOUGH_EVIDENCE),
    }  # fmt: skip
    with translation.override("es"):
        assert [words for words in sorted(said) if translation.gettext(words) == words] == []


def test_what_is_compiled_is_what_is_written() -> None:
    text = (CATALOG / "django.po").read_text(encoding="utf-8")
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', text, re.M)
    assert pairs
    # A key of one and of several, as it is compiled.
    of_several = r'^msgid "(.+)"\nmsgid_plural "(.+)"\nmsgstr\[0\] "(.+)"\nmsgstr\[1\] "(.+)"$'
    pairs += [
        (f"{one}\0{several}", f"{uno}\0{varios}")
        for one, several, uno, varios in re.findall(of_several, text, re.M)
    ]
    compiled = catalog((CATALOG / "django.mo").read_bytes())
    assert {k: compiled[k] for k, _ in pairs} == dict(pairs)
    assert set(compiled) - {""} == {k for k, _ in pairs}


def catalog(data: bytes) -> dict[str, str]:
    """What a compiled catalog holds."""
    _, _, count, originals, translations = struct.unpack("<5I", data[:20])

    def text(table: int, n: int) -> str:
        length, offset = struct.unpack("<2I", data[table + 8 * n : table + 8 * n + 8])
        return data[offset : offset + length].decode()

    return {text(originals, n): text(translations, n) for n in range(count)}


@pytest.mark.parametrize("path", ["/sign-in/", "/nowhere/", "/sign-in/new/MQ/wrong/"])
def test_the_other_language_is_one_click_away(client: Client, people: People, path: str) -> None:
    english = client.get(path).content.decode()
    assert '<html lang="en">' in english
    assert 'lang="es">Español</button>' in english
    client.post("/language/", {"language": "es", "next": path})
    spanish = client.get(path).content.decode()
    assert '<html lang="es">' in spanish
    assert 'lang="en">English</button>' in spanish
    assert english.split("<h1>")[1].split("</h1>")[0] != spanish.split("<h1>")[1].split("</h1>")[0]


def test_a_browser_that_asks_for_spanish_is_answered_in_it(client: Client, people: People) -> None:
    page = client.get("/sign-in/", headers={"accept-language": "es-MX,es;q=0.9"}).content.decode()
    assert "Iniciar sesión" in page
    wrong = client.post(
        "/sign-in/", {"login": "a@b.example", "password": "x"}, headers={"accept-language": "es"}
    ).content.decode()
    assert "no abren ninguna cuenta" in wrong


def test_a_page_in_english_says_so_and_is_english(people: People) -> None:
    client = signed_in(people[Role.PRIVACY_OFFICER])
    page = client.get("/partners/people/", headers={"accept-language": "es"}).content.decode()
    assert '<html lang="en">' in page
    assert "What each role may do" in page
