import pytest

from tests.store import making


@pytest.fixture
def table_of():
    return making.rows


@pytest.fixture
def parquet_of():
    return making.parquet
