"""Known security holes of the packages that requirements*.txt pin, as the Python Package Index lists them: `make audit`, and a step of CI.

Ends with 1 where there is one that IGNORED does not have, and with 0, and a line that says so, where the index can't be asked from here.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

IGNORED: dict[str, str] = {}  # by the id of a hole, as pip-audit prints it: why it does no harm here
PROJECT = Path(__file__).parent.parent
_SECONDS = 15  # for an answer about a package; mirrors that have no such answers are as quick as the index
_PATIENCE = 120  # seconds for all of them: where nothing answers, CI goes on
_LONGEST = 200  # characters of a reason


def main() -> int:
    files = [word for path in sorted(PROJECT.glob("requirements*.txt")) for word in ("--requirement", str(path))]
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", str(_SECONDS), "--format", "json", "--output"]
        words = [sys.executable, "-m", "pip_audit", *files, *options, str(found)]
        try:
            errors = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE).stderr
        except subprocess.TimeoutExpired:
            errors = f"no answer within {_PATIENCE} seconds"
        told, status = verdict(found.read_text(encoding="utf-8") if found.exists() else "", errors)
    print(told)
    return status


def verdict(found: str, errors: str) -> tuple[str, int]:
    """What to print, and the exit status, by pip-audit's JSON, which is empty where it failed, and by what it printed then."""
    if not found:
        reason = (errors.strip().splitlines() or ["pip-audit said nothing"])[-1][:_LONGEST]
        return f"audit: the holes of packages can't be asked for from here ({reason}).", 0
    packages = {(each["name"], each.get("version")): each for each in json.loads(found)["dependencies"]}.values()
    asked = [each for each in packages if "skip_reason" not in each]
    if not asked:
        return "audit: the holes of packages can't be asked for from here (the index knows none of them).", 0
    holes = [(each, hole) for each in asked for hole in each["vulns"]]
    bad = [(each, hole) for each, hole in holes if not {hole["id"], *hole["aliases"]} & IGNORED.keys()]
    lines = [
        f"audit: {each['name']} {each['version']} has {hole['id']}; mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for each, hole in bad
    ]
    lines.append(
        f"audit: {len(bad)} holes in {len(asked)} packages; {len(holes) - len(bad)} are ignored, {len(packages) - len(asked)} unknown"
    )
    return "\n".join(lines), int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
