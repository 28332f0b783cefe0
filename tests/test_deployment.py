"""What the documents have people write for systemd and nginx, and the project says elsewhere."""

import configparser
import re

from pages.parts.data import receiver
from tests.browsing import PROJECT


def snippet(document: str, language: str) -> str:
    text = (PROJECT / "docs" / document).read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return found


def test_the_unit_runs_what_make_app_runs_and_its_restart_leaves_runs_alone():
    unit = configparser.ConfigParser()
    unit.read_string(snippet("deployment.md", "ini"))
    service = unit["Service"]
    assert service["ExecStart"].startswith(service["WorkingDirectory"]) and service["KillMode"] == "process"
    command = service["ExecStart"].removeprefix(f"{service['WorkingDirectory']}/.venv/bin/")
    assert f"\t$(BIN)/{command}\n" in (PROJECT / "Makefile").read_text(encoding="utf-8")


def test_nginx_passes_on_the_largest_file():
    (gigabytes,) = re.findall(r"^client_max_body_size (\d+)g;$", snippet("access.md", "nginx"), re.MULTILINE)
    assert int(gigabytes) * 2**30 >= receiver.MAX_BYTES
