"""What is drawn at random holds no short name, or is taken out before a test looks for one."""

import hashlib
import re
import uuid

import pytest
from django.test import Client

from tests.codes import without_codes


@pytest.mark.django_db
def test_tokens_of_forms_hold_no_word_and_no_number() -> None:
    found = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', Client().get("/sign-in/").content.decode())
    assert found
    assert set("".join(found)) <= set("JQVWXZ")


def test_ids_and_digests_are_taken_out_and_all_else_stays() -> None:
    codes = (str(uuid.uuid4()), hashlib.sha256(b"Ada").hexdigest(), uuid.uuid4().hex.upper())
    assert (
        without_codes("Ada {} ada 1999-01-01 {} n-4711 {}.".format(*codes)) == "Ada  ada 1999-01-01  n-4711 ."
    )
