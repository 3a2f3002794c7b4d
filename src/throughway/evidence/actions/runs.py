"""Runs of studies that are asked for on the site."""

from collections.abc import Mapping
from datetime import date

from throughway.evidence.actions.studies import check_installed, check_may_run, run_study
from throughway.evidence.selectors import study
from throughway.partners import Actor
from throughway.partners.asked_work.actions import ask
from throughway.partners.asked_work.selectors import asked_now
from throughway.partners.asked_work.work import AskedNow, Work

KIND = "study"


def _run(asked: AskedNow, by: Actor) -> Mapping[str, object]:
    run_study(id=asked.about, by=by)
    return _has_finding(asked, by)


def _has_finding(asked: AskedNow, by: Actor) -> Mapping[str, object]:
    """The releases of the study's finding; nothing where it has none."""
    return {"found": {"releases": found}} if (found := study(asked.about).findings) else {}


STUDY_RUN = Work(
    does=_run,
    done_before=_has_finding,
    running="The study is being run; its finding appears here in a minute or two.",
    stopped="The run was stopped before it was done. Ask once more; if it happens again, tell whoever runs the server.",
    broken="The study stopped because of an error in the program; tell whoever runs the server.",
)


def ask_for_run(*, study: str, by: Actor) -> None:
    """Refused where the study has its finding, where it is being run, where the agreements do not let this reader in, and where the
    libraries are not installed."""
    from throughway.evidence.tasks import run_registered_study

    check_installed()
    check_may_run(study, by)
    ask(STUDY_RUN, task=run_registered_study, kind=KIND, about=study, by=by)


def newest_run(study: str) -> AskedNow | None:
    """The run of a study that was asked for last, while it goes on and for some days after it ended."""
    return next(iter(asked_now(STUDY_RUN, KIND, date.today(), about=study)), None)
