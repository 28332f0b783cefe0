"""Photographs brought through the browser: a ZIP file, a folder, two boxes, a camera."""

import os
import re
import urllib.error
import urllib.request
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from catsdogs.data import dataset, images, known_folders
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.sources import intake
from catsdogs.system import home
from tests.browsing import CHROMIUM, come_to_rest
from tests.images import photographs, picture
from tests.pages.test_browser import go
from tests.storing import finished

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "pets", {"cats": 12, "dogs": 10}, (120, 90))


def choose(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("radio", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).first.click()
        come_to_rest(page)


def expect_data_set(page: Page, name: str, cats: int, dogs: int) -> None:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(rf"\b{cats:,} cats? and {dogs:,} dogs?"))).to_be_visible()


def test_a_page_at_rest_shows_what_was_clicked_and_nothing_of_before(page, server):
    """What the other tests rely on: a click is answered late, and until then the page looks as if it were done."""
    page.goto(f"{server}/data")
    come_to_rest(page)
    for name, text in 3 * (("Upload", "Any layout will do"), ("Camera", "of each are enough to begin with")):
        choose(page, name)
        assert page.get_by_text(text).count() == 1, name


def test_a_zip_file_becomes_a_data_set_to_train_on(page, server, folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "Our pets.zip", "w") as made:
        for path in folder.rglob("*.jpg"):
            made.write(path, path.relative_to(folder.parent))
        made.writestr("pets/README.txt", "read me")
    page.goto(f"{server}/data")
    choose(page, "Upload")
    page.locator("input[accept*=zip]").set_input_files(tmp_path / "Our pets.zip")
    expect_data_set(page, "Our pets", 12, 10)
    expect(page.get_by_text("22 images added; 1 file left out:")).to_be_visible()
    expect(page.get_by_text("Drop a ZIP file here, or click to choose one")).to_be_visible()
    assert list((home.folder() / "uploads").glob("*.zip")) == []
    go(page, "Train")
    expect(page.get_by_label("Data set")).to_have_value("Our pets")


def test_a_zip_file_that_is_too_large_is_refused_before_it_is_sent(page, server, tmp_path):
    with (tmp_path / "All pets.zip").open("wb") as made:
        made.truncate(5 * 10**9)  # takes no room on the disk
    page.goto(f"{server}/data")
    choose(page, "Upload")
    page.locator("input[accept*=zip]").set_input_files(tmp_path / "All pets.zip")
    expect(page.get_by_role("alert").filter(has_text="All pets.zip is 5.0 GB; the limit is 4.0 GB. Split it.")).to_be_visible()


def test_a_click_while_a_zip_file_is_unpacked_loses_nothing(page, server, folder, tmp_path):
    cat, dog = (next((folder / label).iterdir()).read_bytes() for label in ("cats", "dogs"))
    with zipfile.ZipFile(tmp_path / "Many.zip", "w") as made:
        for number in range(800):
            made.writestr(f"cats/{number}.jpg", cat)
            made.writestr(f"dogs/{number}.jpg", dog)
    page.goto(f"{server}/data")
    choose(page, "Upload")
    page.locator("input[accept*=zip]").set_input_files(tmp_path / "Many.zip")
    with suppress(TimeoutError):  # a fast machine may be through before it is seen
        page.get_by_text("Unpacking").first.wait_for(timeout=20_000)
    choose(page, "Folder on the server", "Upload")
    expect_data_set(page, "Many", 800, 800)
    assert list((home.folder() / "uploads").glob("*.zip")) == [] and [each.name for each in known_folders.load()] == ["many"]


def test_who_leaves_while_a_zip_file_is_sent_finds_on_coming_back_that_it_is(page, server, folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "Our pets.zip", "w") as made:
        for path in folder.rglob("*.jpg"):
            made.write(path, path.relative_to(folder.parent))
    requests = []

    def wait(route):
        requests.append(route)

    page.goto(f"{server}/data")
    choose(page, "Upload")
    page.route("**/receive/*", wait)
    page.locator("input[accept*=zip]").set_input_files(tmp_path / "Our pets.zip")
    for leave, back in (("Camera", "Upload"), ("Train", "Data")):
        expect(page.get_by_text("Our pets.zip", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        for name in (leave, back):
            go(page, name) if name in ("Train", "Data") else choose(page, name)
    expect(page.get_by_text("Our pets.zip", exact=True)).to_be_visible()
    requests[0].continue_()
    expect_data_set(page, "Our pets", 12, 10)
    expect(page.get_by_text("Drop a ZIP file here, or click to choose one")).to_be_visible()


def test_a_click_while_a_folder_is_checked_loses_nothing(page, server, tmp_path):
    for label in ("cats", "dogs"):
        first = picture(tmp_path / "many" / label / "0.png", (900, 700))
        for number in range(1, 80):
            os.link(first, first.with_name(f"{number}.png"))
    page.goto(f"{server}/data")
    choose(page, "Folder on the server")
    page.get_by_label("Folder", exact=True).fill(str(tmp_path / "many"))
    page.get_by_role("button", name="Check and use").click()
    with suppress(TimeoutError):  # a fast machine may be through before it is seen
        page.get_by_text(re.compile(r"Checking every photograph: \d\d+ of 160")).first.wait_for(timeout=20_000)
    choose(page, "Upload")
    expect_data_set(page, str(tmp_path / "many"), 80, 80)


def test_a_file_that_is_no_archive_is_refused_in_the_box_s_place(page, server, tmp_path):
    (tmp_path / "letter.zip").write_text("Dear cat,")
    page.goto(f"{server}/data")
    choose(page, "Upload")
    page.locator("input[accept*=zip]").set_input_files(tmp_path / "letter.zip")
    expect(page.get_by_role("alert").filter(has_text="letter.zip is not a ZIP file, or it is damaged or cut off")).to_be_visible()
    expect(page.get_by_text("Drop a ZIP file here, or click to choose one")).to_be_visible()
    assert known_folders.load() == [] and list((home.folder() / "data").iterdir()) == []


def test_after_a_fault_of_the_server_s_the_box_takes_a_file_again(page, server, folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as made:
        for path in folder.rglob("*.jpg"):
            made.write(path, path.relative_to(folder.parent))
    page.goto(f"{server}/data")
    choose(page, "Upload")
    box = page.locator("input[accept*=zip]")
    box.wait_for()
    (home.folder() / "data").write_text("a file where a folder should be")
    box.set_input_files(tmp_path / "pets.zip")
    expect(page.get_by_test_id("stAlert").or_(page.get_by_test_id("stException")).first).to_be_visible()
    choose(page, "Camera", "Upload")
    expect(page.get_by_text("Drop a ZIP file here, or click to choose one")).to_be_visible()
    expect(page.get_by_test_id("stAlert").or_(page.get_by_test_id("stException"))).to_have_count(0)
    (home.folder() / "data").unlink()
    box.set_input_files(tmp_path / "pets.zip")
    expect_data_set(page, "pets", 12, 10)


def test_a_folder_becomes_a_data_set(page, server, folder):
    page.goto(f"{server}/data")
    choose(page, "Upload", "Folder")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(folder)
    page.get_by_role("button", name="Make a data set of 22 files").click()
    expect_data_set(page, "pets", 12, 10)
    expect(page.get_by_role("button", name="Make a data set of")).to_have_count(0)


def fill_boxes(page: Page, server: str, folder: Path) -> None:
    """Each box with the files of its class, on a fresh page; the second one when the first one's have been sent, as a hand would."""
    page.goto(f"{server}/data")
    choose(page, "Upload", "Two boxes")
    send_classes(page, folder)


def send_classes(page: Page, folder: Path) -> None:
    for number, label in enumerate(("cats", "dogs")):
        files = sorted((folder / label).iterdir())
        page.get_by_test_id("stFileUploaderDropzoneInput").nth(number).set_input_files(files)
        expect(page.get_by_text(f"{len(files)} files here.")).to_be_visible()
    come_to_rest(page)


def test_two_boxes_make_a_data_set(page, server, folder):
    fill_boxes(page, server, folder)
    page.get_by_label("Name of the data set").fill("Minka & Rex")
    page.get_by_role("button", name="Make a data set", exact=True).click()
    expect_data_set(page, "Minka & Rex", 12, 10)


def test_two_boxes_take_other_classes_than_cats_and_dogs(page, server, folder):
    page.goto(f"{server}/data")
    choose(page, "Upload", "Two boxes")
    for which, name in (("First", "oak"), ("Second", "maple")):
        page.get_by_label(f"{which} class").fill(name)
        page.get_by_label(f"{which} class").press("Enter")
        expect(page.get_by_text(f"Photographs of {name}")).to_be_visible()
    send_classes(page, folder)
    page.get_by_role("button", name="Make a data set", exact=True).click()
    expect(page.get_by_text("10 maples and 12 oaks").or_(page.get_by_text("10 maple and 12 oak"))).to_be_visible()


def take_photograph(page: Page) -> None:
    """Press the button until a picture is there: while the camera starts, nothing is taken."""
    taken = page.get_by_role("button", name="Clear photo")
    for _ in range(60):
        with suppress(TimeoutError):  # of a click, too: the picture may just have come
            page.get_by_role("button", name="Take Photo").click(timeout=2000)
        with suppress(TimeoutError):
            return taken.wait_for(timeout=2000)
    raise AssertionError("the camera took no picture")


CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 320, height: 240});
  const brush = canvas.getContext("2d");
  setInterval(() => {
    for (let x = 0; x < 320; x += 20) for (let y = 0; y < 240; y += 20) {
      brush.fillStyle = `hsl(${Math.random() * 360}, 80%, ${Math.random() * 100}%)`;
      brush.fillRect(x, y, 20, 20);
    }
  }, 50);
  return canvas.captureStream(20);
};
"""  # no two pictures of it are the same, as those of the browser's own can be


def expect_counted(page: Page, cats: int, dogs: int) -> None:
    told = f"{cats} cat{'s' * (cats != 1)} · {dogs} dog{'s' * (dogs != 1)}"
    expect(page.get_by_test_id("stMarkdown").get_by_text(told, exact=True)).to_be_visible()


HEIGHTS = """
window.heights = new Set();
setInterval(() => { for (const box of document.querySelectorAll("[data-testid=stCameraInput]")) heights.add(box.clientHeight); }, 20);
"""  # of the camera


def test_a_phone_s_camera_makes_a_data_set(page, server):
    page.add_init_script(CAMERA + HEIGHTS)
    page.set_viewport_size({"width": 420, "height": 900})
    page.goto(f"{server}/data")
    choose(page, "Camera")
    for count, name in enumerate(("It's a cat", "It's a dog", "It's a cat", "It's a dog"), start=1):
        take_photograph(page)
        page.get_by_role("button", name=name).click()
        expect_counted(page, (count + 1) // 2, count // 2)
    assert len(page.evaluate("[...heights]")) == 1, "the page jumps under the finger"
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.get_by_role("button", name="Use these photographs").click()
    expect_data_set(page, "Camera", 2, 2)


def test_the_camera_goes_on_where_the_page_was_left(page, server):
    page.add_init_script(CAMERA)
    page.set_viewport_size({"width": 420, "height": 900})
    page.goto(f"{server}/data")
    choose(page, "Camera")
    for count, name in enumerate(("It's a cat", "It's a dog"), start=1):
        take_photograph(page)
        page.get_by_role("button", name=name).click()
        expect_counted(page, 1, count - 1)
    page.reload()
    choose(page, "Camera")
    expect(page.get_by_role("button", name="Take Photo")).to_have_count(0)
    page.get_by_role("button", name="Camera · 1 cat · 1 dog").click()
    expect_counted(page, 1, 1)
    take_photograph(page)
    page.get_by_role("button", name="It's a cat").click()
    expect_counted(page, 2, 1)
    expect_data_set(page, "Camera", 2, 1)
    page.get_by_role("button", name="Use these photographs").click()
    page.get_by_role("button", name="Start a new data set").click()
    expect_counted(page, 0, 0)
    take_photograph(page)
    page.get_by_role("button", name="It's a dog").click()
    expect_counted(page, 0, 1)
    take_photograph(page)
    page.get_by_role("button", name="It's a cat").click()
    expect_data_set(page, "Camera", 1, 1)  # and not the one before, from which a click trained until "Use these photographs"
    assert sorted(each.name for each in known_folders.load()) == ["camera", "camera-2"]


def test_a_data_set_is_deleted_with_what_was_decoded_of_it(page, server, folder):
    added = intake.add_folder(folder, "Not for long")
    run = finished(Config(data=str(added.folder)))
    pixels = home.subfolder("pixels") / f"{dataset.check(added.folder).fingerprint}-32-bilinear-{images.VERSION}.npy"
    pixels.touch()
    page.goto(f"{server}/data")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect_data_set(page, "Not for long", 12, 10)
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("No data set yet")).to_be_visible()
    assert not added.folder.exists() and not pixels.exists() and [each.id for each in store.list_all()] == [run.id]


def put(address: str, ticket: str, content: bytes, **headers: str):
    request = urllib.request.Request(f"{address}/receive/{ticket}", content, headers, method="PUT")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("ticket", ["x", "made-up" * 7, "..%2f" * 12, "%00" * 40])
def test_nobody_sends_a_file_without_a_page_s_ticket(ticket, server):
    (home.folder() / "uploads").mkdir(exist_ok=True)
    status, said = put(server, ticket, b"content")
    assert status in (400, 403, 404) and (status != 403 or said == "This page is out of date. Reload it, and send the file again.")
    assert list((home.folder() / "uploads").iterdir()) == []
