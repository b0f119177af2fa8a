"""Every file here is measured by `make bench`: its functions `test_…`, on the databases the tests use."""

import pytest

from tests.conftest import database, driver, postgres_server, server, store_url

__all__ = ["database", "driver", "postgres_server", "server", "store_url"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("python_files", "benchmarks/*.py")
