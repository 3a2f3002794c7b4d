"""The law as data: every quoted word stands in the text that is named, and nothing of it changes unseen."""

import hashlib
import os
import re
from pathlib import Path

import pytest

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
def texts() -> dict[str, str]:
    folder = next(
        (Path(place) for place in PLACES if place and (Path(place) / "34cfr99.txt").is_file()), None
    )
    if folder is None:
        pytest.skip("the texts of the law are not at hand: name their folder in $LAW_TEXTS")
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
