"""A request as JSON keeps it, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from throughway.agreements.enums import Basis, Form
from throughway.governance.data_request import Wanted


def kept(wanted: Wanted) -> dict[str, Any]:
    values = asdict(wanted)
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()} | {
        "necessity": dict(wanted.necessity),
        "details": dict(wanted.details),
        "form": wanted.form.value,
        "basis": wanted.basis.value,
    }


def wanted_of(values: Mapping[str, Any]) -> Wanted:
    expires = values.get("irb_expires")
    lists = {key: tuple(values[key]) for key in ("elements", "of", "under")}
    return Wanted(
        **{
            **values,
            **lists,
            "form": Form(values["form"]),
            "basis": Basis(values["basis"]),
            "until": date.fromisoformat(values["until"]),
            "irb_expires": date.fromisoformat(expires) if expires else None,
        }
    )
