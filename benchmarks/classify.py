"""How fast Classify answers: the first answer after `streamlit run`, one photograph of 12 megapixels, a hundred small images.

    python benchmarks/classify.py [--rounds N]

Draws its images, and asks the bundled network; first as the library, warm, then in a browser, on fresh
servers (two a round, since only one page can be the first). Prints medians of the rounds.
"""

import argparse
import io
import os
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import rounds
from PIL import Image

from catsdogs.data import images
from catsdogs.drawn import demo
from catsdogs.inference import classifier, loaded
from catsdogs.runs import store
from catsdogs.system import devices
from tests.browsing import CHROMIUM, open_browser, serve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    count = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATSDOGS_HOME"] = home
        folder = demo.create(Path(home, "data", "drawn-100-0"), 100, 0)
        small = sorted(folder.glob("*/*.jpg"))
        large = Path(home, "photograph.jpg")
        large.write_bytes(photograph(small[0]))
        megabytes = large.stat().st_size / 1e6
        library = in_library(large, small, 3 * count)
        browser = in_browser(large, small, count) if CHROMIUM else {}
    print(f"one photograph: 4000 x 3000 px, a JPEG of {megabytes:.1f} MB; a hundred: drawn ones of about 200 px, a few kB each")
    rounds.show({**library, **browser}, "seconds", digits=3)
    if not CHROMIUM:
        print("Chromium is not installed, so nothing was measured in a browser.")


def photograph(path: Path) -> bytes:
    """An image as a camera of 12 megapixels would store it: enlarged, with noise, as a JPEG of some megabytes."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB").resize((4000, 3000), Image.Resampling.BICUBIC), dtype=np.float32)
    noisy = pixels + np.random.default_rng(0).normal(0, 6, (3000, 4000, 1)).astype(np.float32)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def in_library(large: Path, small: list[Path], count: int) -> dict[str, list[float]]:
    """Seconds from bytes to answers, everything loaded before."""
    devices.prepare()
    version = store.answer_version(store.load(store.SHIPPED))
    loaded.prepare(store.SHIPPED, version)
    shipped = classifier.load(store.load(store.SHIPPED))
    one = [("photograph", large.read_bytes())]
    hundred = [(path.name, path.read_bytes()) for path in small]
    network = shipped.model.predict_on_batch
    parts = {
        "library: one photograph of 12 megapixels": lambda: loaded.classify(store.SHIPPED, version, one),
        "  of which decoding": lambda: images.load(one[0][1], shipped.target_size, shipped.interpolation),
        "  of which the network": lambda: network(np.zeros((1, shipped.target_size, shipped.target_size, 3), np.uint8)),
        "library: a hundred small ones": lambda: loaded.classify(store.SHIPPED, version, hundred),
        "library: one photograph, with its mirror image": lambda: loaded.classify(store.SHIPPED, version, one, mirror=True),
        "library: a hundred small ones, with their mirror images": lambda: loaded.classify(store.SHIPPED, version, hundred, mirror=True),
    }
    return rounds.run({name: partial(rounds.seconds, part) for name, part in parts.items()}, count)


def in_browser(large: Path, small: list[Path], count: int) -> dict[str, list[float]]:
    """Seconds as a person waits for them."""
    with open_browser() as browser:
        measured = [{**first_page(browser), **on_the_page(browser, large, small)} for _ in range(count)]
    return {name: [one[name] for one in measured] for name in measured[0]}


def first_page(browser) -> dict[str, float]:
    """A fresh server asked for the page Data, while the network loads beside it."""
    page = browser.new_page()
    start = time.perf_counter()
    with serve() as address:
        page.goto(f"{address}/data")
        page.get_by_role("heading", level=1).wait_for()
        seconds = time.perf_counter() - start
    page.close()
    return {"first page, from `streamlit run`: Data": seconds}


def on_the_page(browser, large: Path, small: list[Path]) -> dict[str, float]:
    """A fresh server asked for the page Classify, and uploads there: at once, and when everything is loaded."""
    page = browser.new_page()
    start = time.perf_counter()
    with serve() as address:
        ready = time.perf_counter() - start
        page.goto(f"{address}/classify")
        page.get_by_role("heading", level=1).wait_for()
        first = time.perf_counter() - start
        upload(page, [small[0]])
        answered = time.perf_counter() - start
        one, hundred = (rounds.seconds(partial(upload, page, paths)) for paths in fresh_sessions(page, address, [large], small))
    page.close()
    return {
        "first page, from `streamlit run`: Classify": first,
        "first answer, from `streamlit run`": answered,
        "  from when the server answers": answered - ready,
        "page, warm: one photograph of 12 megapixels": one,
        "page, warm: a hundred small ones": hundred,
    }


def fresh_sessions(page, address: str, *uploads: list[Path]):
    """Each of these, when the page has been opened anew for it."""
    for paths in uploads:
        page.goto(f"{address}/classify")
        page.get_by_role("heading", level=1).wait_for()
        page.get_by_label("Pictures", exact=True).wait_for(state="attached")
        page.wait_for_timeout(700)  # what the page still draws is not what is measured
        yield paths


def upload(page, paths: list[Path]) -> None:
    """Give these files to the page, and wait for as many answers."""
    page.get_by_label("Pictures", exact=True).set_input_files(paths)
    if len(paths) > 1:
        page.get_by_text(f"{len(paths):,} pictures", exact=True).wait_for()
    page.locator("[data-testid=stMarkdown] h2").nth(min(len(paths), 24) - 1).wait_for()


if __name__ == "__main__":
    main()
