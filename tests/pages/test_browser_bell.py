"""The browser's own notification that a run has ended, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from catsdogs.data import dataset
from catsdogs.queue import dispatcher
from catsdogs.runs import liveness, store
from catsdogs.settings.config import Config
from pages.parts.shared import names
from tests import storing
from tests.browsing import CHROMIUM
from tests.images import photographs

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

# A browser without a screen can't be allowed to notify: the person's answer is given here, and what the page then asks for is noted
RECORD = """
window.shown = [];
window.Notification = class extends window.Notification {
  static permission = "granted";
  static requestPermission() { return Promise.resolve("granted"); }
  constructor(title, options) { super(title, options); window.shown.push([title, options.body]); }
};
"""
ASK, ON = "Notify me when it ends", "Notifications are on"


@pytest.fixture
def running(server, tmp_path):
    """A function that queues a run with that seed, and an epoch behind it; nothing is trained."""
    data = str(photographs(tmp_path / "photos", {"cats": 40, "dogs": 40}))
    dataset.check(data)
    with dispatcher.turn(print):
        yield lambda seed: storing.trained(storing.epoch(1, val_accuracy=0.875), config=Config(data=data, seed=seed))


def end(run, state: str, **facts) -> None:
    store.write_status(run, state, **facts)


def shown(page: Page) -> list:
    return page.evaluate("window.shown")


def wait_for(page: Page, count: int) -> list:
    page.wait_for_function(f"window.shown.length >= {count}")
    return shown(page)


def test_who_asked_for_it_is_notified_once_of_each_run_that_ends(page, server, running):
    page.add_init_script(RECORD)
    first, second, third = map(running, range(3))
    store.change_label(first, name="Ours & *theirs*")
    with liveness.claim(first.folder):
        store.write_status(first, "running", phase="training")
        page.goto(f"{server}/train")
        page.get_by_role("button", name=ASK).click()
        expect(page.get_by_role("button", name=ON, pressed=True)).to_be_visible()
        end(third, "failed", error="The disk is full")  # not the one that is shown
        assert wait_for(page, 1) == [[names.with_seed(third), "Failed · 87.5% validation accuracy · The disk is full"]]
        end(storing.evaluated(0.9, first), "finished")
    assert wait_for(page, 2)[1] == ["Ours & *theirs*", "Finished · 95.0% validation accuracy"]
    page.reload()
    button = page.get_by_role("button", name=ON, pressed=True)
    expect(button).to_be_visible()
    button.click()
    end(second, "stopped")
    expect(page.get_by_text(re.compile("Queue"))).to_have_count(0)
    assert shown(page) == [], "neither told again after the reload, nor told though switched off"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("Object.defineProperty(window, 'isSecureContext', {value: false})", "only for pages served over HTTPS or on localhost"),
        ("Object.defineProperty(Notification, 'permission', {value: 'denied'})", "This browser blocks notifications from this page"),
        ("delete window.Notification", "This browser can't show notifications"),
    ],
    ids=["no HTTPS", "blocked", "unknown"],
)
def test_where_the_browser_can_t_notify_the_page_says_why(script, said, page, server, running):
    page.add_init_script(script)
    running(0)
    page.goto(f"{server}/train")
    expect(page.get_by_text(said)).to_be_visible()
    expect(page.get_by_role("button", name=ASK)).to_have_count(0)
