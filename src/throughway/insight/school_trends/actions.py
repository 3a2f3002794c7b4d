"""The report; `insight/trends` counts it."""

from throughway.insight.trends.actions import SCHOOL_REPORT as REPORT

__all__ = ["REPORT"]
