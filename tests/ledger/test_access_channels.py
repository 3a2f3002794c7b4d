"""Every way in and out of the platform is said by the entries of what went there."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tests.gate.test_api import Programs, commanded, known, post, programs
from tests.gate.test_attacks_pages import EVALUATOR, NORTH, OFFICER
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.ledger.access_channels import current_channel, for_output, using_channel, way_words
from throughway.ledger.models import LedgerEntry
from throughway.partners.selectors import actor
from throughway.site.middleware import RecordChannel

__all__ = ["known", "programs"]  # fixtures
SQL = "SELECT person_id FROM person"


def test_a_way_is_said_while_it_is_taken_and_no_longer() -> None:
    assert current_channel() == ""
    with using_channel("command"), for_output("report"):
        assert current_channel() == "command/report"
        with using_channel("page"):
            assert current_channel() == "page/report"
    assert current_channel() == ""
    assert way_words("command/report") == "the command line, for the figures of a report"
    assert way_words("") == ""


@pytest.mark.parametrize(
    ("address", "way"), [("/api/query", "api"), ("/ledger/", "page"), ("/apis/", "page")]
)
def test_a_request_comes_by_a_page_or_by_the_api(address: str, way: str) -> None:
    said = []

    def answer(request: HttpRequest) -> HttpResponse:
        said.append(current_channel())
        return HttpResponse()

    RecordChannel(answer)(RequestFactory().get(address))
    assert said == [way]
    assert current_channel() == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("community")
class TestEntries:
    def last(self) -> str:
        return LedgerEntry.objects.order_by("at").last().way

    def test_command_line_and_api_channels_are_recorded(self, programs: Programs) -> None:
        for sql, outcome in ((SQL, "released"), ("SELEC", "refused")):
            commanded("query", sql, "--purpose", "planning", "--as", EVALUATOR)
            post(programs[EVALUATOR], "query", sql=sql, purpose="planning")
            found = LedgerEntry.objects.filter(outcome=outcome).order_by("at").values_list("way", flat=True)
            assert list(found)[-2:] == ["command", "api"]

    def test_what_rows_become_is_said_too(self, known: dict[str, str]) -> None:
        counting = enter(actor=actor("evaluator@hub.example"), purpose="counting")
        with using_channel("page"):
            counting.figures("SELECT count(*) AS n FROM attendance_day")
        assert self.last() == "page/report"
        access = enter(actor=actor(EVALUATOR), purpose="planning")
        access.table(SQL)
        assert self.last() == "linkage"
        access.few({"one": SQL}, [11])
        assert self.last() == "linkage"
        with pytest.raises(Refused):
            access.take({"one": SQL}, within=lambda _: None)
        assert self.last() == "extract"

    def test_a_page_and_a_list_say_it(self, known: dict[str, str], client: Client) -> None:
        commanded("query", SQL, "--purpose", "planning", "--as", EVALUATOR)
        entry = LedgerEntry.objects.order_by("at").last()
        from django.contrib.auth import get_user_model

        client.force_login(get_user_model().objects.get(email=OFFICER))
        page = client.get(f"/ledger/{entry.id}/").content.decode()
        assert "How it was read" in page
        assert "The command line" in page
        status, told = commanded("ledger", "person", "11", "--as", NORTH)
        assert status == 0, told
        assert told["disclosures"][-1]["way"] == "command"
