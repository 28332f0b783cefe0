"""Train with several runs: the queue, seeds, a run repeated; and the study repeated."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from catsdogs.data import dataset
from catsdogs.queue import jobs
from catsdogs.runs import history, liveness, store
from catsdogs.settings import presets
from catsdogs.settings.config import Config, change
from catsdogs.settings.study_presets import STUDY_SMALL
from tests import storing
from tests.images import photographs
from tests.pages.opening import PROJECT, button, open_page, texts

STEPS = ("study-dense-small", "study-150px-small", "study-batch-100-small")


pytestmark = pytest.mark.usefixtures("nothing_starts")


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 80, "dogs": 80}, size=(12, 9))
    return Path(dataset.check(made).folder)


@pytest.fixture
def waiting(folder):
    return [store.create(presets.config(name, data=str(folder))) for name in STEPS]


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception, app.exception
    return app


def lines(app: AppTest) -> list[str]:
    """When each waiting run starts and how long it takes, from the first to the last."""
    return [caption.value for caption in app.caption if "·" in caption.value and ("after" in caption.value or "next" in caption.value)]


def order() -> list[str]:
    return [run.config.preset for run in jobs.queue()]


def test_the_queue_says_what_waits_for_what_and_that_nobody_knows_for_how_long(waiting):
    unknown = "length not known yet"
    assert lines(open_page("train")) == [f"next on the free device · {unknown}", f"after no. 1 · {unknown}", f"after no. 2 · {unknown}"]


def test_the_queue_says_about_when_each_run_starts_and_how_long_it_takes(waiting, folder):
    storing.finished(presets.config("study-150px-small", data=str(folder), seed=7), epochs=8, seconds=30.0)  # 4 min
    said = lines(open_page("train"))
    assert said[1] == "in about 1 min, after no. 1 · takes about 4 min"
    assert said[2] == "in about 5 min, after no. 2 · takes about 4 min"
    assert "3 wait, all done in about 9 min" in texts(open_page("train"))


def test_a_run_with_early_stopping_may_be_over_sooner(folder):
    storing.finished(Config(data=str(folder)), epochs=8, seconds=30.0)
    store.create(Config(data=str(folder), early_stopping=3, epochs=8))
    assert lines(open_page("train")) == ["next on the free device · takes up to about 4 min"]


def test_the_first_waits_for_the_running_one_which_can_be_reached_from_another(waiting, folder):
    running = store.create(presets.config("quick", data=str(folder)))
    with liveness.claim(running.folder):
        store.write_status(running, "running", phase="training", epoch=1, epochs=8, done=1, total=2, seconds_left=600)
        app = open_page("train", run=waiting[2].id)
        assert lines(app)[0].startswith("in about 10 min, after the running one")
        assert "is running, about 10 min left" in texts(app)
        assert "waits for the device; 2 queued before it" in app.get("progress")[0].proto.text
        links = {link.proto.label: link.proto.query_string for link in app.get("page_link") if "seed 0" in link.proto.label}
        assert links["Quick start, seed 0"] == f"run={running.id}"
        assert "Study 3 · batches of 100 (small), seed 0" not in links, "it is the one that is looked at"
        assert "is running, about" not in texts(open_page("train", run=running.id)), "it is shown above, in full"


def test_runs_are_moved_and_cancelled_from_their_rows(waiting):
    app = open_page("train")
    press(app, f"earlier-{waiting[2].id}")
    assert order() == [STEPS[0], STEPS[2], STEPS[1]]
    press(app, f"later-{waiting[0].id}")
    assert order() == [STEPS[2], STEPS[0], STEPS[1]]
    press(app, f"first-{waiting[1].id}")
    assert order() == [STEPS[1], STEPS[2], STEPS[0]]
    press(app, f"cancel-{waiting[2].id}")
    assert order() == [STEPS[1], STEPS[0]] and waiting[2] not in store.list_all()


def test_the_ends_of_the_queue_can_go_no_further(waiting):
    app = open_page("train")
    can = [[not app.button(key=f"{name}-{run.id}").disabled for name in ("first", "earlier", "later")] for run in waiting]
    assert can == [[False, False, True], [True, True, True], [True, True, False]]


def test_a_run_that_has_started_meanwhile_is_not_moved_and_the_page_says_so(waiting):
    app = open_page("train")
    store.write_status(waiting[1], "finished")
    press(app, f"first-{waiting[1].id}")
    assert "is finished; only a waiting one can be moved" in app.toast[0].value
    assert order() == [STEPS[0], STEPS[2]]


def test_all_are_cancelled_at_once(waiting):
    app = press(open_page("train"), "cancel-all")
    assert order() == [] and store.list_all() == []
    assert "Queue" not in [heading.value for heading in app.subheader]


def test_what_was_cancelled_is_undone_and_waits_in_its_place_again(waiting):
    app = press(open_page("train"), f"first-{waiting[2].id}")
    press(app, f"cancel-{waiting[2].id}")
    assert "**1 run cancelled.** It is gone for good when you leave this page." in texts(app)
    button(app, "Undo").click().run()
    assert order() == [STEPS[2], STEPS[0], STEPS[1]] and "cancelled" not in texts(app)
    press(app, "cancel-all")
    assert "**3 runs cancelled.** They are gone" in texts(app) and order() == []
    button(app, "Undo").click().run()
    assert not app.exception and order() == [STEPS[2], STEPS[0], STEPS[1]]


@pytest.mark.parametrize("page", ["results", "data"])
def test_what_was_cancelled_is_gone_for_good_on_another_page(waiting, page, home):
    app = press(open_page("train"), f"cancel-{waiting[1].id}")
    app.switch_page(f"{page}.py").run()
    assert not app.exception and "Undo" not in [found.label for found in app.button]
    assert {path.name for path in (home / "runs").iterdir()} == {waiting[0].id, waiting[2].id}


def test_the_run_that_is_looked_at_is_cancelled_and_the_address_forgets_it(waiting):
    app = press(open_page("train", run=waiting[1].id), f"cancel-looked-at-{waiting[1].id}")
    assert order() == [STEPS[0], STEPS[2]] and "run" not in app.query_params and not app.error
    assert "1 run cancelled" in texts(app)


def test_a_run_with_an_epoch_is_kept_when_it_is_cancelled(waiting):
    measured = {"loss": 0.6, "accuracy": 0.7, "val_loss": 0.6, "val_accuracy": 0.7}
    history.append(waiting[1], {"epoch": 1, **measured, "seconds": 1.0, "pictures_per_second": 100.0})
    app = press(open_page("train", run=waiting[1].id), "cancel-all")
    assert [(run.id, run.state) for run in store.list_all()] == [(waiting[1].id, "stopped")]
    assert app.query_params["run"] == waiting[1].id and "2 runs cancelled" in texts(app)
    button(app, "Undo").click().run()
    assert order() == [STEPS[0], STEPS[2]]


def test_several_seeds_are_queued_one_after_the_other_and_the_first_is_shown(folder):
    app = open_page("train")
    app.number_input(key="form_seed").set_value(5)
    app.number_input(key="form_epochs").set_value(3)
    app.number_input(key="repeats").set_value(3)
    button(app, "Start training").click().run()
    assert not app.exception
    queued = jobs.queue()
    assert [run.config.seed for run in queued] == [5, 6, 7]
    assert {change(run.config, seed=0) for run in queued} == {presets.config("quick", data=str(folder), epochs=3)}
    assert app.query_params["run"] == queued[0].id


def test_one_run_is_queued_where_nobody_asks_for_more(folder):
    button(open_page("train"), "Start training").click().run()
    assert [run.config for run in jobs.queue()] == [presets.config("quick", data=str(folder))]


def test_the_form_closes_when_a_run_is_started_and_opens_to_repeat_one(folder):
    app = open_page("train")
    assert app.session_state["form_open"]
    button(app, "Start training").click().run()
    assert not app.session_state["form_open"]
    app.query_params["like"] = jobs.queue()[0].id
    app.run()
    assert app.session_state["form_open"] and not app.exception


def test_seeds_beyond_the_limit_are_refused_and_none_is_queued(folder):
    app = open_page("train")
    app.number_input(key="form_seed").set_value(2**31 - 1)
    app.number_input(key="repeats").set_value(2)
    button(app, "Start training").click().run()
    assert "seed = 2147483648" in app.error[0].value and store.list_all() == []


@pytest.mark.parametrize(
    "settings",
    [
        {"preset": "study-adam-small", "seed": 3, "epochs": 77, "learning_rate": 0.002, "brightness_range": (0.5, 1.5)},
        {"preset": "custom", "optimizer": "rmsprop", "momentum": 0.5, "horizontal_flip": True},
        {"preset": "of-a-later-version"},
    ],
    ids=lambda settings: settings["preset"],
)
def test_a_run_is_repeated_with_its_settings_its_seed_and_its_data(folder, tmp_path, settings):
    run = store.create(Config(data=str(folder), batch_size=20, **settings))
    store.write_status(run, "stopped")
    dataset.check(photographs(tmp_path / "newer", {"cats": 20, "dogs": 20}))
    app = open_page("train", like=run.id)
    assert "like" not in app.query_params
    button(app, "Start training").click().run()
    again = jobs.queue()[0].config
    assert again == change(run.config, preset="custom" if settings["preset"].startswith("of") else settings["preset"])


def test_what_is_changed_after_a_run_was_filled_in_stays_changed(folder):
    run = store.create(Config(data=str(folder), epochs=77))
    store.write_status(run, "stopped")
    app = open_page("train", like=run.id)
    assert app.number_input(key="form_epochs").value == 77
    app.number_input(key="form_epochs").set_value(5).run()
    app.number_input(key="form_batch_size").set_value(20).run()
    assert app.number_input(key="form_epochs").value == 5


def test_the_form_is_filled_even_where_the_photographs_are_gone(folder, tmp_path):
    run = store.create(Config(data=str(tmp_path / "gone"), epochs=77))
    store.write_status(run, "stopped")
    app = open_page("train", like=run.id)
    assert "There is no folder" in app.warning[0].value
    assert app.number_input(key="form_epochs").value == 77
    assert app.selectbox[0].value == folder


def test_a_run_that_there_is_not_cannot_be_repeated(folder):
    app = open_page("train", like="nobody")
    assert "no run 'nobody'" in app.error[0].value
    assert app.number_input(key="form_epochs").value == 8


@pytest.fixture
def open_study(tmp_path):
    """Opens an application whose page Results is the view by itself."""
    for page in ("data", "train", "classify"):
        (tmp_path / f"{page}.py").symlink_to(PROJECT / "pages" / f"{page}.py")
    (tmp_path / "results.py").write_text("from pages.parts.results import study\nstudy.show()\n")
    navigation = shutil.copy(PROJECT / "pages" / "navigation.py", tmp_path)
    return lambda: AppTest.from_file(navigation, default_timeout=60).run().switch_page("results.py").run()


def test_the_study_without_photographs_says_what_to_do(open_study):
    app = open_study()
    assert not app.exception and "No data set yet" in texts(app)


def test_the_study_is_queued_with_one_button_which_says_how_many_are_missing(folder, open_study):
    app = open_study()
    app.number_input(key="study_seeds").set_value(2).run()
    button(app, "Queue 12 runs").click().run()
    assert not app.exception
    assert [(run.config.seed, run.config.preset) for run in jobs.queue()] == [(s, p.name) for s in (0, 1) for p in STUDY_SMALL]
    assert "Nothing is missing; 12 of its runs still wait or train." in texts(app)
    app.number_input(key="study_seeds").set_value(3).run()
    assert button(app, "Queue 6 runs")


def test_photographs_that_are_too_few_for_a_step_are_refused_and_nothing_is_queued(tmp_path, open_study):
    dataset.check(photographs(tmp_path / "few", {"cats": 30, "dogs": 30}))
    app = open_study()
    button(app, "Queue 18 runs").click().run()
    assert "batch_size = 100: there are only 44" in app.error[0].value and jobs.queue() == []


def test_the_study_shows_what_its_runs_say_and_whether_its_conclusions_hold(folder, open_study):
    for name, rights in {"study-sgd-small": [60, 62, 61], "study-adam-small": [80, 83, 81], "study-augmented-small": [90, 92, 91]}.items():
        for seed, right in enumerate(rights):
            storing.finished(presets.config(name, data=str(folder), seed=seed), right)
    app = open_study()
    assert not app.exception, app.exception
    table = app.dataframe[0].value.set_index("step")
    assert table.loc["Study 5 · Conv2D, Adam (small)", "held out"] == "81.3%  (77.5% to 85.1%)"
    assert table["seeds"].tolist() == ["0 of 3"] * 3 + ["3 of 3"] * 3
    told = texts(app)
    assert "Study 5 · Conv2D, Adam (small) beat Study 4 · Conv2D, SGD (small) by 20.3 ± 1.4 points (3 seeds)." in told
    badges = [found for found in told.split("\n") if found.startswith(":") and "badge" in found]
    verdicts = [next(word for word in ("not known", "does not hold", "noise", "holds") if word in badge) for badge in badges]
    assert verdicts == ["not known", "not known", "not known", "holds", "does not hold"]
    assert "Biometrika 6 (1908)" in told and "The study saw the accuracy fall" in told
    assert "85.4" in told and "96.4" in told


def test_a_study_that_is_whole_has_nothing_to_queue(folder, open_study):
    for preset in STUDY_SMALL:
        storing.finished(presets.config(preset.name, data=str(folder)))
    app = open_study()
    app.number_input(key="study_seeds").set_value(1).run()
    assert "Everything is there." in texts(app) and not app.button
