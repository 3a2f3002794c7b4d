"""The data systems of each partner: their contents, location, period, and responsible offices."""

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
