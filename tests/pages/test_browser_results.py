"""Results as a person uses it, in a real browser: compare, open a cell of the confusion matrix, take along, repeat, delete, undo."""

import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from catsdogs.data import dataset
from catsdogs.networks import registry
from catsdogs.runs import store
from catsdogs.settings import config
from tests import storing
from tests.browsing import CHROMIUM, serve
from tests.images import photographs

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


@pytest.fixture
def stored(tmp_path):
    """Two finished runs on real pictures, one of each optimizer, each with a model."""
    folder = photographs(tmp_path / "photos", {"cats": 50, "dogs": 50})
    dataset.check(folder)
    small = {"target_size": 32, "dense_units": 8, "data": str(folder), "epochs": 7}
    made = [storing.finished(config.Config(optimizer=name, **small), right=right) for name, right in (("sgd", 60), ("adam", 90))]
    for run in made:
        registry.build(run.config).save(run.model_path)
    return made


def test_two_runs_are_compared_one_is_looked_into_taken_along_and_repeated(page: Page, stored, tmp_path):
    sgd, adam = stored
    with serve() as address:
        page.goto(f"{address}/results?run={sgd.id}&run={adam.id}")
        expect(page.get_by_role("heading", name="2 runs beside each other")).to_be_visible()
        expect(page.get_by_text("Adam beat 2 · SGD by 30.0")).to_be_visible()
        page.get_by_role("radio", name="minute").click()
        expect(page.locator(".st-key-compared-accuracy .xtitle").first).to_have_text("minutes of training")

        page.goto(f"{address}/results?run={adam.id}")
        found = page.get_by_role("radio", name="cats found (45)")
        expect(found).not_to_be_checked()
        click_on_cell(page, adam, truth=0, answer=0)
        expect(found).to_be_checked()
        expect(page.get_by_text("Answered “cat”; the surest first.")).to_be_visible()
        photographs_of_it = page.get_by_text(re.compile(r"^\d\d\.\d% sure · cats\.\d+\.jpg$"))
        expect(photographs_of_it).to_have_count(12)
        page.get_by_role("button", name="More of 45").click()
        expect(photographs_of_it).to_have_count(24)

        with page.expect_download(timeout=60_000) as taken:
            page.get_by_test_id("stDownloadButton").get_by_role("button", name="Download", exact=True).click()
        taken.value.save_as(tmp_path / "run.zip")
        with zipfile.ZipFile(tmp_path / "run.zip") as archive:
            assert {f"{adam.id}/{name}" for name in ("model.keras", "classify.py", "train.py", "history.csv")} <= set(archive.namelist())

        page.get_by_role("button", name="Keras code").click()
        expect(page.get_by_role("dialog").get_by_text("keras.optimizers.Adam(").first).to_be_visible(timeout=60_000)
        page.keyboard.press("Escape")

        page.get_by_role("link", name="Repeat this run").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Train")
        expect(page.get_by_label("Epochs", exact=True)).to_have_value("7")


def test_a_deleted_run_is_undone_in_the_browser_and_gone_once_the_tab_is_closed(page: Page, stored, home):
    sgd, adam = stored
    with serve() as address:
        page.goto(f"{address}/results?run={sgd.id}")
        delete(page)
        expect(page.get_by_text("1 run deleted.")).to_be_visible()
        assert store.list_all() == [adam]
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("1 run deleted.")).to_have_count(0)
        assert len(store.list_all()) == 2

        page.goto(f"{address}/results?run={sgd.id}")
        delete(page)
        expect(page.get_by_text("1 run deleted.")).to_be_visible()
        page.get_by_role("link", name="Classify", exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Classify")
        assert [path.name for path in (home / "runs").iterdir()] == [adam.id]


def delete(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"Delete \(")).click()
    page.locator(".st-key-delete button").click()


def click_on_cell(page: Page, run: store.Run, truth: int, answer: int) -> None:
    """Click in the middle of a cell of the confusion matrix, where the mouse of a person would go."""
    point = page.locator(f".st-key-confusion-{run.id} .scatterlayer .point").nth(2 * truth + answer)
    point.wait_for(state="attached")
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
