"""What becomes of the codes that an earlier version drew, one for each agreement (docs/decisions/0044)."""

from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from tests.extracts import making as extracts
from tests.gate import making
from tests.gate.test_purpose_codes import EVALUATOR, amend, codes, shown, study, town  # noqa: F401
from throughway.extracts import actions
from throughway.gate.actions import enter
from throughway.partners import OPERATOR
from throughway.store.actions.removal import sweep
from throughway.store.models import StoredFile, StoreVersion
from throughway.store.selectors import snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
MIGRATION = import_module("throughway.ledger.migrations.0006_codes_of_purposes")
DRAWN = {"table__in": MIGRATION.TABLES}


def as_before(agreement: str, codes_of: str) -> None:
    """The codes of this name become the agreement's, and all others of it are gone, as the earlier version has left them."""
    StoredFile.objects.filter(**DRAWN, partner__startswith=f"{agreement}/").exclude(partner=codes_of).delete()
    StoredFile.objects.filter(partner=codes_of).update(partner=agreement)
    StoreVersion.objects.update(token="before")


def migrate() -> None:
    MIGRATION.codes_of_purposes(apps, None)


def people(purpose: str) -> set[str]:
    return {row[0] for row in enter(actor=making.reader(EVALUATOR), purpose=purpose).query("SELECT person_id FROM person").rows}  # fmt: skip


def test_a_purpose_that_alone_showed_them_keeps_them(town: None) -> None:  # noqa: F811
    making.in_effect(study("study", ["counting-days", "hearing-them"]))
    before = shown("counting-days")
    as_before("study", "study/counting-days")
    migrate()
    assert shown("counting-days") == before
    assert not codes(shown("hearing-them")) & codes(before)


def test_codes_that_two_purposes_showed_are_nobody_s_any_more_and_die(town: None) -> None:  # noqa: F811
    making.in_effect(study("study", ["counting-days", "hearing-them"]))
    before = codes(shown("counting-days")) | codes(shown("hearing-them"))
    as_before("study", "study/counting-days")
    files = [file.id for file in StoredFile.objects.filter(**DRAWN, state="live")]
    assert files
    migrate()
    assert not (codes(shown("counting-days")) | codes(shown("hearing-them"))) & before
    assert not codes(shown("counting-days")) & codes(shown("hearing-them"))
    with snapshot() as stored:
        paths = [stored._community.vault / f"{id}.sealed" for id in files]
    sweep(by=OPERATOR)
    assert {file.state for file in StoredFile.objects.filter(id__in=files)} == {"removed"}
    assert not any(path.exists() for path in paths)


def test_research_goes_on_from_its_extracts(tmp_path: Path) -> None:
    """Of a license whose codes several purposes showed, the one of which extracts were taken keeps them."""
    making.register()
    making.in_effect(making.sharing())
    making.people()
    text = study("study", ["counting-days", "hearing-them"])
    making.in_effect(text)
    making.in_effect(text | {"id": "license", "tier": "dul", "under": ["study"]})

    def wave(number: int) -> set[str]:
        by, out = making.reader(EVALUATOR), tmp_path / str(number)
        made = actions.extract(agreement="license", purpose="hearing-them", out=out, by=by)
        return {row["person_id"] for row in extracts.table(made.folder, "person")}

    first = wave(1)
    asked = enter(actor=making.reader(EVALUATOR), purpose="counting-days", under="license")
    asked.query("SELECT person_id FROM person")
    assert MIGRATION.showed_codes(apps, "license") == {"counting-days", "hearing-them"}
    as_before("license", "license/hearing-them")
    migrate()
    making.land("person", "north", [{"person_record": 999, "first_name": "Eve"}], "sharing-2026", year=2027)
    assert first < wave(2)


def test_nothing_changes_the_second_time(town: None) -> None:  # noqa: F811
    making.in_effect(study("study", ["counting-days", "hearing-them"]))
    before = shown("counting-days"), shown("hearing-them")
    migrate()
    assert (shown("counting-days"), shown("hearing-them")) == before


def test_purposes_that_show_no_code_do_not_count() -> None:
    """Casework beside one study: its names are in the ledger, and the study keeps its codes."""
    making.register()
    making.in_effect(making.sharing())
    making.people()
    document = study("study", ["counting-days"])
    helping = making.purpose("helping", "operations", "identified", recipients=["hub"], **{"from": ["north"]})
    document["purposes"].append(helping)
    document["schedule"].append(making.line("person.first_name", "helping"))
    making.in_effect(document)
    before = people("counting-days")
    enter(actor=making.reader(EVALUATOR), purpose="helping").query("SELECT first_name FROM person")
    as_before("study", "study/counting-days")
    migrate()
    assert people("counting-days") == before
