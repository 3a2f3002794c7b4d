"""Rows decided in a second by the compiled gate, and one by one by two policy engines under the same policy.

Fifty agreements, each of one district: who reads, for what purpose, which element, on which days a fact must lie, and that
the family consents. The engines get policies that are parsed once, and of each row nothing but what they decide by.
"""

import json
from collections.abc import Callable
from datetime import date, timedelta

import casbin
import cedarpy

from bench.attendance import DAYS, STUDENTS, best_of, fill_store
from bench.governed import COLUMNS, land_keys
from bench.row import Row
from bench.town import town

AGREEMENTS, SAMPLE, CONSENTING = 50, 4_000, 95
FIRST = date(2024, 8, 25)
PURPOSE, ELEMENT = "reading", "attendance_day.attendance_status"
AGREEMENT = """
throughway: agreement/1
id: bench-{n}
tier: dsa
title: Attendance of district {n}
parties:
  - {{partner: district-{n}, roles: [discloser], signatory: {{title: Head, authority: Policy}}}}
  - {{partner: backbone, roles: [recipient, steward], signatory: {{title: Director, authority: Resolution 1}}}}
purposes:
  - {{id: reading, kind: evaluation, recipients: [backbone], roles: [evaluator], interest: Measure, basis: consent, form: identified}}
custody: {{basis: school_official, basis_details: {{function: hosting, direct_control: true, annual_notice_criteria: Notice 1}}}}
schedule:
  - {{element: attendance_day.*, purposes: [reading], necessity: Attendance is measured}}
records: {{from: {first}, to: {last}}}
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
CEDAR = """
permit (principal == Reader::"backbone", action == Action::"reading", resource)
when {{ resource.partner == "district-{n}" && resource.element == "{element}" && context.day >= {first} && context.day <= {last} && context.consent }};
"""
CASBIN = """
[request_definition]
r = reader, purpose, partner, element, day, consent
[policy_definition]
p = reader, purpose, partner, element, first, last
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.partner == p.partner && r.reader == p.reader && r.purpose == p.purpose && r.element == p.element && r.day >= p.first && r.day <= p.last && r.consent
"""

Asked = tuple[int, int]  # a student, and which of the days


def window(n: int) -> tuple[date, date]:
    """Each agreement has days of its own."""
    return FIRST + timedelta(n % 10), FIRST + timedelta(DAYS - 1 - n % 7)


def consents(student: int) -> bool:
    return student * 7919 % 100 < CONSENTING


def allowed(student: int, day: int) -> bool:
    """The policy, said plainly: all three answers are held against it."""
    first, last = window(student % AGREEMENTS)
    return consents(student) and first <= FIRST + timedelta(day) <= last


def measure() -> list[Row]:
    sample = [(1 + n * 7919 % STUDENTS, n * 31 % DAYS) for n in range(SAMPLE)]
    rates = {"Cedar": _rate(_cedar(), sample), "Casbin": _rate(_casbin(), sample)}
    ours = _gate()
    what = f"rows decided under {AGREEMENTS} agreements, of {STUDENTS * DAYS / 1e6:.0f} M"
    return [
        Row(what, f"{ours / 1e6:,.0f} M/s", f"{name}, one by one: {rate:,.0f}/s", f"{ours / rate:,.0f} times", "≥ 10,000",
            ours / rate >= 10_000)
        for name, rate in rates.items()
    ]  # fmt: skip


def _gate() -> float:
    """Rows in a second, the entry in the ledger written."""
    with town(AGREEMENTS) as (community, districts, reader):
        from throughway.consent import actions as given
        from throughway.gate.actions import enter
        from throughway.partners.actor import OPERATOR

        _agree(districts)
        fill_store(districts)
        path = community.root / "consents.csv"
        with path.open("w") as file:
            file.write(COLUMNS + "\n")
            for n, (district, students) in enumerate(land_keys(districts).items()):
                file.writelines(
                    f"{district},k{s},bench-{n},{PURPOSE},yes,Pat,parent,{date.today()},paper,en,v1,\n"
                    for s in students
                    if consents(s)
                )
        given.add(path=path, by=OPERATOR)
        question = "SELECT count(attendance_status) FROM attendance_day"
        days = [(last - first).days + 1 for first, last in map(window, range(AGREEMENTS))]
        expected = sum(days[s % AGREEMENTS] for s in range(1, STUDENTS + 1) if consents(s))
        assert enter(actor=reader, purpose=PURPOSE).query(question).rows == [(expected,)]
        return STUDENTS * DAYS / best_of(5, lambda: enter(actor=reader, purpose=PURPOSE).query(question))


def _agree(districts: list[str]) -> None:
    from throughway.agreements import actions
    from throughway.partners.actor import OPERATOR
    from throughway.partners.selectors import actor

    for n, district in enumerate(districts):
        first, last = window(n)
        text = AGREEMENT.format(
            n=n,
            first=first,
            last=last,
            effective=date.today() - timedelta(days=1),
            expires=date.today() + timedelta(days=365),
        )
        actions.add(text=text, by=OPERATOR)
        for partner in (district, "backbone"):
            actions.sign(id=f"bench-{n}", by=actor(f"leader@{partner}.example"))
        actions.activate(id=f"bench-{n}", by=actor("steward@backbone.example"))


def _rate(decide: Callable[[list[Asked]], list[bool]], sample: list[Asked]) -> float:
    """Decisions in a second; each must be the right one."""
    assert decide(sample) == [allowed(*row) for row in sample]
    return len(sample) / best_of(3, lambda: decide(sample))


def _cedar() -> Callable[[list[Asked]], list[bool]]:
    policies = cedarpy.PolicySet.from_str(
        "".join(
            CEDAR.format(n=n, element=ELEMENT, first=window(n)[0].toordinal(), last=window(n)[1].toordinal())
            for n in range(AGREEMENTS)
        )
    )
    resources = cedarpy.Entities.from_json_str(
        json.dumps(
            [
                {"uid": {"type": "Value", "id": f"{n}"}, "attrs": {"partner": f"district-{n}", "element": ELEMENT}, "parents": []}
                for n in range(AGREEMENTS)
            ]
        )
    )  # fmt: skip

    def decide(rows: list[Asked]) -> list[bool]:
        requests = [
            {"principal": 'Reader::"backbone"', "action": f'Action::"{PURPOSE}"', "resource": f'Value::"{s % AGREEMENTS}"',
             "context": {"day": FIRST.toordinal() + d, "consent": consents(s)}}
            for s, d in rows
        ]  # fmt: skip
        return [answer.allowed for answer in cedarpy.is_authorized_batch(requests, policies, resources)]

    return decide


def _casbin() -> Callable[[list[Asked]], list[bool]]:
    model = casbin.Model()
    model.load_model_from_text(CASBIN)
    enforcer = casbin.Enforcer(model)
    for n in range(AGREEMENTS):
        days = [day.isoformat() for day in window(n)]
        enforcer.add_policy("backbone", PURPOSE, f"district-{n}", ELEMENT, *days)

    def decide(rows: list[Asked]) -> list[bool]:
        return [
            enforcer.enforce(
                "backbone", PURPOSE, f"district-{s % AGREEMENTS}", ELEMENT, (FIRST + timedelta(d)).isoformat(), consents(s)
            )
            for s, d in rows
        ]  # fmt: skip

    return decide
