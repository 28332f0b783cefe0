"""What CI says of known security holes in the pinned packages. Asking for them takes the package index, which tests do without."""

import importlib.util
import json

import pytest

from tests.browsing import PROJECT

HOLE = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"], "description": "..."}


@pytest.fixture
def audit():
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location("audit", PROJECT / ".ci" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def found(*packages: dict) -> str:
    """As pip-audit writes it."""
    return json.dumps({"dependencies": packages, "fixes": []})


def package(name: str, *holes: dict) -> dict:
    return {"name": name, "version": "1.0", "vulns": list(holes)}


def test_a_hole_is_named_with_the_version_that_has_none_and_fails(audit):
    told, status = audit.verdict(found(package("keras", HOLE), package("keras", HOLE), package("numpy")), "")
    assert status == 1 and "keras 1.0 has PYSEC-1; mended in 2.0" in told and "1 holes in 2 packages" in told


@pytest.mark.parametrize("id", ["PYSEC-1", "CVE-1"])
def test_one_that_is_ignored_with_a_reason_does_not_fail(id, audit, monkeypatch):
    monkeypatch.setitem(audit.IGNORED, id, "is not used here")
    told, status = audit.verdict(found(package("keras", HOLE)), "")
    assert status == 0 and "1 are ignored" in told


def test_where_the_index_answers_for_no_package_nothing_is_called_safe(audit):
    told, status = audit.verdict(found({"name": "keras", "skip_reason": "not found"}), "")
    assert status == 0 and "can't be asked" in told and "0 holes" not in told


def test_where_there_is_no_network_that_is_said_in_one_line(audit):
    told, status = audit.verdict("", "Traceback\nConnectionError: no route to host\n")
    assert status == 0 and told.count("\n") == 0 and "no route to host" in told


def test_each_that_is_ignored_has_its_reason(audit):
    assert all(len(reason) > 10 for reason in audit.IGNORED.values())
