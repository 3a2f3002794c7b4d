"""The lists of codes that coded elements take, by CEDS option set."""

from collections.abc import Mapping

CODE_SETS: Mapping[str, Mapping[str, str]] = {}
