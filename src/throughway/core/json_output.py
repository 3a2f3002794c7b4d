"""Writes strict JSON: the command line and the API use the same rules."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any


def plain(value: Any) -> Any:
    """A value as JSON can hold it: days and times as ISO text, decimals as numbers."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def finite(value: Any) -> Any:
    """The value with null for numbers that JSON cannot hold: infinities and NaN."""
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def as_text(document: Mapping[str, Any]) -> str:
    return json.dumps(
        finite(document),
        default=lambda value: finite(plain(value)),
        ensure_ascii=False,
        indent=2,
        allow_nan=False,
    )
