"""Runs measured on the page Results, by the process that has Keras loaded; and which networks are marked and offered because of it."""

import shutil

import pytest

from catsdogs.analysis import measurements
from catsdogs.data import dataset
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.sources import library
from pages.parts.results import measure
from tests import storing
from tests.images import photographs
from tests.pages.opening import checked, open_page, press, texts


@pytest.fixture
def folder(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 6, "dogs": 6})
    dataset.check(folder)
    return folder


def stored(data, model=None, **options) -> store.Run:
    """A finished run, with that model or the bundled one."""
    run = storing.finished(Config(data=str(data), target_size=store.load(store.SHIPPED).config.target_size), **options)
    shutil.copy(model or store.load(store.SHIPPED).model_path, run.model_path)
    return run


def test_a_run_and_the_bundled_network_are_measured_and_measured_again(folder, tmp_path):
    run = stored(tmp_path / "gone")
    app = open_page("results", run=[run.id])
    for _ in range(2):
        app = press(app, "Measure")
        assert not app.error
        of_run, of_bundled = (measurements.load(each) for each in (run, store.load(store.SHIPPED)))
        assert len(of_run) == len(of_bundled) == 1 and len(of_run[0].photographs) == 12
        assert of_run[0].accuracy == of_bundled[0].accuracy
        assert app.dataframe[2].value["photographs"].tolist() == [12]
        assert "none; what it learned from is not known here" in app.dataframe[2].value["left out"].tolist()
        assert "this run and the bundled network can't be told apart yet" in texts(app)


def test_the_time_left_of_a_measurement_is_told_without_that_of_loading_the_network():
    assert measure.time_left([(20.0, 64)], 1000) == ""
    assert measure.time_left([(20.0, 64), (22.0, 128), (24.0, 192)], 1000) == ", about 30 s left"
    assert measure.time_left([(20.0, 64), (49.0, 1000)], 1000) == ""


def test_other_photographs_come_after_what_is_known_of_the_run(folder, tmp_path):
    titles = [title.value for title in open_page("results", run=[stored(tmp_path / "gone").id]).header[1:]]
    assert titles == ["Confusion matrix", "Accuracy", "Loss", "By class", "ROC curve", "Calibration", "On other photographs"]


def test_what_can_not_be_measured_says_why(folder, tmp_path):
    run = stored(tmp_path / "gone")
    roses = photographs(tmp_path / "roses", {"roses": 6, "tulips": 6})
    dataset.check(roses)
    app = open_page("results", run=[run.id])
    app.selectbox(key=f"measure-on-{run.id}").set_value(roses).run()
    press(app, "Measure")
    assert "holds roses and tulips" in app.error[0].value and not measurements.load(run)
    library.rename(roses, "Garden")
    press(app.run(), "Measure")
    assert app.error[0].value.startswith("Garden holds roses and tulips"), "it used to be called by its folder"


def test_the_bundled_network_can_be_measured_without_a_run(folder):
    app = press(open_page("results"), "Measure")
    assert not app.error and len(measurements.load(store.load(store.SHIPPED))[0].photographs) == 12


def test_without_a_data_set_there_is_a_way_to_one(tmp_path):
    app = open_page("results", run=[stored(tmp_path / "gone").id])
    assert "Measure" not in [button.label for button in app.button]


def test_the_best_run_of_each_set_is_marked(tmp_path):
    for seed, right in ((0, 70), (0, 80), (1, 90)):
        stored(tmp_path / "photos", right=right) if seed == 0 else storing.finished(Config(data="/photos", seed=1), right=right)
    assert open_page("results").dataframe[0].value["best"].tolist() == ["", "✓", ""]


def test_the_network_that_is_better_on_the_same_photographs_is_the_default(shipped, tmp_path):
    stored(tmp_path / "drawn", shipped / "config.json", right=99)
    bundled = storing.measured(store.load(store.SHIPPED), right=900)
    app = open_page("classify")
    assert app.selectbox[0].value == bundled.id and "The default is the bundled network" in app.selectbox[0].help
    better = storing.measured(stored(tmp_path / "photos", bundled.model_path, right=60), right=950)
    app = open_page("classify")
    assert app.selectbox[0].value == better.id and "60.0% of 100 right" in app.selectbox[0].options[0]
    assert "on the 1,000 photographs of /elsewhere that neither learned from" in app.selectbox[0].help
    assert "by 5.0 points (95% interval +3.6 to +6.4)" in app.selectbox[0].help


def test_the_network_chosen_last_comes_first_for_the_session(shipped, tmp_path):
    bundled = storing.measured(store.load(store.SHIPPED), right=900)
    runs = [stored(tmp_path / "photos", bundled.model_path) for _ in range(2)]
    app = open_page("classify")
    app.selectbox[0].set_value(runs[0].id).run()
    app.switch_page("data.py").run()
    app.query_params.clear()
    app = checked(app.switch_page("classify.py").run())
    assert app.selectbox[0].value == runs[0].id
    runs[0].model_path.unlink()
    app.query_params.clear()
    app = checked(app.run())
    assert app.selectbox[0].value == store.SHIPPED and "it may have been deleted" in app.warning[0].value
