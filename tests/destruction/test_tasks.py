"""What a worker keeps of a destruction that broke."""

import traceback

import pytest

from throughway.core.refusals import Refused
from throughway.destruction import tasks


def test_failed_task_keeps_no_error_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*, id: str) -> None:
        raise ValueError("Ann Lee cannot be cast")

    monkeypatch.setattr(tasks.orders, "resume_order", broken)
    with pytest.raises(RuntimeError, match="ValueError") as stopped:
        tasks.carry_out.func("7F3KQ2MD")
    assert "Ann Lee" not in "".join(traceback.format_exception(stopped.value))


def test_a_refusal_is_kept_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*, id: str) -> None:
        raise Refused("A hold waits.", code="on_hold")

    monkeypatch.setattr(tasks.orders, "resume_order", refused)
    with pytest.raises(Refused, match="A hold waits"):
        tasks.carry_out.func("7F3KQ2MD")
