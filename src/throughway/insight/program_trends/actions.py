"""The report; `insight/trends` counts it."""

from throughway.insight.trends.actions import PROGRAM_REPORT as REPORT

__all__ = ["REPORT"]
