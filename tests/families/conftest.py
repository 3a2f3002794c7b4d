"""A district, a program and a backbone: north gives attendance, harbor and hub read it."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.gate import making
from tests.kept import kept
from throughway.partners import Actor

TODAY = date.today()
AGO = TODAY - timedelta(days=10)
ASK = {"student": "n-11", "who": "Pat One", "relation": "parent", "identified": "Photo ID", "received": AGO}
ELEMENT = "attendance_day.attendance_status"


@pytest.fixture(autouse=True)
@kept
def town(community: object) -> None:
    document = making.sharing()
    document["terms"] |= {"breach_notice_hours": 72}
    making.register()
    making.in_effect(document)
    making.people()


@pytest.fixture
def officer() -> Actor:
    return making.reader("officer@north.example")


def consents(folder: Path, *lines: dict[str, Any]) -> Any:
    from throughway.consent import actions
    from throughway.partners import OPERATOR

    line = {
        "partner": "north", "record_key": "n-11", "agreement": "sharing-2026", "purpose": "planning", "decision": "yes",
        "signer": "Pat One", "relation": "parent", "signed_on": str(TODAY), "method": "paper", "language": "es",
        "notice_version": "2026-1", "expires": "",
    }  # fmt: skip
    path = folder / "consents.csv"
    rows = [",".join(str((line | each)[name]) for name in line) for each in lines]
    path.write_text("\n".join([",".join(line), *rows]), encoding="utf-8")
    return actions.add(path=path, by=OPERATOR)
