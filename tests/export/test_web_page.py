"""The web page in a real browser, served from its own folder and cut off from everything else: it answers as the application does."""

import functools
import json
import shutil
import threading
import zipfile
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from catsdogs.errors import InputError
from catsdogs.export import portable, web_page
from catsdogs.inference import classifier
from catsdogs.networks import registry
from catsdogs.runs import temperature
from catsdogs.runs.temperature import Temperature
from catsdogs.settings.config import Config
from tests.browsing import CHROMIUM, open_browser
from tests.images import noise
from tests.storing import finished, tell_neither


@pytest.fixture
def address(tmp_path):
    """Of a server of the folder `page`."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path / "page"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
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


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_of_two_pictures_chosen_in_a_row_the_last_one_is_answered(address, tmp_path):
    (tmp_path / "page").mkdir()
    for name, text in web_page.page().items():
        (tmp_path / "page" / name).write_text(text)
    settings = {"labels": ["cat", "dog"], "target_size": 8, "proportions": "stretch", "files": {"32": "run.onnx"}}
    (tmp_path / "page" / "classify.json").write_text(json.dumps(settings))
    (tmp_path / "page" / "ort.wasm.min.js").write_text(SLOW_FOR_THE_FIRST)
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


def test_without_npm_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="npm fetches: install Node.js"):
        web_page.runtime()
