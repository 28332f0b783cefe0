"""Classify in a browser: many pictures in a ZIP file, one from a phone's camera, and two networks beside each other."""

import csv
import os
import shutil
import signal
import subprocess
import zipfile

import pytest
from playwright.sync_api import expect

from catsdogs.drawn import demo
from catsdogs.runs import store, temperature
from catsdogs.runs.temperature import Temperature
from catsdogs.settings.config import Config
from tests import storing
from tests.browsing import CHROMIUM, come_to_rest, watch_runs
from tests.images import encoded, noise, picture
from tests.pages.test_browser import go
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


def drawn(label: str, seed: int) -> bytes:
    return encoded(demo.draw(label, seed), "JPEG")


def open_classify(page, server):
    """The page, when its box takes pictures."""
    page.goto(f"{server}/classify")
    page.get_by_label("Pictures", exact=True).wait_for(state="attached")
    come_to_rest(page)


def test_pictures_in_a_zip_file_are_answered_and_leave_as_csv(page, server, tmp_path):
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        for number in range(30):
            archive.writestr(f"pets/{number}.jpg", drawn("cat", number))
        archive.writestr("pets/letter.txt", "Dear cat")
    open_classify(page, server)
    page.get_by_label("Pictures", exact=True).set_input_files(tmp_path / "pets.zip")
    expect(page.get_by_text("30 pictures", exact=True)).to_be_visible()
    expect(page.locator("[data-testid=stMarkdown] h2")).to_have_count(24)
    expect(page.get_by_text("1 file left out")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    assert {line["picture"] for line in lines} == {*(f"pets/{number}.jpg" for number in range(30)), "pets/letter.txt"}
    assert sum(line["answer of bundled"] in ("cat", "dog") for line in lines) == 30 and lines[-1]["problem"] == "Not an image."


def test_pictures_are_in_the_order_of_the_browser_though_the_first_are_slow_to_arrive(page, server, tmp_path):
    files = [tmp_path / f"{number}.png" for number in range(60)]
    for number, file in enumerate(files):
        file.write_bytes(encoded(noise(number), "PNG"))
    slow = iter([1000])  # ms, of the first request

    def arrive(route):
        page.wait_for_timeout(next(slow, 0))
        route.continue_()

    open_classify(page, server)
    page.route("**/pictures/*", arrive)
    page.get_by_label("Pictures", exact=True).set_input_files(files)
    expect(page.get_by_text("60 pictures", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="CSV")).to_be_enabled()
    come_to_rest(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines())
    assert [line["picture"] for line in lines] == [file.name for file in files]


def test_pictures_of_a_folder_are_in_the_order_of_their_names(page, server, tmp_path):
    for number in (10, 2, 33, 1):  # neither the order of the file system nor that of the letters
        picture(tmp_path / "pets" / f"{number}.png")
    open_classify(page, server)
    page.get_by_label("Folder", exact=True).set_input_files(tmp_path / "pets")
    expect(page.get_by_text("4 pictures", exact=True)).to_be_visible()
    names = page.get_by_text("pets/")
    expect(names).to_have_text([f"pets/{number}.png" for number in (1, 2, 10, 33)])


def test_whatever_is_pasted_is_taken_or_the_box_says_why_not(page, server):
    open_classify(page, server)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('/home/me/cat.jpg')")
    page.keyboard.press("Control+V")
    expect(page.get_by_role("alert").filter(has_text="No picture was pasted. Copy the picture itself")).to_be_visible()
    page.evaluate(  # as from a file manager, which names no type where it knows none
        """() => {
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File(["no picture"], "IMG_1.HEIC"));
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.get_by_text("IMG_1.HEIC", exact=True)).to_be_visible()
    expect(page.get_by_text("This is not an image that can be read")).to_be_visible()


def test_a_phone_takes_a_picture_and_reads_the_answer(browser, server, tmp_path):
    (tmp_path / "image.jpg").write_bytes(drawn("dog", 3))
    context = browser.new_context(viewport={"width": 412, "height": 860}, has_touch=True, is_mobile=True)
    watch_runs(context)
    context.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)  # as for the other tests' tabs
    page = context.new_page()
    open_classify(page, server)
    expect(page.get_by_text("Take a picture")).to_be_in_viewport()
    page.get_by_label("Take a picture").set_input_files(tmp_path / "image.jpg")
    expect(page.locator("[data-testid=stMarkdown] h2")).to_be_in_viewport()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 412
    context.close()


@pytest.mark.parametrize("size", [(3, 900), (900, 3), (300, 900), (1, 1)])
def test_the_heat_map_of_a_picture_of_any_shape_fits_the_window(page, server, size, tmp_path):
    demo.draw("cat", 1).resize(size).save(tmp_path / "a.png")
    open_classify(page, server)
    page.get_by_label("Pictures", exact=True).set_input_files(tmp_path / "a.png")
    expect(page.locator("[data-testid=stMarkdown] h2")).to_have_count(1)
    come_to_rest(page)
    page.get_by_role("button", name="Why?").click()
    expect(page.locator(".heat-map .heat")).to_be_visible()
    width, height = (page.locator(".heat-map .heat").bounding_box()[side] for side in ("width", "height"))
    assert 50 < width < 1000 and 50 < height < 700
    assert page.locator(".heat-map img").first.bounding_box() == page.locator(".heat-map .heat").bounding_box()


def test_on_a_phone_every_filter_is_in_view(browser, server, tmp_path):
    names = [f"{label}{number}.jpg" for label in demo.LABELS for number in range(2)]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(drawn(name[:3], number))
    (tmp_path / "noise.jpg").write_bytes(encoded(noise(1, (90, 60)), "JPEG"))
    (tmp_path / "cut.jpg").write_bytes(drawn("cat", 1)[:500])
    context = browser.new_context(viewport={"width": 320, "height": 860})
    watch_runs(context)
    context.set_default_timeout(60_000)
    page = context.new_page()
    open_classify(page, server)
    page.get_by_label("Pictures", exact=True).set_input_files(sorted(tmp_path.glob("*.jpg")))
    expect(page.get_by_text("6 pictures", exact=True)).to_be_visible()
    come_to_rest(page)
    filters = page.locator(".st-key-answers_shown [role=radio]")
    assert filters.count() > 3
    assert all(box["x"] + box["width"] <= 320 for box in (each.bounding_box() for each in filters.all()))
    context.close()


def test_nothing_but_hidden_files_is_told(page, server, tmp_path):
    page.goto(f"{server}/classify")
    page.get_by_label("Pictures", exact=True).set_input_files(picture(tmp_path / ".hidden.jpg"))
    expect(page.get_by_text("No picture found. Hidden files are skipped.")).to_be_visible()
    page.get_by_label("Pictures", exact=True).set_input_files(picture(tmp_path / "seen.jpg"))
    expect(page.get_by_text("seen.jpg", exact=True)).to_be_visible()
    expect(page.get_by_text("No picture found.")).to_have_count(0)


def test_cleared_pictures_are_gone_and_others_are_offered_again(page, server):
    open_classify(page, server)
    offer = page.get_by_role("button", name="drawn pictures")
    offer.click()
    expect(page.locator("[data-testid=stMarkdown] h2")).to_have_count(12)
    come_to_rest(page)
    page.get_by_role("button", name="Clear").click()
    expect(offer).to_be_visible()
    come_to_rest(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(page.get_by_role("button", name="Clear")).to_have_count(0)


def companion() -> int:
    """The process that answers for the shared server."""
    listed = subprocess.run(["ps", "-ax", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    processes = [line.split(None, 2) for line in listed.splitlines()]
    servers = [pid for pid, parent, command in processes if parent == str(os.getpid()) and "streamlit run" in command]
    return next(int(pid) for pid, parent, command in processes if parent in servers and "catsdogs.inference.companion" in command)


def test_pictures_are_cleared_at_once_though_the_network_is_still_answering(page, server, tmp_path):
    open_classify(page, server)
    page.get_by_label("Pictures", exact=True).set_input_files(picture(tmp_path / "first.png"))
    expect(page.get_by_text("first.png", exact=True)).to_be_visible()
    come_to_rest(page)
    pid = companion()
    os.kill(pid, signal.SIGSTOP)
    try:
        page.get_by_label("Pictures", exact=True).set_input_files(picture(tmp_path / "second.png"))
        expect(page.get_by_text("1 of 2 pictures answered")).to_be_visible()
        page.get_by_role("button", name="Clear").click()
        expect(page.get_by_role("button", name="drawn pictures")).to_be_visible()
    finally:
        os.kill(pid, signal.SIGCONT)


def test_pictures_outlive_a_connection_that_breaks_off(page, server, tmp_path):
    page.add_init_script("""
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (message) { window.socket = this; return send.call(this, message); };
    """)
    open_classify(page, server)
    for number in range(2):
        (tmp_path / f"{number}.jpg").write_bytes(drawn("cat", number))
        page.get_by_label("Pictures", exact=True).set_input_files(tmp_path / f"{number}.jpg")
        expect(page.get_by_text(f"{number}.jpg").first).to_be_visible()
        with page.expect_websocket():
            page.evaluate("window.socket.close()")
    come_to_rest(page)
    expect(page.get_by_text("2 pictures", exact=True)).to_be_visible()


def test_who_leaves_while_pictures_are_sent_finds_on_coming_back_how_many_were_and_what_became_of_all(page, server, tmp_path):
    requests = []

    def arrive(route):  # the first one waits, the second one is refused
        requests.append(route)
        if len(requests) == 2:
            route.fulfill(status=507, body="The disk is full.")
        elif len(requests) > 2:
            route.continue_()

    open_classify(page, server)
    page.route("**/pictures/*", arrive)
    page.get_by_label("Pictures", exact=True).set_input_files([picture(tmp_path / f"{number}.png") for number in range(60)])
    for number in range(3):
        if number:
            go(page, "Classify")
        expect(page.get_by_text("0 of 60 sent")).to_be_visible()
        expect(page.get_by_text("answered")).to_have_count(0)
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        expect(page.get_by_role("button", name="Clear")).to_be_visible()  # the page was told: before that, a click on a link could be lost
        come_to_rest(page)
        go(page, "Train")
    requests[0].continue_()
    wait_until(lambda: page.wait_for_timeout(100) or len(requests) > 2)
    come_to_rest(page)
    go(page, "Classify")
    expect(page.get_by_text("20 pictures", exact=True)).to_be_visible()
    expect(page.get_by_text("40 files left out")).to_be_visible()
    expect(page.get_by_text("40 files were not taken; the reasons are below.")).to_be_visible()
    expect(page.get_by_role("button", name="CSV")).to_be_enabled()


def as_bundled() -> store.Run:
    """A run whose network is the bundled one."""
    shipped = store.load(store.SHIPPED)
    run = storing.finished(Config(model="resnet", target_size=shipped.config.target_size))
    for name in ("model.keras", "temperature.json", "neither.json"):
        shutil.copy(shipped.folder / name, run.folder)
    return run


def test_all_pictures_are_answered_anew_when_the_run_gets_another_temperature(page, server, tmp_path):
    run = as_bundled()
    for number in range(20):
        (tmp_path / f"{number}.jpg").write_bytes(drawn("cat", number))
    page.goto(f"{server}/classify?model={run.id}")
    page.get_by_label("Pictures", exact=True).set_input_files(sorted(tmp_path.glob("*.jpg")))
    expect(page.get_by_text("20 pictures", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="CSV")).to_be_enabled()
    come_to_rest(page)
    temperature.save(run, Temperature(3.0, 100))
    page.get_by_role("radio", name="dog").last.click()  # only the answers are drawn again
    expect(page.get_by_text("marked wrong").last).to_be_visible()
    come_to_rest(page)
    expect(page.get_by_text("20 pictures", exact=True)).to_be_visible()
    expect(page.locator("[data-testid=stMarkdown] h2")).to_have_count(20)


def test_two_networks_answer_the_same_pictures(page, server, tmp_path):
    as_bundled()
    for label in demo.LABELS:
        (tmp_path / f"{label}.jpg").write_bytes(drawn(label, 1))
    open_classify(page, server)
    page.get_by_label("Pictures", exact=True).set_input_files(sorted(tmp_path.glob("*.jpg")))
    expect(page.locator("[data-testid=stMarkdown] h2")).to_have_count(2)
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option").click()
    expect(page.get_by_text("The other network")).to_have_count(2)
    come_to_rest(page)
    shown = [title.inner_text().split()[-1] for title in page.locator("[data-testid=stMarkdown] h2").all()]
    assert [text.inner_text().split()[-1] for text in page.get_by_text("The other network").all()] == shown, "it is the same network"
