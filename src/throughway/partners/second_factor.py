"""Whether a community requires a second factor of everyone who signs in."""

from collections.abc import Mapping
from typing import Any


def required(settings: Mapping[str, Any]) -> bool:
    """By `[site] second_factor` of `throughway.toml`."""
    site = settings.get("site", {})
    return isinstance(site, dict) and site.get("second_factor") == "required"
