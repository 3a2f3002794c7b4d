"""The diagram of an agreement's life, drawn from the transition table alone: `docs/life.md` holds it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from throughway.agreements.states import TRANSITIONS, AgreementAct, AgreementState

FIRST, LAST = AgreementState.DRAFT, (AgreementState.AMENDED, AgreementState.CLOSED)


def mermaid() -> str:
    """A state diagram in the notation of Mermaid: one arrow from a state to another, with every act that leads there."""
    lines = ["stateDiagram-v2", f"    [*] --> {FIRST}: {AgreementAct.ADD}"]
    for (start, end), acts in arrows().items():
        lines.append(f"    {start} --> {end}: {', '.join(acts)}")
    lines += [f"    {state} --> [*]" for state in LAST]
    return "\n".join(lines)


def table() -> str:
    """The same as rows of a Markdown table: where it stands, the act, where it may stand then."""
    rows = [f"| `{state}` | {act.replace('_', ' ')} | {_targets(state, act)} |" for state, act in _ordered()]
    return "\n".join(["| it stands at | act | it may then stand at |", "|---|---|---|", *rows])


def arrows() -> Mapping[tuple[AgreementState, AgreementState], list[AgreementAct]]:
    """The acts that lead from a state to another, or back to itself, in the order of the states."""
    found: dict[tuple[AgreementState, AgreementState], list[AgreementAct]] = defaultdict(list)
    for state, act in _ordered():
        for end in AgreementState:
            if end in TRANSITIONS[state, act]:
                found[state, end].append(act)
    return dict(sorted(found.items(), key=lambda one: [list(AgreementState).index(s) for s in one[0]]))


def _ordered() -> Iterator[tuple[AgreementState, AgreementAct]]:
    return ((state, act) for state in AgreementState for act in AgreementAct if (state, act) in TRANSITIONS)


def _targets(state: AgreementState, act: AgreementAct) -> str:
    return ", ".join(f"`{end}`" for end in AgreementState if end in TRANSITIONS[state, act])
