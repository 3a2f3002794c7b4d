"""The vocabulary on the site: tables, elements and codes, found by a search, linked where people need them."""

import pytest
from django.test import Client

from tests.site.people import settle, signed_in
from throughway.partners import Role
from throughway.vocabulary import TABLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(community: object) -> Client:
    return signed_in(settle()[Role.CASE_WORKER])


def page(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_every_table_and_code_set_has_its_page(browser: Client) -> None:
    listed = page(browser, "/vocabulary/")
    for table in TABLES:
        assert f'href="/vocabulary/{table}/"' in listed
    told = page(browser, "/vocabulary/assessment_result/")
    assert "score_number" in told
    assert 'href="/vocabulary/C000021/"' in told
    told = page(browser, "/vocabulary/c000255/")
    assert "Not selected" in told
    assert 'href="/vocabulary/person/#sex"' in told


def test_a_search_finds_tables_elements_and_codes(browser: Client) -> None:
    found = page(browser, "/vocabulary/?q=birth+date")
    assert "Matches for “birth date”" in found
    assert 'href="/vocabulary/person/#birthdate"' in found
    assert "Not selected" in page(browser, "/vocabulary/?q=not+selected")
    assert "Nothing matches “&lt;b&gt;zebra”" in page(browser, "/vocabulary/?q=<b>zebra")


@pytest.mark.parametrize(
    ("misspelt", "near"),
    [
        ("attendence", "/vocabulary/attendance_day/"),
        ("brith date", "/vocabulary/person/#birthdate"),
        ("C00255", "/vocabulary/C000255/"),
    ],
)
def test_a_misspelt_search_is_answered_with_the_nearest_names(
    browser: Client, misspelt: str, near: str
) -> None:
    found = page(browser, f"/vocabulary/?q={misspelt}")
    assert "Did you mean" in found
    assert f'href="{near}"' in found
    for other in ("<b>zebra", "birth date", ""):  # nothing is near; something was found; nothing was asked
        assert "Did you mean" not in page(browser, f"/vocabulary/?q={other}")


def test_a_long_code_set_is_searched_within(browser: Client) -> None:
    whole = page(browser, "/vocabulary/C001517/")
    assert "The first 500 of 1,753." in whole
    assert whole.count('<th scope="row">') == 500
    assert "No code has these words." in page(browser, "/vocabulary/C001517/?q=zebra")
    algebra = page(browser, "/vocabulary/C001517/?q=algebra")
    assert 0 < algebra.count('<th scope="row">') < 100


def test_element_redirects_to_its_table(browser: Client) -> None:
    assert browser.get("/vocabulary/person.sex/").url == "/vocabulary/person/"
    assert browser.get("/vocabulary/persn/").status_code == 404
    assert browser.get("/vocabulary/" + "x" * 300 + "/").status_code == 404


def test_it_is_linked_where_people_need_it(browser: Client) -> None:
    assert 'href="/vocabulary/"' in page(browser, "/")  # at the foot of every page
    assert 'href="/vocabulary/">the vocabulary</a>' in page(browser, "/tokens/")
