"""Several runs in a real browser, with real workers: queued, watched, moved and cancelled."""

import re

import pytest
from playwright.sync_api import Page, expect

from catsdogs.data import dataset
from catsdogs.drawn import demo
from catsdogs.queue import dispatcher
from catsdogs.runs import history, liveness, store
from catsdogs.settings import presets, study_presets
from tests.browsing import CHROMIUM, serve
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def start(page: Page, preset: str, epochs: int) -> None:
    if preset != "Quick start":  # which is chosen already, in a form that the start of the first run has closed
        page.get_by_text("A new run", exact=True).click()
        expect(page.get_by_role("button", name="Start training")).to_be_visible()  # it has opened, which moves what is in it
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        page.get_by_role("radio", name=preset, exact=True).click()
        expect(page.get_by_text(next(each.why for each in study_presets.STUDY if each.title == preset), exact=True)).to_be_visible()
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")  # all of it has been filled in
    wanted = page.get_by_label("Epochs", exact=True)
    wanted.fill(str(epochs))
    wanted.press("Enter")
    before = len(store.list_all())
    page.get_by_role("button", name="Start training").click()
    wait_until(lambda: len(store.list_all()) == before + 1)
    expect(page).to_have_url(re.compile(store.list_all()[0].id))
    seed = page.locator(".st-key-live").get_by_text(re.compile(r"· seed \d"))
    expect(wanted).to_be_hidden()  # the form has closed
    expect(seed).to_be_in_viewport()  # though the button was far below
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def rows(page: Page):
    """The names in the queue, from the top."""
    return page.locator(".st-key-queue").get_by_text(re.compile(r"^(Dense|Conv2D|Quick) .*, seed \d$"))


def test_runs_are_queued_watched_moved_and_cancelled_and_the_order_holds(page, tmp_path):
    dataset.check(demo.create(tmp_path / "drawn", 200, 0))
    quick = "Conv2D · Adam · 96 px · batch 32, seed 0"
    small, large, batches = (f"Dense · SGD · {size} px · batch {batch}, seed 0" for size, batch in ((64, 32), (150, 32), (150, 100)))
    with serve() as address:
        page.goto(f"{address}/train")
        start(page, "Quick start", epochs=500)
        expect(page.get_by_text(re.compile(r"epoch \d+ of 500"))).to_be_visible(timeout=60_000)
        first = store.list_all()[0]
        for preset in ("Study 1 · Dense, 64 px", "Study 2 · 150 px", "Study 3 · batches of 100"):
            start(page, preset, epochs=1)
        expect(rows(page)).to_have_text([quick, small, large, batches])  # the last one is looked at, so the running one is in the list

        page.locator(".st-key-queue").get_by_role("link", name=quick).click()
        expect(page).to_have_url(re.compile(first.id))
        expect(page.get_by_text(re.compile(r"epoch \d+ of 500"))).to_be_visible()
        expect(rows(page)).to_have_text([small, large, batches])

        page.get_by_role("button", name=f"Earlier: {batches}").click()
        expect(rows(page)).to_have_text([small, batches, large])
        page.get_by_role("button", name=f"Cancel: {large}").click()
        expect(rows(page)).to_have_text([small, batches])
        page.get_by_role("button", name="Undo").click()
        expect(rows(page)).to_have_text([small, batches, large])
        page.get_by_role("button", name=f"Cancel: {large}").click()
        expect(rows(page)).to_have_text([small, batches])
        page.get_by_role("button", name=f"To the front: {batches}").click()
        expect(rows(page)).to_have_text([batches, small])
        page.reload()
        expect(rows(page)).to_have_text([batches, small])

        page.get_by_role("button", name="Stop", exact=True).click()
        wait_until(lambda: not any(run.state in store.WAITING for run in store.list_all()))
        expect(page.locator(".st-key-queue")).to_have_count(0)
        expect(page.get_by_test_id("stException")).to_have_count(0)
    found = {(run.config.target_size, run.config.batch_size): run for run in store.list_all()}
    assert (150, 32) not in found
    second, third = found[150, 100], found[64, 32]
    assert (second.state, third.state) == ("finished", "finished")
    assert found[96, 32].status["ended"] < second.status["started"] < second.status["ended"] < third.status["started"]


def test_all_that_wait_are_cancelled_after_a_question_that_stays_open_while_the_page_polls(page, tmp_path):
    running, *waiting = (store.create(presets.config("quick", data=str(tmp_path), seed=seed)) for seed in range(4))
    with dispatcher.turn(print), liveness.claim(running.folder), serve() as address:
        store.write_status(running, "running", phase="training", epoch=1, done=1, total=10)
        page.goto(f"{address}/train")
        expect(rows(page)).to_have_count(3)
        page.get_by_role("button", name="Cancel all").click()
        sure = page.get_by_role("button", name="Cancel 3 runs")
        expect(sure).to_be_visible()
        measured = {"loss": 0.6, "accuracy": 0.7, "val_loss": 0.6, "val_accuracy": 0.7}
        history.append(running, {"epoch": 1, **measured, "seconds": 1.0, "pictures_per_second": 100.0})
        expect(page.get_by_test_id("stMetricValue").first).to_have_text("1 / 8")  # the page has polled
        sure.click()
        expect(page.locator(".st-key-queue")).to_have_count(0)
        expect(page.get_by_text("3 runs cancelled.")).to_be_visible()
        assert [(run.id, run.state) for run in store.list_all()] == [(running.id, "running")]
