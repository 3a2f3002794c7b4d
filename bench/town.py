"""A community of a measurement: partners, one agreement over all of them, in a folder that is removed afterwards."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from throughway.cli.command import prepare_new
from throughway.partners.actor import OPERATOR, Actor
from throughway.store.community import Community

BACKBONE = "backbone"

AGREEMENT = """
throughway: agreement/1
id: bench
tier: dsa
title: All attendance for one measurement
parties:
{parties}
  - {{partner: backbone, roles: [recipient, steward], signatory: {{title: Director, authority: Resolution 1}}}}
purposes:
  - {{id: study, kind: evaluation, recipients: [backbone], roles: [evaluator], interest: Measure, basis: audit_evaluation,
      form: identified, basis_details: {{representative: backbone, program_owner: district-0, activity: measures attendance,
      program: "State-supported attendance programs, evaluated as education programs"}}}}
{also}custody: {{basis: school_official, basis_details: {{function: hosting, direct_control: true, annual_notice_criteria: Notice 1}}}}
schedule:
  - {{element: attendance_day.*, purposes: [{purposes}], necessity: Attendance is measured}}
  - {{element: school_enrollment.*, purposes: [{purposes}], necessity: Enrollment is measured}}
  - {{element: person.*, purposes: [{purposes}], necessity: Names are shown}}
terms:
  effective: {effective}
  expires: {expires}
  minimum_cell: 10
  training: []
  destruction: {{within_days: 60, method: purge}}
clauses:
  destroy_when_no_longer_needed: Destroyed.
  protect_from_further_disclosure: Policies.
  no_redisclosure: None.
  use_only_for_purpose: Only.
"""


@contextmanager
def town(
    districts: int, also: Mapping[str, str] | None = None
) -> Iterator[tuple[Community, list[str], Actor]]:
    """The folder, its districts' ids, and an evaluator who may ask under the purpose `study`. `also`: further purposes, each
    with what else stands in its entry."""
    from django.db import connection

    folder = Path(tempfile.mkdtemp(prefix="throughway-bench-"))
    try:
        community = Community(folder / "town")
        community.make(name="Bench")
        prepare_new(community)
        ids = [f"district-{n}" for n in range(districts)]
        yield community, ids, _agree(ids, also or {})
    finally:
        connection.close()
        shutil.rmtree(folder)


def _agree(districts: Sequence[str], also: Mapping[str, str]) -> Actor:
    from throughway.agreements import actions
    from throughway.partners.actions import add_partner, add_user

    signers = []
    for id, kind in [*((d, "lea") for d in districts), (BACKBONE, "backbone")]:
        add_partner(id=id, name=id, kind=kind, by=OPERATOR)
        signers.append(add_user(email=f"leader@{id}.example", partner=id, role="leader", by=OPERATOR))
    steward = add_user(email="steward@backbone.example", partner=BACKBONE, role="data_steward", by=OPERATOR)
    reader = add_user(email="evaluator@backbone.example", partner=BACKBONE, role="evaluator", by=OPERATOR)
    party = "  - {{partner: {0}, roles: [discloser], signatory: {{title: Head, authority: Policy}}}}"
    text = AGREEMENT.format(
        parties="\n".join(party.format(d) for d in districts),
        also="".join(f"  - {{id: {id}, {entry}}}\n" for id, entry in also.items()),
        purposes=", ".join(["study", *also]),
        effective=date.today() - timedelta(days=1),
        expires=date.today() + timedelta(days=365),
    )
    actions.add(text=text, by=OPERATOR)
    for signer in signers:
        actions.sign(id="bench", by=signer)
    actions.activate(id="bench", by=steward)
    return reader
