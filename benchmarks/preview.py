"""How soon the preview on Train follows a slider.

    python benchmarks/preview.py [--data DIR] [--moves N]

Draws a data set of its own unless DIR has photographs. In a browser on a fresh server, the rotation is changed by one key after the other,
to values that were not drawn before; a move lasts from the key to nine new pictures that the browser has decoded. Prints the median, all
moves, and the load of the machine: where it is above 0, others were at work, too.
"""

import argparse
import os
import tempfile
from pathlib import Path

import rounds

from catsdogs.data import dataset
from catsdogs.drawn import demo
from tests.browsing import come_to_rest, open_browser, serve

_DRAWN = 200  # images
_WATCH = """
() => {
  const drawn = document.querySelectorAll(".st-key-preview_photos img"), changed = new Set();
  window.moved = new Promise((done) => {
    let start;
    addEventListener("keydown", () => { start = performance.now(); }, { capture: true, once: true });
    const watching = new MutationObserver(async (changes) => {
      for (const { target } of changes) changed.add(target);
      if (changed.size < drawn.length / 2) return;
      watching.disconnect();
      await Promise.all([...changed].map((image) => image.decode()));
      done(performance.now() - start);
    });
    for (const image of drawn) watching.observe(image, { attributeFilter: ["src"] });
  });
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--moves", type=int, default=16)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        dataset.check(asked.data or demo.create(Path(home, "data", f"drawn-{_DRAWN}-0"), _DRAWN, 0))  # which has the page choose it
        with open_browser() as browser, serve(Path(home)) as address:
            found = moves(browser, address, asked.moves)
    print(f"load of the machine before: {load:.1f}; {os.cpu_count()} cores")
    rounds.show({"from the key to nine decoded pictures": found}, "seconds", digits=2)


def moves(browser, address: str, count: int) -> list[float]:
    """Seconds of each."""
    page = browser.new_page(viewport={"width": 1440, "height": 1400})
    page.goto(f"{address}/train")
    page.get_by_role("tab", name="Augmentation").click(timeout=120_000)
    page.get_by_text("Preview nine photographs").click()
    page.locator(".st-key-preview_photos img").nth(17).wait_for(timeout=120_000)
    slider = page.get_by_role("slider", name="Rotation range (degrees)")
    slider.press("End")
    found = []
    for _ in range(count):
        come_to_rest(page)
        page.wait_for_timeout(1000)  # what the page still draws is not what is measured
        page.evaluate(_WATCH)
        slider.press("ArrowLeft")
        found.append(page.evaluate("moved") / 1000)
    return found


if __name__ == "__main__":
    main()
