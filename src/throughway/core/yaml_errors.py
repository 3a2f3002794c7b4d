"""Where a YAML text that people wrote cannot be read, and the likely cause: an unquoted # or colon, a tab, an open quote."""

import re

import yaml

QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
COMMENT = re.compile(r"\S.*?\s#")  # a comment behind something on the same line
# The same with no blank behind the sign: more likely a part of the text, as in `Student #` or `#1 choice`.
CUT = re.compile(r"\S.*?\s#(?!\s+\w)")
COLON_WITHIN = re.compile(r":\s.*[^\s\"'{,\[]:(\s|$)")
QUOTES = "put the text in quotes"
HASH = f"the # is not in quotes, so that YAML reads nothing after it; {QUOTES}"


def fault_of(error: yaml.MarkedYAMLError, text: str) -> str:
    """` at line 3, column 9: a colon and a blank …`: the end of a sentence that names the document, without its full stop."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return "; mend the indentation, a quote or a colon"
    begun = error.context_mark.line if error.context_mark else mark.line
    line, cause = _cause(f"{error.context} {error.problem}", text.splitlines(), begun, mark.line, mark.column)
    column = f", column {mark.column + 1}" if line == mark.line else ""
    return f" at line {line + 1}{column}: {cause}"


def unquoted_hash(text: str) -> str:
    """A sentence on the first line whose # cuts off what may be meant as text; empty where there is none."""
    for number, line in enumerate(text.splitlines(), 1):
        if CUT.search(_bare(line)):
            return f"Line {number} has an unquoted #, and YAML reads nothing after it; {QUOTES} if the # belongs to it."
    return ""


def _cause(problem: str, lines: list[str], begun: int, at: int, column: int) -> tuple[int, str]:
    """The line (from 0) to be mended, and what is likely wrong there. `problem` is YAML's own sentence, begun at `begun`."""

    def bare(line: int) -> str:
        return _bare(lines[line]) if line < len(lines) else ""

    here = bare(at)
    if "\t" in here[: column + 1]:
        return at, "a tab stands where YAML takes blanks alone; use blanks"
    if "flow" in problem:  # a bracket that is opened at `begun`
        cut = [line for line in range(begun, at + 1) if CUT.search(bare(line))]
        if cut or COMMENT.search(bare(begun)):
            return (cut or [begun])[0], HASH
        if COLON_WITHIN.search(here[: column + 2]):
            return at, f"a colon and a blank stand within the text; {QUOTES}"
        return begun, "a bracket is opened there and not closed, or a comma is missing; mend it"
    if "end of stream" in problem or "document indicator" in problem:
        return begun, "a quote is opened there and never closed; close it"
    if "escape" in problem or "hex" in problem:
        return at, "a backslash stands in double quotes; use single quotes"
    if any(sign in problem for sign in ("cannot start any token", "alias", "anchor", "tag")):
        return at, f"the text begins with a sign that YAML keeps for itself; {QUOTES}"
    if "mapping values are not allowed" in problem:
        return (
            at,
            f"a colon and a blank stand within the text, where YAML reads the name of a field; {QUOTES}",
        )
    if "could not find expected ':'" in problem:
        return begun, "the name of a field has no colon after it; write it as `name: value`"
    return at, "mend the indentation, a quote or a colon there"


def _bare(line: str) -> str:
    """The line with all that stands in quotes blotted out, as long as it was."""
    return QUOTED.sub(lambda quoted: "x" * len(quoted[0]), line)
