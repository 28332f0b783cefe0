"""Several runs in a real browser, with real workers: queued, watched, moved, cancelled and stopped."""

import re

import pytest
from playwright.sync_api import Page, expect

from catsdogs.data import dataset
from catsdogs.queue import dispatcher, jobs
from catsdogs.runs import history, liveness, store, trash
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from catsdogs.system import locks
from tests import storing
from tests.browsing import CHROMIUM, come_to_rest
from tests.images import photographs
from tests.waiting import wait_until

SMALL = {"model": "dense", "dense_units": 8, "target_size": 32, "batch_size": 8, "epochs": 1, "precision": "float32"}
WHY = next(preset.why for preset in presets.PRESETS if preset.name == "study-dense")

# What a click sends, a ClientState in a BackMsg, is sent first as a poll of the same fragment (its field 6 is set), then as it is.
POLL_WITH_THE_CLICK = """() => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (message) {
    if (message[0] !== 0x5a || !new TextDecoder().decode(message).includes("earlier-")) return send.call(this, message);
    let at = 1;
    while (message[at++] & 128);
    const state = [...message.slice(at), 0x30, 1], size = state.length;
    send.call(this, new Uint8Array([0x5a, size & 127 | 128, size >> 7 & 127 | 128, size >> 14, ...state]));
    setTimeout(() => { send.call(this, message); window.clicked = true; }, 1000);
  };
}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def start_dense(page: Page) -> None:
    """Choose the first preset of the study, with a single epoch, and start it."""
    come_to_rest(page)
    page.get_by_role("radio", name="Study 1 · Dense, 64 px", exact=True).click()
    expect(page.get_by_text(WHY, exact=True)).to_be_visible()
    come_to_rest(page)
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("1")
    epochs.press("Enter")
    page.get_by_role("button", name="Start training").click()
    expect(epochs).to_be_hidden()  # the form has closed
    expect(page.locator(".st-key-live").get_by_text("seed 0")).to_be_in_viewport()  # though the button was far below
    come_to_rest(page)


def rows(page: Page):
    """The names in the queue, from the top."""
    return page.locator(".st-key-queue").get_by_text(re.compile(r"^(Dense|Conv2D|Quick|Study) .*, seed \d$"))


def press(page: Page, name: str | re.Pattern) -> None:
    """Click the button between two polls: while the page is redrawn, it is there twice, and a click on the one that goes is lost."""
    button = page.get_by_role("button", name=name)
    page.mouse.move(0, 0)  # away from a button whose tooltip would cover this one
    come_to_rest(page)
    expect(button).to_have_count(1)
    button.click()


@pytest.fixture
def data(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 40, "dogs": 40})
    dataset.check(made)
    return str(made)


def test_a_running_run_is_followed_and_stopped(page, server, data):
    (run,) = jobs.create([Config(data=data, **{**SMALL, "epochs": 10_000})])
    page.goto(f"{server}/train?run={run.id}")
    done = page.get_by_test_id("stMetricValue").first
    expect(done).to_have_text(re.compile(r"^[1-9]\d* / 10000$"), timeout=180_000)
    seen = done.inner_text()
    expect(done).not_to_have_text(seen)  # the page follows
    press(page, re.compile("^Stop$"))
    expect(page.get_by_text("Stopped · ")).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert store.load(run.id).state == "stopped"


def test_a_click_at_the_moment_of_a_poll_moves_a_run_by_one_place(page, server, tmp_path):
    """On a slow phone, the poll sent the click as well, and it was done twice."""
    running, *waiting = (store.create(presets.config("quick", data=str(tmp_path), seed=seed)) for seed in range(5))
    with dispatcher.turn(print), liveness.claim(running.folder):
        store.write_status(running, "running", phase="training", epoch=1, done=1, total=10)
        page.goto(f"{server}/train")
        come_to_rest(page)
        page.evaluate(POLL_WITH_THE_CLICK)
        page.locator(f".st-key-earlier-{waiting[3].id} button").filter(visible=True).click()
        expect(page.locator(".st-key-queue [class*=st-key-row-]:has(button)").nth(2)).to_have_class(re.compile(waiting[3].id))
        page.wait_for_function("window.clicked")
        come_to_rest(page)
        assert jobs.queue() == [*waiting[:2], waiting[3], waiting[2]]


def test_who_looks_at_a_run_while_somebody_else_cancels_it_is_told_and_shown_the_next_one(page, server, data):
    with locks.hold(jobs.lock()):  # so that none begins
        first, second = jobs.create([Config(data=data, seed=seed, **SMALL) for seed in (5, 6)])
        page.goto(f"{server}/train?run={first.id}")
        shown = page.locator(".st-key-live")
        expect(shown.get_by_text("seed 5")).to_be_visible()
        jobs.stop(first)
        trash.put(first)
        expect(page.get_by_text("seed 5 is gone: it was cancelled while it waited, or deleted.")).to_be_visible()
        expect(shown.get_by_text("seed 6").first).to_be_visible()
        jobs.stop(second)


def test_the_queue_is_changed_on_the_page_and_holds(page, server, data):
    """The workers are asked to stop before they start, and do while TensorFlow is imported: trained is for real in queue/test_jobs.py."""
    quick, dense, second, third = (
        "Quick start, seed 0",
        "Study 1 · Dense, 64 px, epochs 1, seed 0",
        *(f"Dense · Adam · 32 px · batch {batch}, seed 0" for batch in (4, 8)),
    )
    running = store.create(presets.config("quick", data=data))
    with dispatcher.turn(print), liveness.claim(running.folder):
        store.write_status(running, "running", phase="training", epoch=1, done=1, total=10)
        page.goto(f"{server}/train")
        start_dense(page)
        jobs.create([Config(data=data, **{**SMALL, "batch_size": batch}) for batch in (4, 8)])
        expect(rows(page)).to_have_text([quick, dense, second, third])  # the new run is shown, so the running one is in the queue
        page.locator(".st-key-queue").get_by_role("link", name=quick).click()
        expect(page).to_have_url(re.compile(running.id))
        expect(rows(page)).to_have_text([dense, second, third])

        press(page, f"Move up: {third}")
        expect(rows(page)).to_have_text([dense, third, second])
        press(page, f"Cancel: {dense}")
        expect(rows(page)).to_have_text([third, second])
        press(page, "Undo")
        expect(rows(page)).to_have_text([dense, third, second])
        press(page, f"Cancel: {dense}")
        expect(rows(page)).to_have_text([third, second])
        press(page, f"Move to front: {second}")
        expect(rows(page)).to_have_text([second, third])
        press(page, f"Move down: {second}")
        expect(rows(page)).to_have_text([third, second])
        page.reload()
        expect(rows(page)).to_have_text([third, second])
        for run in jobs.queue():
            liveness.request_stop(run.folder)
    wait_until(lambda: not any(run.state in store.WAITING for run in store.list_all()), within=180)
    expect(page.locator(".st-key-queue")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    ended = {run.config.batch_size: run for run in store.list_all() if run.id != running.id}
    assert {batch: (run.state, run.status.get("error")) for batch, run in ended.items()} == dict.fromkeys((4, 8), ("stopped", None))
    assert ended[8].status["ended"] < ended[4].status["ended"]


def test_a_phone_shows_that_a_name_goes_on_and_the_kinds_of_sweeps_side_by_side(page, server, data):
    running, waiting = (store.create(Config(data=data, **SMALL, seed=seed)) for seed in range(2))
    store.change_label(waiting, name="A long name, with everything that this run is about, and more")
    page.set_viewport_size({"width": 420, "height": 900})
    with dispatcher.turn(print), liveness.claim(running.folder):
        store.write_status(running, "running", phase="training", epoch=1, done=1, total=10)
        page.goto(f"{server}/train")
        link = page.locator(".st-key-queue").get_by_role("link", name="A long name")
        line = link.locator("xpath=ancestor::*[@data-testid='stHorizontalBlock'][1]")
        expect(link.locator("span").filter(has_text="A long name").first).to_have_css("text-overflow", "ellipsis")
        assert line.evaluate("node => node.scrollWidth <= node.clientWidth"), "the … is in view"

        page.get_by_text("try several values of some settings").click()
        boxes = [page.get_by_role("radio", name=name).bounding_box() for name in ("Every combination", "Timed search")]
        assert boxes[0]["y"] == boxes[1]["y"]


@pytest.mark.parametrize("width", [420, 1440])
def test_each_row_has_its_buttons_beside_when_it_starts_and_nothing_scrolls(page, server, tmp_path, width):
    running, *waiting = (store.create(presets.config("quick", data=str(tmp_path), seed=seed)) for seed in range(4))
    page.set_viewport_size({"width": width, "height": 900})
    with dispatcher.turn(print), liveness.claim(running.folder):
        store.write_status(running, "running", phase="training", epoch=1, done=1, total=10)
        page.goto(f"{server}/train")
        expect(rows(page)).to_have_count(3)
        come_to_rest(page)
        for run in waiting:
            row = page.locator(f".st-key-row-{run.id}")
            told, button = row.get_by_text("duration unknown").bounding_box(), row.locator(f".st-key-cancel-{run.id}").bounding_box()
            assert told["y"] < button["y"] + button["height"] / 2 < told["y"] + told["height"], "on a line of their own"
        scroll = "node => getComputedStyle(node).overflowY === 'auto' && node.scrollHeight > node.clientHeight"
        assert not page.locator(".st-key-queue").evaluate(f"queue => [...queue.querySelectorAll('*')].some({scroll})")


def test_the_question_to_cancel_all_stays_open_while_polling(page, server, tmp_path):
    running, *_ = (store.create(presets.config("quick", data=str(tmp_path), seed=seed)) for seed in range(4))
    with dispatcher.turn(print), liveness.claim(running.folder):
        store.write_status(running, "running", phase="training", epoch=1, done=1, total=10)
        page.goto(f"{server}/train")
        expect(rows(page)).to_have_count(3)
        press(page, "Cancel all")
        expect(page.get_by_role("button", name="Cancel 3 runs")).to_have_count(1)
        history.append(running, storing.epoch(1))
        expect(page.get_by_test_id("stMetricValue").first).to_have_text("1 / 8")  # the page has polled
        press(page, "Cancel 3 runs")
        expect(page.locator(".st-key-queue")).to_have_count(0)
        expect(page.get_by_text("3 runs cancelled.")).to_be_visible()
        assert [(run.id, run.state) for run in store.list_all()] == [(running.id, "running")]
