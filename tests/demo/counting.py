"""The true counts behind the demo's reports, before they are protected: one JSON document. `python -m tests.demo.counting EMAIL`

Only a test may look at them: it holds them against the truth, and what was published against them.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

from django.conf import settings  # noqa: E402

from throughway.agreements.selectors import agreement_statuses  # noqa: E402
from throughway.agreements.service_commitments import promised  # noqa: E402
from throughway.casework.models import Referral  # noqa: E402
from throughway.gate.actions import enter, record_numbers  # noqa: E402
from throughway.insight import milestone_queries as milestones  # noqa: E402
from throughway.insight import pipeline_tables as pipelines  # noqa: E402
from throughway.insight.actions import visible_data_of  # noqa: E402
from throughway.insight.commitments import participation as services  # noqa: E402
from throughway.insight.commitments.figures import raw_tables  # noqa: E402
from throughway.insight.commitments.participation import match  # noqa: E402
from throughway.measures.policy import community_policy  # noqa: E402
from throughway.partners.selectors import actor, partners  # noqa: E402
from throughway.publication import RawTable  # noqa: E402
from throughway.supports.selectors import entries  # noqa: E402
from throughway.vocabulary.school_calendar import school_year_of  # noqa: E402


def tables(raw: tuple[RawTable, ...]) -> list[dict[str, object]]:
    return [
        {"title": t.title, "cells": [{"at": dict(c.at), "statistic": c.statistic, "count": c.count} for c in t.cells]}
        for t in raw
    ]  # fmt: skip


def site_referrals() -> list[tuple[str, str, str, str, str]]:
    """What the site's register says of each referral, beside the gate: partner, key of the record, kind of support, day, state."""
    keys = {
        (partner, number): key for partner in partners() for key, number in record_numbers(partner).items()
    }
    kinds = {each.number: each.said.category for each in entries()}
    return [
        (each.partner, keys[each.partner, each.record], kinds[each.support], (each.sent or each.since).isoformat(), each.state)
        for each in Referral.objects.all()
    ]  # fmt: skip


def main(email: str) -> None:
    access = enter(actor=actor(email), purpose="community-report")
    visible = visible_data_of(access.grants)
    pipeline = milestones.MilestoneQueries(access, visible, community_policy(settings.COMMUNITY), access.on)
    found = list(pipeline.milestones())
    pipelines.MANY = 1  # as where many are enrolled: by every kind of group
    raw = pipelines.pipeline_tables(found, list(pipeline.steps(found)))
    queries = services.ParticipationQueries(access, visible, access.on)
    delivered = {}
    for promise in promised(agreement_statuses(access.on)):
        for program in match(promise, queries.programs([promise.partner])):
            delivered[program.id] = list(
                queries.delivered(program, range(2021, school_year_of(access.on) + 1), promise.hours_per_week)
            )
    listed = {
        program: [{"year": d.year, "students": d.students, "bands": dict(d.bands), "others": dict(d.others)} for d in years]
        for program, years in delivered.items()
    }  # fmt: skip
    told = {
        "on": access.on.isoformat(), "classes": {m.measure.id: m.class_year for m in found}, "services": listed,
        "pipeline": tables(raw.tables), "service_tables": tables(raw_tables(delivered)),
    }  # fmt: skip
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
