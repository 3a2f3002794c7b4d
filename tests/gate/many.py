"""The gate against the judge over many random cases, beyond what the suite tries: `python -m tests.gate.many 1000 [SEED]`.

At least so many cases that reach and choices let through, and of the rest in the suite's proportion; other ones each time,
unless a seed says which.
"""

import os
import sys
from math import ceil

import pytest

AT_ONCE = 180  # cases of the largest test in the suite


def main(cases: int, *seed: str) -> int:
    os.environ["CASES_TIMES"] = str(ceil(cases / AT_ONCE))
    chosen = [f"--hypothesis-seed={each}" for each in seed]
    return int(
        pytest.main(
            [
                "tests/gate/test_governed_rows.py",
                "-v",
                "-p",
                "no:cacheprovider",
                "--hypothesis-show-statistics",
                *chosen,
            ]
        )
    )


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
