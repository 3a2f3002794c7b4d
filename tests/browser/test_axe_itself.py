"""The check of accessibility sees what is wrong: a check that always passes would look the same."""

import pytest

from tests.browser.accessible import judged, judged_at, skipped_a_level, too_wide, violations
from tests.browser.conftest import DESK, PHONE, SignedIn, Site


def test_a_lost_label_and_a_pale_heading_are_found(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(None)
    page.goto(site.at("/"))
    assert violations(page) == []
    page.evaluate(
        """() => {
            document.querySelectorAll('label').forEach(l => l.remove());
            document.querySelector('input[name=login]').removeAttribute('aria-label');
            document.querySelector('input[name=login]').removeAttribute('placeholder');
            document.querySelector('h1').style.setProperty('color', '#ddd', 'important');
        }"""
    )
    found = {line.partition(":")[0] for line in violations(page)}
    assert {"label", "color-contrast"} <= found


def test_what_is_shown_at_one_width_alone_is_judged_there(signed_in: SignedIn, site: Site) -> None:
    page = signed_in(None, width=PHONE)
    page.goto(site.at("/"))
    page.evaluate(
        """() => {
            const style = new CSSStyleSheet();
            style.replaceSync('@media (max-width: 600px) { #desk { display: none } }');
            document.adoptedStyleSheets = [style];
            const nameless = document.createElement('input');
            nameless.id = 'desk';
            document.querySelector('main').append(nameless);
        }"""
    )
    assert judged(page) == []
    assert {line.partition(":")[0] for line in judged_at(page, DESK)} == {"label"}


@pytest.mark.parametrize("hidden_by", ["", "html", "body", "main"])
def test_a_wide_thing_is_found_also_where_it_is_cut_off(
    signed_in: SignedIn, site: Site, hidden_by: str
) -> None:
    page = signed_in(None)
    page.goto(site.at("/"))
    assert too_wide(page) == []
    page.evaluate(
        """hidden_by => {
            const wide = document.createElement('div');
            wide.style.width = '3000px';
            wide.textContent = 'wide';
            document.querySelector('main').append(wide);
            if (hidden_by) document.querySelector(hidden_by).style.overflowX = 'hidden';
        }""",
        hidden_by,
    )
    assert too_wide(page)


def test_headings_out_of_order_are_found() -> None:
    assert not skipped_a_level([1, 2, 3, 2, 3, 3])
    assert skipped_a_level([1, 3])
    assert skipped_a_level([2, 3])
    assert skipped_a_level([1, 2, 1])
    assert skipped_a_level([])
