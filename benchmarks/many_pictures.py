"""How long a person waits on the page Classify: for a picture taken with a phone, and for a thousand; and how much memory that takes.

    python benchmarks/many_pictures.py --data DIR [--count N] [--rounds N]

DIR has folders of photographs; N of them, spread over all, are given to the page at once. Each round has a fresh server, which a phone
opens first: the picture is taken as soon as the page lets one. Prints medians, the most that server and companion had resident, the
processor time that they took, and the load of the machine before each round: where it is above 0, others were at work, too. Linux only.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import rounds
from playwright.sync_api import expect

from catsdogs.data import formats
from tests.browsing import come_to_rest, open_browser, serve
from tests.memory import peak

_PHONE = {"viewport": {"width": 412, "height": 860}, "has_touch": True, "is_mobile": True}
_WIDE = {"viewport": {"width": 1440, "height": 1000}}
_PATIENCE = 900_000  # ms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    found = sorted(path for path in asked.data.rglob("*") if path.suffix.lower() in formats.SUFFIXES)
    photographs = found[:: max(1, len(found) // asked.count)][: asked.count]
    expect.set_options(timeout=_PATIENCE)
    loads, measured, used = [], [], []
    with open_browser() as browser:
        for _ in range(asked.rounds):
            loads.append(os.getloadavg()[0])
            seconds, resources = measure(browser, photographs)
            measured.append(seconds)
            used.append(resources)
    print(f"{len(photographs):,} photographs, {sum(path.stat().st_size for path in photographs) / 1e6:,.0f} MB; {os.cpu_count()} cores")
    print(f"load of the machine before each round: {' '.join(f'{load:.1f}' for load in loads)}")
    rounds.show({name: [one[name] for one in measured] for name in measured[0]}, "seconds", digits=2)
    for name in used[0]:
        print(f"{name:60}{statistics.median(one[name] for one in used):8,.0f}")


def measure(browser, photographs: list[Path]) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds, and what the processes used, of a fresh server."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as address:
        seconds = {"server answers": time.perf_counter() - start}
        server = child_of(os.getpid(), "streamlit")
        seconds |= on_a_phone(browser, address, photographs[:2], start)
        companion = child_of(server, "catsdogs.inference.companion")
        before = [processor_seconds(pid) for pid in (server, companion)]
        seconds |= on_a_wide_screen(browser, address, photographs)
        after = [processor_seconds(pid) for pid in (server, companion)]
        used = {f"most memory of the {name}, MB": peak(pid) for name, pid in (("server", server), ("companion", companion))}
        used["together, MB"] = sum(used.values())
        for name, first, last in zip(("server", "companion"), before, after, strict=True):
            used[f"processor time of the {name} for the thousand, s"] = last - first
    return seconds, used


def on_a_phone(browser, address: str, photographs: list[Path], start: float) -> dict[str, float]:
    """From `streamlit run` to the answer; and of another picture, when everything is loaded."""
    page = opened(browser, address, _PHONE)
    first, second = (partial(take, page, path, count) for count, path in enumerate(photographs, start=1))
    first()
    seconds = {"phone: from `streamlit run` to the answer": time.perf_counter() - start}
    page.wait_for_timeout(1000)  # what the page still draws is not what is measured
    seconds["phone, warm: from the picture to its answer"] = rounds.seconds(second)
    page.context.close()
    return seconds


def take(page, path: Path, count: int) -> None:
    page.get_by_label("Take a picture").set_input_files(path)
    page.locator("[data-testid=stMarkdown] h2").nth(count - 1).wait_for()


def on_a_wide_screen(browser, address: str, photographs: list[Path]) -> dict[str, float]:
    """From the drop to the first answers, to the first page of them, and to all."""
    page = opened(browser, address, _WIDE)
    come_to_rest(page)
    page.wait_for_timeout(1000)
    start = time.perf_counter()
    page.get_by_label("Pictures", exact=True).set_input_files(photographs)
    page.locator("[data-testid=stMarkdown] h2").first.wait_for()
    first = time.perf_counter() - start
    page.locator("[data-testid=stMarkdown] h2").nth(min(24, len(photographs)) - 1).wait_for()
    gallery = time.perf_counter() - start
    expect(page.get_by_text(f"{len(photographs):,} pictures", exact=True)).to_be_visible()
    everything = time.perf_counter() - start
    page.context.close()
    return {"a thousand: first answers": first, "a thousand: the first 24 cards": gallery, "a thousand: all answered": everything}


def opened(browser, address: str, options: dict):
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{address}/classify")
    page.get_by_label("Pictures", exact=True).wait_for(state="attached")
    return page


def child_of(parent: int, module: str) -> int:
    """The number of the child process that runs this module."""
    listed = subprocess.run(["ps", "-ww", "-o", "pid=,args=", "--ppid", str(parent)], capture_output=True, text=True).stdout
    return next(int(line.split()[0]) for line in listed.splitlines() if f"-m {module}" in line)


def processor_seconds(pid: int) -> float:
    """That a process took so far, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
