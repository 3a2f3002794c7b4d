"""The manual's page on the rules, generated from the rules: `throughway agreement rules --page`."""

from collections.abc import Iterator

from throughway.agreements.enums import Severity
from throughway.agreements.legal_review.rule_pack import DEMANDS, NUMBERS, PLACES, shipped
from throughway.agreements.legal_review.rules import PARTS, RULES, LegalRule

GRAVITY = {
    Severity.BLOCKING: "It blocks: the document cannot be signed.",
    Severity.WARNING: "It warns: a person must check and decide.",
    Severity.ADVICE: "It advises.",
}
INTRODUCTION = """\
# The rules

[The review](agreements.md#what-the-review-asks) checks an agreement against {rules} rules: {checked} are checked in the document, and
{elsewhere} are enforced by the gate, by the consents, by destruction or by people. Each rule has its law, the law's words if we had them, what
cures a finding, and what no check can see. This is not legal advice. A rule that a program cannot decide goes to a person, with the text.

`throughway agreement rules` lists the rules; `--json` adds the SHA-256 of each quote. This page is generated from the same data.
"""
ADDED = """\
## Rules of a State or a community

Put a file into the folder `rules` of your community, such as `rules/our-town.yaml`. It applies to every review and every
signature from then on. A file with an unknown word is refused as a whole, in a sentence, and no agreement can be reviewed until the file is corrected.

    throughway: rules/1
    id: our-town
    title: Our Town
    rules:
      - id: TOWN-4
        title: Counts of fewer than 20 persons are withheld
        citation: Board policy 1450, section 4
        text_date: 2026-05-04
        severity: blocking
        at_least: {terms.minimum_cell: 20}
        cure: State 20 or more in terms.minimum_cell.

**The stricter rule prevails.** If your file, another file and the law limit the same number, the review cites only the strictest limit that is broken, with
the highest severity among the broken ones.

Each rule has `id`, `title`, `citation` and `cure`, and may have `text_date`, `quote`, `severity` (`blocking`, `warning` or `advice`),
`counsel: true` (counsel has yet to confirm it), `cannot` and `when`. It has exactly one requirement:

| field | what it requires |
|---|---|
"""
ASKS = {
    "clauses": "these clauses are written, such as `no_redisclosure`",
    "filled": "these places are filled: {places}",
    "at_least": "a number is at least this large: {numbers}",
    "at_most": "a number is at most this large: the same numbers; `term_days` counts from the first day to the last",
    "forbid": "`elements`, `tables` or `tags` (of the laws that protect elements) that no such purpose may show",
    "country": "`terms.storage_country` is one of these",
    "prohibited": "`terms.prohibited` rules these uses out",
    "training": "`terms.training` names these courses",
    "forms": "records are shown only in these forms",
    "reach": "casework reaches no further: `roster`, `site`, `caseload`",
    "bases": "only these bases are used",
    "election": "at the end the records are treated in one of these ways: `destroy`, `return`, `keep_deidentified`",
    "joinder": "`closed`: nobody joins later",
    "onward": "`none`: there is no onward recipient",
    "inspect_within": "a family that asks sees the record within so many `days`, or `business_days` (Monday to Friday), at most 45 days; its `when` names disclosers alone",
}
WHEN = """
`when` says which purposes the rule applies to: `tiers`, `bases`, `kinds`, `forms`, and `disclosers` and `recipients` by their kind or legal status. If
it is absent, the rule applies to every agreement that shares records.

### States that come with the platform

These are examples for counsel to confirm: they do not quote a State’s law, and you are responsible for the rules that you add. To use one:

    mkdir -p rules && throughway agreement rules --pack new-york > rules/new-york.yaml

"""


def page() -> str:
    """The whole page, as Markdown."""
    checked = sum(bool(rule.checks) for rule in RULES.values())
    parts = [INTRODUCTION.format(rules=len(RULES), checked=checked, elsewhere=len(RULES) - checked)]
    for part, heading in PARTS.items():
        parts.append(f"## {heading}\n")
        parts += [_rule(rule) for rule in RULES.values() if rule.part == part]
    parts.append(ADDED + "".join(_asks()) + WHEN + "".join(f"- `{name}`\n" for name in shipped()))
    return "\n".join(parts)


def _asks() -> Iterator[str]:
    numbers = ", ".join(f"`{name}` ({what})" for name, what in NUMBERS.items())
    places = ", ".join(f"`{name}`" for name in PLACES)
    for name in DEMANDS:
        yield f"| `{name}` | {ASKS[name].format(numbers=numbers, places=places)} |\n"


def _rule(rule: LegalRule) -> str:
    bases = f" For {', '.join(f'`{basis}`' for basis in rule.bases)}." if rule.bases else ""
    lines = [f"### {rule.id}\n", f"**{rule.title}.** {rule.citation}.{bases}\n"]
    if rule.quote:
        quote = "\n>\n".join(f"> {' '.join(paragraph.split())}" for paragraph in rule.quote.split("\n\n"))
        lines.append(f"{quote}\n>\n> — {rule.text.name}, as of {rule.text_date}\n")
    elif rule.text.name != "a rule of this platform":
        lines.append(f"We did not have its words ({rule.text.name}).\n")
    gravity = GRAVITY[rule.severity] if rule.severity else f"Not checked in the document. {rule.elsewhere}"
    lines.append(f"- {gravity}\n- **What cures it.** {rule.cure}\n- **What no check sees.** {rule.cannot}\n")
    return "\n".join(lines)
