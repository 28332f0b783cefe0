"""The server's own routes, where it has been configured to be below a path."""

import json
import urllib.error
import urllib.request

import pytest

from pages.parts.classify import inbox
from tests.browsing import serve


def test_below_a_path_are_pictures_and_the_api_as_well():
    with serve(below="/studio") as address:
        with urllib.request.urlopen(f"{address}/api/runs") as answer:
            assert [run["id"] for run in json.load(answer)["runs"]] == ["shipped"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(f"{address}{inbox.PATH}/0", b"x", method="PUT"))
        assert refused.value.code == 403 and "This page is out of date" in refused.value.read().decode()
