"""The web page in a real browser, served from its own folder and cut off from everything else: it answers as the application does."""

import functools
import json
import shutil
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from playwright.sync_api import expect

from catsdogs.data import images, second_look
from catsdogs.errors import InputError
from catsdogs.export import portable, web_page
from catsdogs.inference import classifier
from catsdogs.networks import registry
from catsdogs.runs import temperature
from catsdogs.runs.temperature import Temperature
from catsdogs.settings.config import Config
from catsdogs.system import locks
from tests.browsing import CHROMIUM, open_browser
from tests.images import noise
from tests.storing import finished, tell_neither


@pytest.fixture(scope="module")
def runtimes(tmp_path_factory):
    return tmp_path_factory.mktemp("runtimes")


@pytest.fixture(autouse=True)
def fetched_once(home, runtimes):
    """ONNX Runtime Web is 14 MB: all tests have what the first one fetched."""
    (home / "runtimes").symlink_to(runtimes)


@pytest.fixture
def address(tmp_path):
    """Of a server of the folder `page`."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path / "page"))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.skipif(CHROMIUM is None or shutil.which("npm") is None, reason="needs Chromium, and npm for ONNX Runtime Web")
def test_the_page_answers_offline_as_the_application_does(address, tmp_path):
    for name in ("onnx", "onnxruntime", "tf2onnx"):
        pytest.importorskip(name)
    run = finished(Config(model="dense", dense_units=16, target_size=32, precision="float32"))
    registry.build(run.config).save(run.model_path)
    temperature.save(run, Temperature(0.6, 100, 0.05, 0.01))
    pictures = [tmp_path / f"{number}.png" for number in range(3)]
    for number, path in enumerate(pictures):
        noise(number, ((61, 40), (300, 200), (25, 90))[number], low=60 * number).save(path)
    tell_neither(run, pictures)
    portable.write(run, "web", tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / run.id).rename(tmp_path / "page")
    loaded, settings = classifier.load(run), tmp_path / "page" / "classify.json"
    with open_browser() as browser:
        asked, told = [], set()
        for proportions in ("stretch", "crop", "pad"):
            settings.write_text(json.dumps(json.loads(settings.read_text()) | {"proportions": proportions}))
            page = browser.new_context().new_page()  # a cache of its own: files that are rewritten within a second look unchanged
            page.on("request", lambda request: asked.append(request.url))
            page.goto(address)
            for path in pictures:
                (said,) = classifier.classify(replace(loaded, proportions=proportions), [(path.name, path)], temperature=0.6)
                page.locator("#file").set_input_files(path)
                expect(page.locator("#answer")).to_have_attribute("data-file", path.name, timeout=60_000)
                second = float(page.locator("#answer").get_attribute("data-probability"))
                assert second == pytest.approx(said.probability if said.label == "dog" else 1 - said.probability, abs=0.01)
                assert page.locator("#answer").inner_text().startswith("neither" if said.neither else said.label)
                told.add(said.neither)
        assert told == {True, False}
        assert all(url.startswith((address, "blob:", "data:")) for url in asked)


def lay_out(folder, runtime, **settings):
    """A page without a network: `runtime` stands in ONNX Runtime's place."""
    folder.mkdir()
    for name, text in web_page.page().items():
        (folder / name).write_text(text)
    known = {"labels": ["cat", "dog"], "target_size": 8, "proportions": "stretch", "interpolation": "bilinear", "files": {"32": "run.onnx"}}
    (folder / "classify.json").write_text(json.dumps(known | settings))
    (folder / "ort.wasm.min.js").write_text(runtime)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_pixels_are_the_applications_whatever_the_settings(address, tmp_path):
    side = 30  # of 80 x 60 px, 22.5 of it are 22, and of 60 x 100 px, 18
    lay_out(tmp_path / "page", SLOW_FOR_THE_FIRST)
    pictures = [tmp_path / f"{number}.png" for number in range(4)]
    for number, path in enumerate(pictures):
        noise(number, ((80, 60), (60, 100), (17, 9), (30, 31))[number], 80, 180).save(path)
    with open_browser() as browser:
        page = browser.new_page()
        page.goto(address)
        for path in pictures:
            page.locator("#file").set_input_files(path)
            for how, found in zip(WAYS, page.evaluate(PIXELS, [{"target_size": side, **how} for how in WAYS]), strict=True):
                shown, again = (np.reshape(values, (side, side, 3)) for values in found)
                # Pillow resizes tall pictures in height first, and rounds in between
                np.testing.assert_allclose(shown, images.load(path, side, **how), atol=1, err_msg=f"{path.name}, {how}")
                np.testing.assert_array_equal(again, second_look.take(shown[None].astype(np.uint8))[0])


WAYS = [
    {"interpolation": interpolation, "proportions": proportions}
    for interpolation in ("bilinear", "bicubic", "lanczos")
    for proportions in ("stretch", "crop", "pad")
]
# The chosen picture as the network sees it, at first and at a second look
PIXELS = """(ways) => Promise.all(ways.map(async (settings) => {
  const seen = await pixels(document.getElementById("file").files[0], settings);
  return [Array.from(seen), Array.from(middle(seen, settings.target_size))];
}))"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("is_served", [True, False])
def test_a_picture_is_not_blamed_for_a_network_that_is_not_loaded(is_served, address, tmp_path):
    folder = tmp_path / "page"
    lay_out(folder, "const ort = { env: { wasm: {} }, InferenceSession: { create: async () => { throw new Error('no such file') } } };")
    noise(1).save(tmp_path / "cat.png")
    with open_browser() as browser:
        page = browser.new_page()
        page.goto(address if is_served else (folder / "index.html").as_uri())
        said = "(no such file). Check that the server has all files" if is_served else "Run python -m http.server in this folder"
        expect(page.locator("#answer")).to_contain_text(said)
        page.evaluate("document.getElementById('answer').textContent = ''")
        page.locator("#file").set_input_files(tmp_path / "cat.png")
        expect(page.locator("#answer")).to_contain_text(f"The network can't be loaded{' ' if is_served else ': '}")
        expect(page.locator("#answer")).to_contain_text(said)


def test_a_run_whose_photographs_a_page_can_not_resize_alike_is_refused(tmp_path):
    with pytest.raises(InputError, match="interpolation=nearest as the application does: export the run to LiteRT or ONNX"):
        portable.write(finished(Config(interpolation="nearest")), "web", tmp_path / "run.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_classes_are_called_as_in_the_run_in_every_direction_of_writing_and_at_any_length(address, tmp_path):
    lay_out(tmp_path / "page", CERTAIN, labels=["c" * 200, "كلاب"])
    noise(1, (20, 20)).save(tmp_path / "picture.png")
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 420, "height": 800})
        page.goto(address)
        page.locator("#file").set_input_files(tmp_path / "picture.png")
        expect(page.locator("#answer")).to_contain_text("كلاب, 90.0%")
        assert page.title() == page.locator("h1").inner_text() == f"{'c' * 200} or كلاب?"
        assert page.evaluate("document.documentElement.scrollWidth") == 420
        # The name stands to the left of the comma, and that to the left of the number
        assert page.evaluate("""() => {
          const [name, number] = document.getElementById("answer").childNodes;
          const range = document.createRange();
          const place = (at) => (range.setStart(number, at), range.setEnd(number, at + 1), range.getBoundingClientRect().left);
          return name.getBoundingClientRect().right <= place(0) + 1 && place(0) < place(2) && place(2) < place(6);
        }""")


CERTAIN = """
const run = async () => ({ output: { data: [0.9] } });
const ort = { env: { wasm: {} }, Tensor: class {}, InferenceSession: { create: async () => ({ run }) } };
"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_of_two_pictures_chosen_in_a_row_the_last_one_is_answered(address, tmp_path):
    lay_out(tmp_path / "page", SLOW_FOR_THE_FIRST)
    for name in ("first", "second"):
        noise(1, (20, 20)).save(tmp_path / f"{name}.png")
    with open_browser() as browser:
        page = browser.new_page()
        page.goto(address)
        expect(page.locator("#answer")).to_be_empty()
        for name in ("first", "second"):
            page.locator("#file").set_input_files(tmp_path / f"{name}.png")
        page.wait_for_function("answered === 2")
        expect(page.locator("#answer")).to_have_attribute("data-file", "second.png")
        expect(page.locator("#answer")).to_contain_text("cat, 80.0%")


# In ONNX Runtime's place: of two pictures, the first is answered when the second has been
SLOW_FOR_THE_FIRST = """
let asked = 0, answered = 0, secondIsOut;
const second = new Promise((resolve) => (secondIsOut = resolve));
const run = async () => {
  const turn = asked++; // 0 warms up
  if (turn === 1) await second;
  if (turn === 2) setTimeout(secondIsOut, 50);
  if (turn) setTimeout(() => answered++, 20);
  return { output: { data: [turn === 1 ? 0.9 : 0.2] } };
};
const ort = { env: { wasm: {} }, Tensor: class {}, InferenceSession: { create: async () => ({ run }) } };
"""


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm for ONNX Runtime Web")
def test_two_first_exports_at_once_fetch_it_once(tmp_path, monkeypatch):
    monkeypatch.setenv("CATSDOGS_HOME", str(tmp_path))
    with ThreadPoolExecutor() as threads:
        first, second = threads.map(lambda _: web_page.runtime(), range(2))
    assert first == second and all(path.is_file() for path in first)


def test_what_was_fetched_once_is_used_without_waiting_for_anybody(tmp_path, monkeypatch):
    monkeypatch.setenv("CATSDOGS_HOME", str(tmp_path))
    (tmp_path / "runtimes" / web_page._PACKAGE).mkdir(parents=True)
    with ThreadPoolExecutor() as threads, locks.hold(tmp_path / "runtimes" / "fetching.lock"):
        assert len(threads.submit(web_page.runtime).result(timeout=10)) == len(web_page.FILES)


def test_without_npm_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("CATSDOGS_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="npm fetches: install Node.js"):
        web_page.runtime()
