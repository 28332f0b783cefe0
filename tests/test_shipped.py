"""The run that comes with the application: whole, small, loaded by Keras alone, and as its card says it is."""

import inspect
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from catsdogs.analysis import evaluation, neither
from catsdogs.networks import registry
from catsdogs.runs import history, store, temperature
from catsdogs.settings import stages
from pages.parts.classify import answers, asking, networks
from pages.parts.data import health, looking

DOCS = Path(__file__).parent.parent / "docs"
CARD = (DOCS / "model-card.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run():
    return store.load(store.SHIPPED)


def test_its_model_is_small_and_has_no_optimizer(run):
    assert run.model_path.stat().st_size <= 10e6
    with zipfile.ZipFile(run.model_path) as archive:
        assert b"catsdogs" not in archive.read("config.json") and b"optimizer" not in archive.read("config.json")


def test_its_model_is_what_its_configuration_builds(run):
    model = keras.saving.load_model(run.model_path)
    built = registry.build(run.config)
    assert model.input_shape == built.input_shape and model.inputs[0].dtype == "uint8"
    assert [weight.shape for weight in model.weights] == [weight.shape for weight in built.weights]
    assert {weight.dtype for weight in model.weights} == {layer.compute_dtype for layer in model.layers[1:]} == {"float32"}
    assert store.environment(run)["weights"] == model.count_params()


def test_it_tells_no_path_of_the_machine_that_it_was_trained_on(run):
    assert run.config.data == store.environment(run)["data"] == ""


def test_its_kept_epoch_is_one_of_the_last_stage(run):
    past = history.load(run)
    stage = stages.at(run.config, len(past))
    assert run.state == "finished" and len(past) == run.config.epochs == stage.end
    kept = history.best_epoch(run.config, past, stage)
    mean_of_three = evaluation.load(run).validation.accuracy  # of which the history is one
    assert mean_of_three == pytest.approx(kept["val_accuracy"], abs=5e-3) and "mean of three trainings" in CARD


def test_its_card_says_what_its_evaluation_found(run):
    result = evaluation.load(run)
    (cats, cats_missed), (dogs_missed, dogs) = result.confusion
    for said in (
        f"{result.test.accuracy + 1e-9:.1%} on {result.test.count:,}",
        f"(Wilson) {result.test.low:.1%} to {result.test.high:.1%}",
        f"{cats:,} correct, {cats_missed} classified as dogs",
        f"{dogs:,} correct, {dogs_missed} classified as cats",
        f"{store.environment(run)['weights']:,} weights",
    ):
        assert said in CARD, said
    assert re.search(rf"--preset {run.config.preset}\b", CARD)


def test_it_turns_away_as_few_photographs_as_its_card_says(run):
    learned = neither.load(run)
    assert learned["turned_away"] <= neither.TURNED_AWAY
    assert f"{learned['turned_away']:.1%} of the 1,000 validation photographs" in CARD.replace("\n", " ")


def test_the_pages_give_its_figures_as_the_documents_do():
    told = answers._ABOUT_NEITHER + asking._ABOUT_MIRROR + networks._BAD_AT
    figures = re.findall(r"\d+\.\d%", told)
    assert len(figures) == 7 and all(figure in CARD for figure in figures)
    found, unusual = map(int, re.search(r"it found (\d+), and showed (\d+)", health._ODD).groups())
    assert f"{found} are found among {found + unusual} that are shown" in (DOCS / "neither.md").read_text(encoding="utf-8")
    found, others = map(int, re.search(r"it found (\d+), and showed (\d+) other", inspect.getsource(looking)).groups())
    assert f"{found} of 40 wrong labels are found among {found + others} doubted" in (DOCS.parent / "README.md").read_text(encoding="utf-8")


def test_its_temperature_was_fitted_on_its_validation_photographs_and_its_card_says_so(run):
    fitted = temperature.load(run)
    assert fitted.photographs == store.environment(run)["photographs"]["validation"] and fitted.note == ""
    assert fitted.after <= 0.015 < fitted.before
    assert f"temperature is {fitted.value:.3f}" in CARD
    assert f"| {fitted.before:.1%} | {fitted.after:.1%} |" in CARD


def test_its_card_says_how_it_does_elsewhere_and_that_these_photographs_took_part_in_choices():
    (cats, cats_missed), (dogs, dogs_missed) = (map(int, pair) for pair in re.findall(r"\| (\d+) right, (\d+) taken for", CARD))
    right, count = cats + dogs, cats + dogs + cats_missed + dogs_missed
    found = evaluation.score(np.ones(count), np.repeat([0.9, 0.1], [right, count - right]))
    interval = f"95% interval (Wilson) {found.low:.1%} to {found.high:.1%}"
    assert f"**{right / count:.1%}** on {count:,} photographs; {interval}; slightly optimistic" in CARD
    assert f"accuracy | {right / count:.1%}; {interval}" in CARD
    assert "played no part in any choice" not in CARD and "evaluate --run shipped" in CARD
