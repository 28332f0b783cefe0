"""Pictures -> answers, by a stored run."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image

from catsdogs.analysis import calibration
from catsdogs.data import images
from catsdogs.errors import InputError
from catsdogs.export import bundle
from catsdogs.inference import classifier
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests.images import noise
from tests.running import SMALL, create, finish
from tests.storing import finished

COLOURS = {"red": (1, 0.4, 0), "blue": (0, 0.4, 1)}


def draw(path, colour, size=(48, 36), seed=0):
    """Noise in that colour, or between them for numbers of one's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((np.asarray(noise(seed, size)) * COLOURS.get(colour, colour)).astype(np.uint8)).save(path)
    return path


def train(folder, class_names):
    """A run that takes red pictures for the first class and blue ones for the second."""
    for name, colour in zip(class_names, COLOURS, strict=True):
        for index in range(20):
            draw(folder / name / f"{index}.jpg", colour, seed=index + 100 * (colour == "red"))
    return finish(create(folder, epochs=8))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The classifier of a run on Cat/ and Dog/."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CATSDOGS_HOME", str(folder / "home"))
        return classifier.load(train(folder / "photos", ("Cat", "Dog")))


def test_answers_come_in_order_with_the_folders_labels(loaded, tmp_path):
    colours = ["blue", "red", "red", "blue", "red"]
    pictures = [(f"number {index}", draw(tmp_path / f"{index}.png", colour)) for index, colour in enumerate(colours)]
    answers = classifier.classify(loaded, pictures, batch_size=2)
    assert [answer.picture for answer in answers] == [name for name, _ in pictures]
    assert [answer.label for answer in answers] == ["dog", "cat", "cat", "dog", "cat"]
    assert all(answer.error is None for answer in answers)


def test_an_answer_that_is_not_a_number_is_none(loaded, tmp_path):
    broken = keras.models.clone_model(loaded.model)
    broken.set_weights([np.full_like(weights, np.nan) for weights in loaded.model.get_weights()])
    (answer,) = classifier.classify(replace(loaded, model=broken, judge=None), [("cat", draw(tmp_path / "cat.png", "red"))])
    assert answer.label is answer.probability is None and "is not a number" in answer.error


def test_the_probability_is_that_of_the_label(loaded, tmp_path):
    files = [draw(tmp_path / f"{index}.png", colour) for index, colour in enumerate(["red", "blue"] * 3)]
    pictures = np.stack([images.load(path, 32) for path in files])
    outputs = loaded.model.predict_on_batch(pictures)[:, 0]
    answers = classifier.classify(loaded, [(path.name, path) for path in files])
    for answer, output in zip(answers, outputs, strict=True):
        assert answer.label == ("dog" if output >= 0.5 else "cat")
        assert answer.probability == pytest.approx(max(output, 1 - output), abs=1e-6)
        assert 0.5 <= answer.probability <= 1


def test_a_picture_is_squared_as_the_run_says(loaded, tmp_path):
    run = store.create(Config(**SMALL, pad_to_aspect_ratio=True))
    store.write_environment(run, {"class_names": ["Cat", "Dog"]})
    loaded.model.save(run.model_path)
    path = draw(tmp_path / "wide.png", "red", (90, 40))
    output = loaded.model.predict_on_batch(images.load(path, 32, proportions="pad")[None])[0, 0]
    (answer,) = classifier.classify(classifier.load(run), [("wide", path)])
    assert answer.probability == pytest.approx(max(output, 1 - output), abs=1e-6)
    assert answer != classifier.classify(loaded, [("wide", path)])[0]


def test_at_a_temperature_answers_are_as_sure_as_it_says_and_stay_the_same(loaded, tmp_path):
    files = [("", draw(tmp_path / f"{index}.png", (1 - index / 9, 0.4, index / 9), seed=index)) for index in range(10)]
    given, sure = (classifier.classify(loaded, files, temperature=value) for value in (1.0, 0.5))
    assert [answer.label for answer in given] == [answer.label for answer in sure]
    probabilities = np.array([answer.probability for answer in given])
    np.testing.assert_allclose([answer.probability for answer in sure], calibration.temper(probabilities, 0.5), atol=1e-9)


def test_a_mirrored_answer_is_the_average_of_both_and_the_same_for_the_mirror_image(loaded, tmp_path):
    path = draw(tmp_path / "one.png", (0.6, 0.4, 0.5), seed=3)
    Image.open(path).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "mirrored.png")
    files = [("", path), ("", tmp_path / "mirrored.png"), ("broken", b"x")]
    alone = classifier.classify(loaded, files)
    both = classifier.classify(loaded, files, mirror=True)
    dogs = np.array([answer.probability if answer.label == "dog" else 1 - answer.probability for answer in alone[:2]])
    averaged = calibration.average(dogs[:, None])[0]
    assert dogs[0] != pytest.approx(dogs[1], abs=1e-3)
    for answer in both[:2]:
        assert (answer.probability if answer.label == "dog" else 1 - answer.probability) == pytest.approx(averaged, abs=1e-5)
    assert both[2] == alone[2] and both[2].error


def test_broken_pictures_get_their_errors_and_harm_no_other(loaded, tmp_path):
    good = draw(tmp_path / "good.jpg", "red", (300, 200))
    cut = good.read_bytes()[:2000]
    pictures = [
        ("missing", tmp_path / "missing.jpg"),
        ("good", good),
        ("empty", b""),
        ("cut off", cut),
        ("text", b"This is a letter."),
        ("folder", tmp_path),
        ("good again", good.read_bytes()),
    ]
    answers = classifier.classify(loaded, pictures, batch_size=4)
    assert [answer.picture for answer in answers] == [name for name, _ in pictures]
    assert [answer.label for answer in answers] == [None, "cat", None, None, None, None, "cat"]
    for answer in answers:
        assert bool(answer.error) != bool(answer.label)
        assert (answer.probability is None) == (answer.label is None)
    assert "No such file" in answers[0].error and "empty" in answers[2].error and "cut off" in answers[3].error


def test_nothing_but_broken_pictures_and_no_pictures_at_all(loaded):
    assert classifier.classify(loaded, []) == []
    assert [answer.label for answer in classifier.classify(loaded, [("a", b"x"), ("b", b"y")])] == [None, None]


def test_bytes_and_path_of_a_picture_give_the_same_answer(loaded, tmp_path):
    path = draw(tmp_path / "one.jpg", "blue", (500, 400))
    from_path, from_bytes = classifier.classify(loaded, [("one", path), ("one", path.read_bytes())])
    assert from_path == from_bytes and from_path.label == "dog"


def test_a_hundred_images_get_the_answers_of_each_alone(loaded, tmp_path):
    pictures = [(str(index), draw(tmp_path / f"{index}.png", (1 - index / 99, 0.4, index / 99), seed=index)) for index in range(100)]
    together = classifier.classify(loaded, pictures)
    alone = [classifier.classify(loaded, [entry])[0] for entry in pictures]
    probabilities = np.array([[answer.probability for answer in answers] for answers in (together, alone)])
    np.testing.assert_allclose(probabilities[0], probabilities[1], atol=1e-5)
    assert [answer.label for answer in together] == [answer.label for answer in alone]
    assert {answer.label for answer in together} == {"cat", "dog"} and len(set(probabilities[0])) > 50


@pytest.mark.parametrize(("class_names", "labels"), [(("cats", "dogs"), ("cat", "dog")), (("Huskies", "wolves"), ("Huskies", "wolves"))])
def test_labels_are_the_animals_or_else_the_names_of_the_folders(class_names, labels, loaded):
    run = store.create(Config(**SMALL))
    store.write_environment(run, {"class_names": class_names})
    loaded.model.save(run.model_path)
    assert classifier.load(run).labels == labels
    assert loaded.labels == ("cat", "dog")


def test_a_run_without_a_model_says_so():
    run = store.create(Config(**SMALL))
    with pytest.raises(InputError, match=f"{run.id} .*no model yet"):
        classifier.load(run)


@pytest.mark.parametrize("damage", [b"", b"no model"])
def test_a_model_that_can_not_be_read_is_named_with_its_run(loaded, damage):
    run = store.create(Config(**SMALL))
    store.write_environment(run, {"class_names": ["cats", "dogs"]})
    loaded.model.save(run.model_path)
    whole = run.model_path.read_bytes()
    for content in (damage, whole[: len(whole) // 2]):
        run.model_path.write_bytes(content)
        with pytest.raises(InputError, match=f"{run.id} can't be read .*another run"):
            classifier.load(run)


def test_a_model_of_another_image_size_is_refused(tmp_path):
    run = finished(Config(target_size=64))
    run.model_path.write_bytes(store.load(store.SHIPPED).model_path.read_bytes())
    with pytest.raises(InputError, match=r"can't be read \(it takes images of shape \(192, 192, 3\), the settings say 64 px\)"):
        classifier.load(run)
    with pytest.raises(InputError, match=f"The model of run {run.id} can't be read"):
        bundle.write(run, tmp_path / "run.zip")
