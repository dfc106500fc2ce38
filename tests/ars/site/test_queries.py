"""No public page asks the database more the more printers there are."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

AT_MOST = 12
MaxQueries = Callable[[int], AbstractContextManager[object]]


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/printers/", "/printers/?q=TR86", "/printers/?q=nothing", "/printers/tr8620/", "/printers/none/"),
        *("/prices/", "/prices/?printer=TR8620", "/help/", "/terms/", "/privacy/", "/sitemap.xml"),
        *("/enroll/", "/enroll/pixma/", "/enroll/printer/tr8620/", "/download/", "/instructions/"),
    ],
)
def test_twelve_queries_are_enough(
    client: Client, shop: None, django_assert_max_num_queries: MaxQueries, path: str
) -> None:
    with django_assert_max_num_queries(AT_MOST):
        assert client.get(path).status_code in (200, 404)
