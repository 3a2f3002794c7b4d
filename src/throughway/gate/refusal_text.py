"""Why something is refused, in as few words as say all of it: of agreements that refuse alike each is named once."""

import re
from collections.abc import Iterable

from throughway.core.prose import listed
from throughway.gate.decision import Reason


def sentences(reasons: Iterable[Reason]) -> str:
    """The reasons in their order, each once; those that differ by the agreement alone are one sentence."""
    alike: dict[tuple[str, ...], dict[str, None]] = {}
    for reason in reasons:
        around = tuple(
            re.split(rf"(?<= in ){re.escape(reason.agreement)}(?![\w-])", reason.sentence, maxsplit=1)
        )
        alike.setdefault(around if reason.agreement else (reason.sentence,), {})[reason.agreement] = None
    return " ".join(listed(named).join(around) for around, named in alike.items())
