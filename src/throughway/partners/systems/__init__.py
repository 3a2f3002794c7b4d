"""The data systems of each partner: what it keeps, where, since when, and which offices answer for it."""

from throughway.partners.systems.system import (
    AS_LOADED,
    Holding,
    Origin,
    Refresh,
    Regime,
    RegisteredSystem,
    SystemStatement,
    held_elements,
)

__all__ = [
    "AS_LOADED",
    "Holding",
    "Origin",
    "Refresh",
    "Regime",
    "RegisteredSystem",
    "SystemStatement",
    "held_elements",
]
