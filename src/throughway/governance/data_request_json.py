"""A request as JSON keeps it, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from throughway.agreements.enums import AccessForm, Basis
from throughway.governance.data_request import RequestedData


def request_to_json(wanted: RequestedData) -> dict[str, Any]:
    values = asdict(wanted)
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()} | {
        "necessity": dict(wanted.necessity),
        "details": dict(wanted.details),
        "form": wanted.form.value,
        "basis": wanted.basis.value,
    }


def request_from_json(values: Mapping[str, Any]) -> RequestedData:
    expires = values.get("irb_expires")
    lists = {key: tuple(values[key]) for key in ("elements", "of", "under")}
    return RequestedData(
        **{
            **values,
            **lists,
            "form": AccessForm(values["form"]),
            "basis": Basis(values["basis"]),
            "until": date.fromisoformat(values["until"]),
            "irb_expires": date.fromisoformat(expires) if expires else None,
        }
    )
