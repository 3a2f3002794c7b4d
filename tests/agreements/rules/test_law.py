"""The law as data: every quoted word stands in the text that is named, and nothing of it changes unseen."""

import hashlib
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.agreements.rules.paragraphs import CFR, USC, paragraphs
from throughway.agreements.enums import Basis
from throughway.agreements.labels import CITATIONS
from throughway.agreements.legal_review import rules
from throughway.agreements.legal_review.rules import RULES, LegalRule, hash_of

FILES = {
    "34 CFR part 99 (FERPA regulations)": "34cfr99.txt", "United States Code": "usc-ferpa.txt",
    "34 CFR 300.610 to 300.623 (IDEA Part B)": "cfr-excerpts.txt", "34 CFR 300.624, a third party’s copy": "cfr-excerpts.txt",
    "42 CFR 2.31(a)(1) to (4), a third party’s copy": "cfr-excerpts.txt",
}  # fmt: skip
PLACES = [
    os.environ.get("LAW_TEXTS", ""),
    *(str(p / "shared" / "reference") for p in Path(__file__).resolve().parents),
]
QUOTED = [rule for rule in RULES.values() if rule.held]


def single(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def folder() -> Path:
    found = next((Path(place) for place in PLACES if place and (Path(place) / "34cfr99.txt").is_file()), None)
    if found is None:
        pytest.skip("the texts of the law are not at hand: name their folder in $LAW_TEXTS")
    return found


@pytest.fixture(scope="module")
def texts(folder: Path) -> dict[str, str]:
    return {name: single((folder / file).read_text(encoding="utf-8")) for name, file in FILES.items()}


@pytest.mark.parametrize("rule", QUOTED, ids=lambda rule: rule.id)
def test_each_quote_is_verbatim(rule: LegalRule, texts: dict[str, str]) -> None:
    assert rule.quote is not None
    assert single(rule.quote) in texts[rule.text.name]


def section_of(citation: str) -> str:
    """The heading under which the words of a citation of 34 CFR part 99 stand."""
    found = re.match(r"34 CFR (99\.\d+)", citation)
    return found[1] if found else ""


@pytest.mark.parametrize("rule", [r for r in QUOTED if section_of(r.citation)], ids=lambda rule: rule.id)
def test_each_quote_is_in_the_cited_section(rule: LegalRule, texts: dict[str, str]) -> None:
    """Or in one that a citation of several sections, or of the part's definitions, leads to."""
    assert rule.quote is not None
    sections = dict(re.findall(r"§ (99\.\d+) [A-Z\[](.*?)(?=§ 99\.\d+ [A-Z\[]|\Z)", texts[rule.text.name]))
    cited = {*re.findall(r"99\.\d+", rule.citation), *ELSEWHERE.get(rule.id, ())}
    assert any(single(rule.quote) in sections.get(section, "") for section in cited)


ELSEWHERE = {"F31a5": ("99.38",), "H2": ("99.3",)}


# ----- the paragraph that is cited is the one that is quoted

PARAGRAPHS = (  # a file, and the sections in it: their name, their text, and how the paragraphs are numbered
    ("34cfr99.txt", r"^§ (99\.\d+) [A-Z\[].*?(?=^§ 99\.\d+ [A-Z\[]|\Z)", "34 CFR ", CFR),
    ("cfr-excerpts.txt", r"^§ (300\.\d+) .*?(?=^§ 300\.|^42 CFR|\Z)", "34 CFR ", CFR),
    ("cfr-excerpts.txt", r"^42 CFR § (2\.31) .*", "42 CFR ", CFR),
    ("usc-ferpa.txt", r"^(\d+ U\.S\.C\.)\s§\s(\w+(?:\(\w+\))*).*?(?=^=+\n\d+ U\.S\.C|\Z)", "", USC),
)  # fmt: skip
CITED = re.compile(
    r"(\d+ U\.S\.C\. (?=\w)|\d+ CFR )?(\d+(?:\.\d+)?[a-z]{0,2})((?:\(\w+\))*)((?:, (?:\(\w+\))+)*)((?:–(?:\(\w+\))+)?)"
)
# Definitions of 99.3 have no numbers of their own, and are cited by the section.
UNNUMBERED = ("34 CFR 99.3", "34 CFR 99.4")


@pytest.fixture(scope="module")
def numbered(folder: Path) -> list[tuple[str, str]]:
    """(citation, text) of each paragraph that is at hand."""
    found = []
    for file, pattern, law, levels in PARAGRAPHS:
        text = (folder / file).read_text(encoding="utf-8")
        for section in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
            name = law + " ".join(section.groups())
            body = section[0].partition("\n")[2]
            found += [(f"{name}{number}", words) for number, words in paragraphs(body, levels)]
    return found


def cited_by(citation: str) -> list[str]:
    """Each paragraph that a citation names; "99.31(a)(5), (7)" and "99.67(c)–(e)" name several."""
    law, named = "", []
    for part in CITED.finditer(citation):
        law = part[1] or law
        first = f"{law}{part[2]}{part[3]}"
        named.append(first)
        for more in re.findall(r"(?:\(\w+\))+", part[4]):
            named.append(_sibling(first, more))
        if part[5]:
            named += [
                _sibling(first, f"({letter})") for letter in "abcdefghij" if f"({letter})" <= part[5][1:]
            ]
    return named


def _sibling(first: str, label: str) -> str:
    """99.31(a)(5) with (7) is 99.31(a)(7); 99.30(a) with (d) is 99.30(d)."""
    head = first
    while head.endswith(")"):
        last = head[head.rindex("(") + 1 : -1]
        head = head[: head.rindex("(")]
        if kind(last) == kind(label[1 : label.index(")")]):
            return head + label
    return first + label


def kind(label: str) -> str:
    return "number" if label.isdigit() else "letter" if label.islower() else "capital"


@pytest.mark.parametrize(
    ("citation", "named"),
    [
        ("34 CFR 99.37(a)(2), (3)", ["34 CFR 99.37(a)(2)", "34 CFR 99.37(a)(3)"]),
        ("34 CFR 99.30(a), (d)", ["34 CFR 99.30(a)", "34 CFR 99.30(d)"]),
        ("34 CFR 99.31(a)(6)(iii)(C)(4); 99.35(a)(2)", ["34 CFR 99.31(a)(6)(iii)(C)(4)", "34 CFR 99.35(a)(2)"]),
        ("20 U.S.C. 1232h(b), (c)(2)", ["20 U.S.C. 1232h(b)", "20 U.S.C. 1232h(c)(2)"]),
    ],
)  # fmt: skip
def test_what_a_citation_names(citation: str, named: list[str]) -> None:
    assert cited_by(citation) == named


NUMBERED = [rule for rule in QUOTED if re.match(r"34 CFR|42 CFR|20 U|42 U", rule.citation)]


@pytest.mark.parametrize("rule", NUMBERED, ids=lambda rule: rule.id)
def test_each_quote_is_in_the_cited_paragraph(rule: LegalRule, numbered: list[tuple[str, str]]) -> None:
    assert rule.quote is not None
    first, *_ = rule.quote.split("\n\n")
    holding = [
        number
        for number, words in numbered
        if single(first) in words or (words in single(first) and len(words) > 60)
    ]
    assert holding, "no paragraph has these words"
    cited = [*cited_by(rule.citation), *(f"34 CFR {section}" for section in ELSEWHERE.get(rule.id, ()))]
    assert any(number == c or number.startswith(f"{c}(") or (c.startswith(f"{number}(") and number in UNNUMBERED)
               for number in holding for c in cited), holding  # fmt: skip


def test_a_quote_of_another_paragraph_is_found(numbered: list[tuple[str, str]]) -> None:
    wrong = replace(RULES["F31a11-3"], citation="34 CFR 99.37(a)(3)")
    with pytest.raises(AssertionError):
        test_each_quote_is_in_the_cited_paragraph(wrong, numbered)


@pytest.mark.parametrize("rule", QUOTED, ids=lambda rule: rule.id)
def test_each_quote_has_the_hash_and_the_day_of_its_text(rule: LegalRule) -> None:
    assert rule.sha256 == hashlib.sha256(single(rule.quote or "").encode()).hexdigest()
    assert rule.text.held
    assert rule.text_date is not None


def test_what_is_not_held_is_not_quoted() -> None:
    for rule in RULES.values():
        assert rule.held or not rule.sha256
        assert rule.held <= rule.text.held
    assert len(QUOTED) > 90


def test_a_word_that_was_changed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    read = rules._read

    def forged(name: str) -> object:
        found = read(name)
        if name == "study":
            found[1]["quote"] = found[1]["quote"].replace("purpose", "porpoise")
        return found

    monkeypatch.setattr(rules, "_read", forged)
    with pytest.raises(ValueError, match="S1"):
        rules._by_id()


def test_two_rules_of_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    read = rules._read
    monkeypatch.setattr(
        rules, "_read", lambda name: [*read(name), *read(name)] if name == "protected_data" else read(name)
    )
    with pytest.raises(ValueError, match="NSLP"):
        rules._by_id()


def test_a_field_that_nobody_reads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    read = rules._read
    more = {"or take its name out.": None}
    monkeypatch.setattr(
        rules, "_read", lambda name: [{**read(name)[0], **more}] if name == "document_form" else read(name)
    )
    with pytest.raises(ValueError, match="which is unknown"):
        rules._by_id()


def test_every_rule_has_title_cure_and_limits() -> None:
    for rule in RULES.values():
        assert rule.title[0].isupper() or rule.title.startswith("…")
        assert rule.cure.endswith((".", ")"))
        assert rule.cannot.endswith(".")
        assert rule.elsewhere == "" or rule.elsewhere.endswith(".")
        assert rule.citation
        assert rule.to_json()["held"] is rule.held


def test_every_basis_has_a_rule_that_states_it() -> None:
    spoken = {basis for rule in RULES.values() for basis in rule.bases}
    assert spoken == set(Basis) == set(CITATIONS)


def test_the_hash_is_of_the_words_not_of_the_line_breaks() -> None:
    assert hash_of("a  b\nc") == hash_of("a b c") != hash_of("a b d")
    assert hash_of("") == ""
