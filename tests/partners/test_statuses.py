"""The status of a refusal: what is forbidden, and what cannot be answered as it was asked."""

import pytest

from throughway.core.refusals import Refused
from throughway.partners.api_endpoints import status_of


@pytest.mark.parametrize(
    ("code", "status"),
    [("sql", 422), ("engine", 422), ("too_large", 422), ("not_allowed", 403), ("not_granted", 403), ("unknown_entry", 404)],
)  # fmt: skip
def test_sql_error_is_not_a_permission_error(code: str, status: int) -> None:
    assert status_of(Refused("No.", code=code)) == status
