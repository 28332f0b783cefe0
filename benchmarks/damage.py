"""Whether anything but the damaged file itself suffers where any file of a workspace is damaged, and whether people are told.

    python benchmarks/damage.py [--only GLOB] [--kinds GLOB] [--flips N] [--photographs N]
        [--seed N]

A small but whole workspace (`tests/workspace.py`) is made. Each of its files in turn, or those alone that GLOB matches, is cut in half,
emptied, has bits flipped in N different ways, is replaced by a folder, and is made unreadable. After each damage every page is opened, and
every command that reads is called: no page may show an exception, and each command has to end with status 0, or with 2 and one line.
What is damaged has to be named somewhere, but for what can be made anew (_SILENT). Of the photographs, the first N are damaged.

Root may read everything, which it gives up first, by `setpriv`. Linux only. Prints each fault once, with all that it was found by, and
exits with 1 where there was any.
"""

import argparse
import contextlib
import io
import logging
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from types import SimpleNamespace

PROJECT = Path(__file__).parent.parent
sys.path[0] = str(PROJECT)  # not this folder, whose pages.py would be taken for the application's pages
_SILENT = {  # nobody misses these: what they hold is made anew, or says nothing
    "*.lock": "empty",
    "runs/*/lock": "empty",
    "runs/*/stop": "empty",
    "runs/*/log.txt": "is shown as it is",
    "runs/*/history.jsonl": "half of its last line is what a kill leaves, from which the run goes on",
    "runs/.old-*": "deleted by its owner",
    "runs/*/losses.npy": "read when the run goes on, which says so",
    "runs/*/last.keras": "read when the run goes on, which says so",
    "dispatcher.log": "is written only",
    "precision.json": "read by a training, which measures anew and says so",
    "pixels/*": "decoded anew",
    "features/*": "asked for anew",
    "looks/*": "the page offers to look again",
    "listings/*.npz": "found anew",
    "albums/*": "deleted by age; nobody opens them any more",
    "uploads/*": "deleted by age; nobody fetches them any more",
    "exports/*": "deleted by age; nobody fetches them any more",
    "downloads/*": "checked when all has come",
    "notices/*": "said once",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="*")
    parser.add_argument("--kinds", default="*", help="cut, emptied, bits, folder or unreadable")
    parser.add_argument("--flips", type=int, default=3)
    parser.add_argument("--photographs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if may_read_all():
        os.execvp("setpriv", ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.environ |= {"CATSDOGS_HOME": f"{folder}/home", "HOME": folder}
        os.fsync = lambda file: None  # thousands of files are written here, and no power fails
        place = prepared()
        chosen = [path for path in place.files if fnmatch(str(path), asked.only)]
        photographs = [path for path in chosen if path.is_relative_to("data")]
        chosen = [path for path in chosen if path not in photographs[asked.photographs :]]
        faults = damage_each(place, chosen, photographs, kinds(asked.kinds, asked.flips, random.Random(asked.seed)))
    for fault, found_by in faults.items():
        print(f"\n{len(found_by)} times: {fault}\n    {'; '.join(found_by[:6])}")
    print(f"\n{len(faults)} different faults")
    return int(bool(faults))


def may_read_all() -> bool:
    with tempfile.NamedTemporaryFile() as file:
        os.chmod(file.name, 0)
        return os.access(file.name, os.R_OK)


def prepared():
    """The workspace; whatever would be started by the queue isn't."""
    from streamlit.components.v2 import manifest_scanner
    from streamlit.testing.v1 import app_test, local_script_runner

    from catsdogs.queue import processes
    from tests import workspace

    processes.sys = SimpleNamespace(executable=shutil.which("true"))
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)  # which takes most of a page's time
    compiled = app_test.ScriptCache()
    app_test.ScriptCache = local_script_runner.ScriptCache = lambda: compiled
    logging.disable(logging.ERROR)  # Streamlit's, of a page without a server
    return workspace.make()


def kinds(pattern: str, flips: int, choose: random.Random) -> dict[str, Callable[[Path], None]]:
    """What is done to a file, as far as its name matches the pattern."""

    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        for _ in range(max(1, len(content) // 200)):
            if content:
                content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)
        path.write_bytes(content)

    def become_folder(path: Path) -> None:
        path.unlink()
        path.mkdir()
        os.utime(path, (0, 0))  # so old that whoever sweeps comes upon it

    def cut(path: Path) -> None:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    several = {f"bits flipped ({number})": flip for number in range(flips)}
    others = {"cut": cut, "emptied": lambda path: path.write_bytes(b""), "folder": become_folder, "unreadable": lambda path: path.chmod(0)}
    return {name: damage for name, damage in {**others, **several}.items() if fnmatch(name, pattern)}


def damage_each(place, chosen: list[Path], photographs: list[Path], kinds: dict[str, Callable[[Path], None]]) -> dict[str, list[str]]:
    """Faults, each with what was damaged when it was found."""
    faults, said, whole, began = defaultdict(list), set(), place.home.with_name("whole"), time.monotonic()
    shutil.copytree(place.home, whole)
    with watched(faults) as watch:
        watch["by"] = "nothing damaged"
        before = set(opened(place, faults, watch, place.trained, "runs"))
        for number, path in enumerate(chosen, start=1):
            for kind, damage in kinds.items():
                restore(place.home, whole)
                damage(place.home / path)
                watch["by"] = f"{shown(path)}, {kind}"
                run = path.parts[1] if path.parts[0] == "runs" and not path.parts[1].startswith(".") else place.trained
                told = set(opened(place, faults, watch, run, path.parts[0])) - before
                is_silent = any(fnmatch(str(path), pattern) for pattern in _SILENT) or kind.startswith("bits")
                is_silent |= path in photographs and kind == "folder"  # a photograph that was taken away
                if not is_silent and not any(path.name in line for line in told):
                    faults["it is named nowhere"].append(watch["by"])
            for fault in [fault for fault in faults if fault not in said]:
                said.add(fault)
                print(f"    {faults[fault][0]}: {fault}", flush=True)
            print(f"{number} of {len(chosen)}: {shown(path)}, {time.monotonic() - began:.0f} s, {len(faults)} faults", flush=True)
    return faults


def shown(path: Path) -> str:
    return "/".join(part if len(part) < 40 else f"{part[:20]}...{part[-8:]}" for part in path.parts)


def restore(home: Path, whole: Path) -> None:
    for path in home.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)
    shutil.rmtree(home)
    shutil.copytree(whole, home)


@contextlib.contextmanager
def watched(faults: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    """Exceptions in threads are faults, too."""
    watch = {}
    before = threading.excepthook
    threading.excepthook = lambda failed: faults[f"in a thread: {place_of(failed.exc_value)}"].append(watch["by"])
    try:
        yield watch
    finally:
        threading.excepthook = before


def place_of(error: BaseException) -> str:
    """What was raised, and where in the project."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(PROJECT))]
    at = f"{Path(ours[-1].filename).relative_to(PROJECT)}, {ours[-1].name}" if ours else "elsewhere"
    return f"{type(error).__name__} in {at}: {error}"


def opened(place, faults: dict[str, list[str]], watch: dict[str, str], run: str, where: str) -> Iterator[str]:
    """All lines that a person reads on the pages and from the commands; a network is asked only where runs or photographs are."""
    for page, query, state in pages(place, run, where):
        yield from read_page(page, query, state, faults, watch)
    for words in (*commands(place, run), *(answering(place, run) if where in ("runs", "data") else ())):
        yield from read_command(words, faults, watch)


def pages(place, run: str, where: str) -> list[tuple[str, dict, dict]]:
    """Page, address and session; those first that show what is damaged."""
    findings = {"classes", "sizes", "formats", "unusable", "exact", "near", "doubtful", "odd", "jfif", "corrections"}
    sources = {"downloads": ["Download"], "uploads": ["Upload"]}.get(where, [])
    return [
        *(("data", {}, {"source": source}) for source in sources),
        ("data", {}, {"health_open": findings}),
        ("train", {"run": run}, {}),
        *([("train", {"like": run}, {})] if where == "runs" else []),
        ("results", {"run": [run]}, {}),
        ("results", {"run": [place.trained, place.measured]}, {}),
        ("results", {"view": "Repeat the study"}, {}),
        ("classify", {"model": run}, {}),
    ]


def read_page(page: str, query: dict, state: dict, faults: dict[str, list[str]], watch: dict[str, str]) -> Iterator[str]:
    from streamlit.testing.v1 import AppTest

    from pages.parts.shared import chosen_data, frame

    for kept in (chosen_data._kept(), chosen_data._readings()):
        kept.clear()
    frame._wake.clear()
    frame._empty_trash.cache_clear()
    app = AppTest.from_file(str(PROJECT / "pages" / "navigation.py"), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    for name, value in state.items():
        app.session_state[name] = value
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # where Streamlit prints exceptions
            app.switch_page(f"{page}.py").run()
    except Exception as error:
        faults[f"page {page}: {place_of(error)}"].append(watch["by"])
        return
    for raised in app.exception:
        ours = [line.strip() for line in raised.stack_trace if str(PROJECT) in line]
        faults[f"page {page}: {raised.message} {ours[-1:] or raised.stack_trace[-1:]}"].append(watch["by"])
    for element in app.main:
        if element.type == "arrow_data_frame":
            yield from element.value.to_string().splitlines()
        elif hasattr(element, "proto"):
            yield from str(element.proto).splitlines()


def commands(place, run: str) -> list[list[str]]:
    return [["runs"], ["runs", "--json"], ["data", str(place.data)], ["device"], ["sweep", "--name", "rates"], ["code", run]]


def answering(place, run: str) -> list[list[str]]:
    data, picture = str(place.data), str(place.data / "cats" / "cats.1.jpg")
    return [
        ["download", run, "run.zip", "--force"],
        ["classify", "--run", run, picture],
        ["classify", picture],
        ["explain", "--run", run, picture, "--to", "map.png", "--force"],
        ["evaluate", "--run", run, "--data", data],
    ]


def read_command(words: list[str], faults: dict[str, list[str]], watch: dict[str, str]) -> Iterator[str]:
    from catsdogs.__main__ import main as catsdogs

    out, error = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            status = catsdogs(words)
    except BaseException as raised:
        faults[f"{words[0]}: {place_of(raised)}"].append(watch["by"])
        return
    lines = error.getvalue().splitlines()
    said = [line for line in lines if line.startswith("catsdogs: ") and "set aside" not in line]
    if status not in (0, 2) or (status == 2 and len(said) != 1 and "error: " not in out.getvalue()):
        faults[f"{words[0]}: status {status} with {len(lines)} lines: {lines[-1:]}"].append(watch["by"])
    yield from (*out.getvalue().splitlines(), *lines)


if __name__ == "__main__":
    sys.exit(main())
