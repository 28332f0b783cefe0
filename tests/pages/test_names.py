"""What people and files are named, on the pages: shown as it is, not read as Markdown, and never in the way."""

import errno
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from catsdogs.data import dataset
from catsdogs.errors import InputError
from catsdogs.runs import predictions, store
from catsdogs.settings.config import Config
from catsdogs.sources import library
from pages.parts.shared import names
from tests import storing
from tests.images import photographs, picture
from tests.pages.opening import checked, health, open_line, open_page, texts
from tests.pages.test_data import choose_folder
from tests.paths import MARKDOWN, NO_UTF8, impossible

SHOWN = "K\ufffdtzchen"


@pytest.fixture
def odd(tmp_path):
    """A data set whose folder, classes and files are no UTF-8, with a file that can't be used."""
    folder = photographs(tmp_path / NO_UTF8, {f"{NO_UTF8}-a": 20, f"{NO_UTF8}-b": 20})
    (folder / f"{NO_UTF8}-a" / f"{NO_UTF8}.jpg").write_text("Dear cat,")
    return folder


@pytest.fixture
def run(odd):
    """A run on it, finished."""
    run = storing.finished(Config(data=str(odd)))
    listing = dataset.check(odd)
    rows = predictions.load(run)
    paths = [listing.photos[index % 40].path for index in range(len(rows))]
    predictions.write(run, paths, [row.label for row in rows], [row.probability for row in rows])
    run.model_path.write_bytes(b"read when it classifies")
    return run


def test_an_impossible_folder_is_refused_in_a_sentence(tmp_path):
    for path, words in impossible(tmp_path).items():
        assert words in choose_folder(path).error[0].value


def test_names_that_are_no_utf8_are_shown_on_data(odd):
    dataset.check(odd)
    app = open_line(open_page("data"), "unusable")
    assert SHOWN in texts(app) and health(app)["Classes"].startswith(f"20 {SHOWN}-a and 20 {SHOWN}-b")
    assert app.dataframe[0].value["file"].tolist() == [f"{SHOWN}-a/{SHOWN}.jpg"]


def test_names_that_are_no_utf8_are_shown_on_train(odd):
    dataset.check(odd)
    assert SHOWN in open_page("train").selectbox[0].options[0]


def test_names_that_are_no_utf8_are_shown_on_results(run):
    app = open_page("results", run=run.id)
    (values,) = [frame.value["value"] for frame in app.dataframe if "value" in frame.value]
    assert SHOWN in "\n".join(values)
    open_page("results", view="Repeat the study")
    other = storing.finished(Config(data=str(Path(run.config.data, "other")), target_size=64))
    app = open_page("results")
    app.query_params["run"] = [run.id, other.id]
    checked(app.run())


def test_names_that_are_no_utf8_are_shown_on_classify(run):
    app = open_page("classify", model=run.id)
    assert SHOWN in "".join(app.selectbox[0].options)


def test_a_name_is_not_read_as_markdown(page, server, tmp_path):
    """In a browser: of a data set, a class, a run and photographs."""
    data_set, label, named = MARKDOWN[:3]
    folder = photographs(tmp_path / data_set, {label: 12, "zebra": 2 * len(MARKDOWN)})
    listing = dataset.check(folder)
    run = storing.finished(Config(data=str(folder)), right=len(MARKDOWN), count=2 * len(MARKDOWN), cats=len(MARKDOWN))
    run.model_path.write_bytes(b"read when it classifies")
    store.change_label(run, name=named)
    store.write_environment(run, {**store.environment(run), "class_names": listing.class_names})
    paths = [picture(folder / label / name).relative_to(folder).as_posix() for name in MARKDOWN]
    others = [photo.path for photo in listing.photos if photo.label == "zebra"][: len(MARKDOWN)]
    predictions.write(run, [*others, *paths], [1] * len(others) + [0] * len(paths), [0.9] * 2 * len(MARKDOWN))
    page.goto(f"{server}/data")
    expect(page.get_by_role("heading", name="Samples")).to_be_visible()
    _are_shown(page, data_set, label)
    page.goto(f"{server}/results?run={run.id}")
    expect(page.get_by_test_id("stImageCaption")).to_have_count(len(paths), timeout=180_000)  # the first one loads scikit-learn
    _are_shown(page, named, *MARKDOWN)
    page.goto(f"{server}/train?like={run.id}")
    expect(page.get_by_text("The form below has the settings of")).to_be_visible()
    _are_shown(page, named)
    page.goto(f"{server}/classify?model={run.id}")
    page.get_by_role("button", name=re.compile("Try .* held-out")).click()
    expect(page.get_by_role("alert")).to_contain_text("can't be read")


def _are_shown(page, *expected: str) -> None:
    shown = _visible(page.locator("body").inner_text())
    for name in expected:
        assert _visible(name) in shown, shown
    expect(page.locator("a[href*='a.example']")).to_have_count(0)


@pytest.mark.parametrize("control", ["\u202e", "\u2067"], ids=["override", "isolate"])
def test_a_name_does_not_turn_around_what_stands_after_it(control):
    for write in (names.shown, names.plain):
        assert f"{write(f'{control}sgod')} (10)" == "\ufffdsgod (10)", "it was shown as (01)"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("חתול 98.2%", "\u2068חתול\u2069 98.2%"),
        ("2 قطط · 1 كلاب", "2 \u2068قطط\u2069 · 1 \u2068كلاب\u2069"),
        ("חתול שחור 2 שלי, seed 7", "\u2068חתול שחור 2 שלי\u2069, seed 7"),
        ("Katze 98.2%", "Katze 98.2%"),
    ],
    ids=["probability", "counts", "words", "left to right"],
)
def test_a_name_that_runs_from_right_to_left_stands_before_the_number_behind_it(text, written):
    assert names.plain(text) == written


def test_the_accuracy_of_a_run_with_a_name_from_right_to_left_stands_behind_the_name_in_a_list():
    run = store.create(Config(data="קטים"))
    store.change_label(run, name="ניסוי")
    assert names.in_list(store.load(run.id)).startswith("\u2068ניסוי\u2069 · queued · ")


@pytest.mark.parametrize("address", ["http://a.example", "HTTPS://a.example/b", "www.a.example", "ada@a.example"])
def test_an_address_in_a_name_is_broken_up_so_that_it_becomes_no_link(address):
    written = names.plain(f"see {address}")
    assert address not in written.replace("\\", "") and address in written.replace("\\", "").replace("\u2060", "")


def _visible(text: str) -> str:
    """Without what takes no room, and with the white space that a browser shows."""
    return re.sub(r"\s+", " ", text.replace("\u2060", ""))


@pytest.mark.parametrize(
    ("seconds", "written"), [(40, "about 40 s"), (240, "about 4 min"), (4800, "about 1 h 20 min"), (7140, "about 2 h")]
)
def test_a_forecast_of_an_hour_or_more_is_in_hours(seconds, written):
    assert names.forecast(seconds) == written


def test_a_setting_is_named_where_its_value_does_not_say_which_it_is():
    assert names.setting("class_weight", "none") == "class weight none", "it was called none"
    assert [names.setting(name, "constant") for name in ("schedule", "fill_mode")] == ["schedule constant", "fill mode constant"]
    assert names.setting("optimizer", "adam") == "Adam"


def test_text_that_is_harmless_stays_as_it_is():
    for text in ("Quick start, seed 1", "batch_size = 5: at most 4.", "There is no folder /tmp/photos on this machine."):
        assert names.plain(text) == text


def test_a_problem_names_a_data_set_by_its_name_and_no_number_or_path_of_the_system(home):
    folder = home / "data" / "our-pets"
    folder.mkdir(parents=True)
    library.give_name(folder, "Our pets")
    said = names.said(InputError(f"{folder}/cats/0.jpg can no longer be read: no such file or directory. Check the data set again."))
    assert said == "Our pets/cats/0.jpg can no longer be read: no such file or directory. Check the data set again."
    run = storing.finished(Config(data=str(folder)))
    store.change_label(run, name="The best")
    assert names.said(InputError(f"{folder} is in use by {run.id}.")) == "Our pets is in use by “The best”."
    assert names.said(InputError(f"There is no run {run.id}x.")) == f"There is no run {run.id}x."
    assert names.said(InputError("/elsewhere/pets is empty.")) == "/elsewhere/pets is empty."
    gone = FileNotFoundError(errno.ENOENT, "No such file or directory", str(folder / "cats" / "0.jpg"))
    assert names.said(gone) == "A file that this needs is gone: somebody has deleted or moved it meanwhile. Reload the page."
    refused = PermissionError(errno.EACCES, "Permission denied", str(folder))
    assert names.said(refused) == "The server's disk refused it: permission denied."
