"""What the files for containers say and the project says elsewhere."""

import re

import pytest

from tests.browsing import PROJECT

yaml = pytest.importorskip("yaml", reason="needs PyYAML, which comes with Ray")


def read(name: str) -> dict:
    return yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))["services"]


def test_the_nodes_have_the_locked_version_of_ray():
    (locked,) = re.findall(r"^ray(?:\[[^]]*\])?==(\S+)", (PROJECT / "requirements-dev.txt").read_text(encoding="utf-8"), re.MULTILINE)
    services = read("compose.ray.yaml")
    assert {services[name]["build"]["args"]["ALSO"] for name in ("head", "node")} == {f"ray[default]=={locked}"}
    assert f'"ray[default]=={locked}"' in (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")


def test_server_and_nodes_see_one_workspace_and_the_nodes_one_token():
    studio, cluster = read("compose.yaml")["studio"], read("compose.ray.yaml")
    (folder,) = {volume for volume in studio["volumes"] if volume.startswith("workspace:")}
    assert all(folder in cluster[name]["volumes"] for name in ("head", "node"))
    assert f"ENV CATSDOGS_HOME={folder.partition(':')[2]}" in (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    assert cluster["head"]["environment"] == cluster["node"]["environment"] and "RAY_AUTH_TOKEN" in cluster["node"]["environment"]
