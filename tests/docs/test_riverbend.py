"""The page on Riverbend has every partner, agreement and sign-in of the demo, each agreement as it is brought to stand."""

import re
from pathlib import Path

import pytest
import yaml

import throughway.demo
from throughway.demo.partners import ACTIVATORS, PARTNERS, PEOPLE
from throughway.demo.scenes.agreements import DRAFT, FATES, Fate

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "riverbend.md").read_text(encoding="utf-8")
PAPERS = sorted((Path(str(throughway.demo.__file__)).parent / "papers" / "agreements").glob("*.yaml"))
SAID = {
    Fate.IN_EFFECT: "in effect", Fate.WAITING: "waits for one signature", Fate.SIGNED: "signed", Fate.EXPIRED: "expired",
    Fate.SUSPENDED: "suspended", Fate.ENDED: "ended",
    Fate.NEGOTIATION: "negotiated", Fate.APPROVAL: "settled", Fate.WINDING_DOWN: "being wound down", Fate.CLOSED: "closed",
}  # fmt: skip


def id_of(paper: Path) -> str:
    return str(yaml.safe_load(re.sub(r"\$\w+", "2026", paper.read_text(encoding="utf-8")))["id"])


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.stem)
def test_each_agreement_has_the_state_on_the_page(paper: Path) -> None:
    row = re.search(rf"^\| `{id_of(paper)}`( \(a draft\))? \| (.+?) \|", PAGE, re.MULTILINE)
    assert row
    assert bool(row[1]) == paper.name.startswith(DRAFT)
    if not row[1]:
        assert row[2].startswith(SAID[FATES.get(id_of(paper), Fate.IN_EFFECT)])


def test_no_other_agreement_is_on_the_page() -> None:
    table = PAGE.partition("## What they agreed")[2].partition("## ")[0]
    assert set(re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)) == {id_of(paper) for paper in PAPERS}


def test_every_partner_and_sign_in_is_on_the_page() -> None:
    assert [p.name for p in PARTNERS if f"| {p.name} |" not in PAGE] == []
    named = [p for p in PEOPLE if p.address != "director" and p.partner != "lakeside-schools"]
    assert [p.email for p in named if f"`{p.email}`" not in PAGE] == []
    assert [email for email in ACTIVATORS if email.partition("@")[2] not in PAGE] == []


def test_every_file_of_the_truth_is_on_the_page() -> None:
    source = (Path(str(throughway.demo.__file__)).parent / "truth.py").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z]+\.csv)`", PAGE))
    assert set(re.findall(r'folder / "([a-z]+\.csv)"', source)) == told
