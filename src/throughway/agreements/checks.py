"""What other rooms hold against an act on an agreement."""

from collections.abc import Callable

# Each is asked before a text counts as settled, with the agreement's id, and answers with the sentence that holds it, or None.
before_agree: list[Callable[[str], str | None]] = []
