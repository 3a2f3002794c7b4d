"""Where a report stands that is asked for and not public: being counted, refused, or waiting for a person; on the leaders' pages."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.gate import making
from tests.insight.asking import counted, preview
from tests.insight.test_services import MONDAY, document
from tests.site.people import signed_in
from throughway.core.prose import day
from throughway.insight.counts.actions import COUNT
from throughway.insight.counts.selectors import _waits, publication_states
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_user
from throughway.partners.models import AskedWork
from throughway.publication.actions import act_on
from throughway.publication.selectors import releases
from throughway.publication.states import ReleaseAct, standing
from throughway.site.home.page import HomeContext
from throughway.site.home.views import the_month

PUBLISHED = {"purpose": "counting", "publish": "yes"}
TODAY = day(date.today())


def settle(**terms: Any) -> dict[str, Actor]:
    """Harbor has promised a club, in which 25 take part; the hub counts. The leaders of the three."""
    making.register()
    made = document()
    made["terms"] |= terms
    making.in_effect(made)
    making.land(
        "program", "harbor", [{"program_identifier": "harbor/club-1", "program_name": "Homework Club"}]
    )
    stays = [
        {
            "person_record": n,
            "program_identifier": "harbor/club-1",
            "program_participation_start_date": MONDAY,
        }
        for n in range(100, 125)
    ]
    making.land("program_participation", "harbor", stays)
    return {
        id: add_user(email=f"leader@{id}.example", partner=id, role=Role.LEADER, password="four herons stand in mist", by=OPERATOR)
        for id in ("north", "harbor", "hub")
    }  # fmt: skip


def said(reader: Actor) -> list[str]:
    """What a leader reads on the home, the month and the report's page, which is the same."""
    found = [each.sentence for each in publication_states(reader, date.today())]
    client = signed_in(reader)
    home = [line.text for line in the_month(HomeContext(reader, date.today())).lines]
    assert [line for line in home if "report on services promised" in line] == found
    for address in ("/month/", "/services/"):
        page = client.get(address).content.decode()
        assert all(each.partition(":")[0] in page for each in found), address
        assert ("report on services promised" in page) == bool(found), address
    return found


@pytest.mark.django_db(transaction=True)
class TestOnTheLeadersPages:
    def test_from_the_request_to_the_public_figures_and_a_refusal(self, community: object) -> None:
        leaders = settle(publication_review_days=14)
        asking = signed_in(making.reader("evaluator@hub.example"))
        assert [said(each) for each in leaders.values()] == [[]] * 3
        asking.post("/services/count/", PUBLISHED)
        for each in leaders.values():
            assert said(each) == [
                f"The report on services promised is being counted, as Hub asked on {TODAY}; its page will show the figures, or that they were "
                "refused."
            ]
        told = counted(
            asking, "/services/count/", PUBLISHED
        )  # refused: the first goes on; then it is carried out
        assert told.count("report on services promised") == 1  # the release that waits
        [release] = (each["id"] for each in releases(OPERATOR))
        waits = (
            f"The report on services promised becomes public on {day(date.today() + timedelta(days=14))}, or once all agree: Harbor has not, "
            "and can agree or object until then."
        )
        assert [said(each) for each in leaders.values()] == [[], [waits], [waits]]  # north gave no records
        officer = making.reader("officer@harbor.example")
        act_on(ReleaseAct.OBJECT, release=release, by=officer, reason="A wrong name")
        assert said(leaders["harbor"]) == [
            "The report on services promised is held by an objection of Harbor: it goes on when that is withdrawn or Hub answers it."
        ]
        act_on(ReleaseAct.AGREE, release=release, by=officer)
        assert [said(each) for each in leaders.values()] == [[]] * 3
        refused = counted(asking, "/services/count/", PUBLISHED)
        row = AskedWork.objects.latest("pk")
        assert (row.state, row.message in refused.replace("&#x27;", "'")) == ("refused", True)
        assert "report on services promised" not in refused  # who asked reads it once
        newer = f"A newer report on services promised was refused on {TODAY}"
        others = f"{newer}, so nothing of it is published; Hub asked for it, is told why, and can ask again."
        assert [said(each) for each in leaders.values()] == [[others]] * 3
        why = row.message.split(". ")[0].rstrip(".")
        asker = making.reader("evaluator@hub.example")
        assert [s.sentence for s in publication_states(asker, date.today(), "services")] == [
            f"{newer}, and Hub can ask again: {why}."
        ]
        AskedWork.objects.update(message=COUNT.broken)
        assert said(leaders["north"]) == [others.replace("refused", "stopped by a fault")]
        AskedWork.objects.all().delete()
        act_on(
            ReleaseAct.WITHDRAW,
            release=release,
            by=making.reader("officer@hub.example"),
            reason="One school twice",
        )
        assert said(leaders["north"]) == [
            f"The report on services promised was withdrawn on {TODAY}: Hub can publish it anew. One school twice."
        ]

    def test_a_preview_waits_for_who_asked(self, community: object) -> None:
        leaders = settle()
        preview(
            signed_in(making.reader("evaluator@hub.example")), "/services/count/", {"purpose": "counting"}
        )
        assert said(leaders["north"]) == [
            f"The report on services promised was counted as a preview on {TODAY} and is not published: Hub can publish it, or count it again."
        ]
        AskedWork.objects.update(ended_at=datetime.now(UTC) - timedelta(days=9))
        assert said(leaders["north"]) == []

    def test_a_second_person_is_named(self, community: object) -> None:
        leaders = settle(release_approval="two_people")
        counted(signed_in(making.reader("evaluator@hub.example")), "/services/count/", PUBLISHED)
        assert said(leaders["harbor"]) == [
            "The report on services promised waits for a second person: it is public once a leader, privacy officer or data steward of Harbor "
            "agrees."
        ]


def test_many_partners_are_counted_and_not_named() -> None:
    """The sheet has no room for nine names."""
    days = {"registered": date(2026, 11, 30), "review_days": 30, "events": (), "on": date(2026, 11, 30)}
    found = SimpleNamespace(partner="hub", standing=standing(disclosers=list("abcd"), **days))
    assert _waits(found, {}) == (
        "becomes public on 30 December 2026, or once all agree: 4 partners have not, and can agree or object until then."
    )
