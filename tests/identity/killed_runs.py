"""Real processes that link and are killed while they do, or link beside loads and look-ups; run by test_killed_runs.py.

    python -m tests.identity.killed_runs steps|beside ROUNDS SEED

Each act is a process of its own, forked from this one, which has used no engine. Prints one JSON line.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import date

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "throughway.site.settings"
django.setup()

import pyarrow as pa  # noqa: E402

from tests.gate import making  # noqa: E402
from tests.identity import arriving_batches  # noqa: E402
from tests.store.crashing import ended_well, forked, kill_before  # noqa: E402
from throughway.core.refusals import Refused  # noqa: E402
from throughway.gate.actions import person_links  # noqa: E402
from throughway.identity.actions.linking import link  # noqa: E402
from throughway.identity.actions.lookup import look_up  # noqa: E402
from throughway.identity.models import IdentityRun, Person  # noqa: E402
from throughway.partners import OPERATOR  # noqa: E402
from throughway.store.actions.maintenance import check  # noqa: E402

NAMES = (
    "Ottilie",
    "Jacob",
    "Maya",
    "Ximena",
    "Caleb",
    "Ines",
    "Benedikt",
    "Noor",
    "Tomas",
    "Wilma",
    "Yusuf",
    "Greta",
)
ALLOWED = ("left by a load that did not finish",)
TRY_AGAIN = ("busy", "changed_meanwhile", "not_allowed")


def few(first: int, many: int, batch: str) -> set[int]:
    """Lands so many records, every third of them one person with the one before."""
    rows = []
    for n in range(first, first + many):
        who = n - (n % 3 == 2)
        rows.append({
            "person_record": n, "partner": arriving_batches.SOURCES[n % 3], "first_name": NAMES[who % 12], "last_or_surname": f"Vander{NAMES[who // 12 % 12]}",
            "birthdate": date(2004 + who % 10, 1 + who % 12, 1 + who % 28),
        })  # fmt: skip
    arriving_batches.arrive({"person": pa.Table.from_pylist(rows)}, batch)
    return set(range(first, first + many))


def links() -> dict[int, int]:
    found = person_links()
    return dict(zip(found["record"].to_pylist(), found["person"].to_pylist(), strict=True))


def linked() -> None:
    link(by=OPERATOR)


def town(records: int) -> None:
    arriving_batches.register()
    making.in_effect(arriving_batches.agreed())
    few(1, records, "load-0")
    assert ended_well(forked(linked))


def steps(rounds: int, seed: int) -> dict[str, int]:
    """Each round is killed before a step on the disk; every `rounds`-th step is taken, until a run ends before its step."""
    town(60)
    step, killed, number = 1 + seed % rounds, 0, 1000
    for turn in range(200):
        new = few(number, 3, f"load-{turn + 1}")
        number += 3
        before, runs = links(), IdentityRun.objects.count()

        def act(step: int = step) -> None:
            kill_before(step)
            link(by=OPERATOR)

        code = os.waitstatus_to_exitcode(os.waitpid(forked(act), 0)[1])
        after = links()
        assert after in (before, before | {n: after.get(n, 0) for n in new}), (
            "neither the old links nor the new"
        )
        assert IdentityRun.objects.count() == runs + (after != before), (
            "links without their run, or a run without its links"
        )
        assert set(after.values()) <= set(Person.objects.filter(retired=False).values_list("id", flat=True))
        sound = [p for p in check() if not any(a in p for a in ALLOWED)]
        assert sound == [], sound
        assert ended_well(forked(linked)), "the next run does not go on"
        assert links().keys() == before.keys() | new
        assert before.items() <= links().items(), "an id changed"
        if code == 0:
            return {"killed": killed, "steps": step}
        assert code == -signal.SIGKILL, "the process failed by itself"
        killed, step = killed + 1, step + rounds
    raise AssertionError("more steps than rounds")


def beside(rounds: int, seed: int) -> dict[str, int]:
    """Two load, one links and one looks up, all at once."""
    town(30)
    by = making.reader("steward@hub.example")

    def load(first: int) -> Callable[[], None]:
        return lambda: [few(first + 3 * n, 3, f"load-{first}-{n}") for n in range(rounds)] and None

    def often(act: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            well = 0
            for _ in range(rounds * 5):
                try:
                    act()
                    well += 1
                except Refused as refused:
                    if refused.code not in TRY_AGAIN:
                        raise
                if well >= rounds:
                    return
            raise AssertionError("it never came to its turn")

        return run

    def find() -> None:
        found = look_up(
            first=NAMES[3], last="VanderOttilie", birthdate=date(2007, 4, 4), purpose="matching", by=by
        )
        assert found.candidates, "nobody was found"

    acts = [load(1000), load(2001), often(linked), often(find)]
    assert all(ended_well(each) for each in [forked(act) for act in acts]), "one of them failed"
    assert ended_well(forked(linked))
    assert len(links()) == 30 + 6 * rounds
    few_groups = arriving_batches.groups(links())
    assert ended_well(forked(lambda: link(full=True, by=OPERATOR) and None))
    assert arriving_batches.groups(links()) == few_groups
    assert check() == []
    return {"records": len(links()), "runs": IdentityRun.objects.count()}


if __name__ == "__main__":
    act = {"steps": steps, "beside": beside}[sys.argv[1]]
    sys.stdout.write(json.dumps(act(int(sys.argv[2]), int(sys.argv[3]))))
