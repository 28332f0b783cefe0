"""Settings as text: as the documentation writes them, and as Keras' own examples do."""

import pytest

from catsdogs.errors import InputError
from catsdogs.settings import spelling
from catsdogs.settings.config import Config, change, to_json


def configured(pair):
    return change(Config(), **spelling.parse([pair]))


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("epochs=3", 3),
        ("epochs=3.", 3),
        ("learning_rate=1e-4", 1e-4),
        ("learning_rate=auto", None),
        ("rescale=1/255", 1 / 255),
        ("horizontal_flip=true", True),
        ("shuffle=False", False),
        ("brightness_range=0.5,3/2", (0.5, 1.5)),
        ("optimizer=sgd", "sgd"),
        ("class_weight=balanced", "balanced"),
        ("data=/photos/a=b", "/photos/a=b"),
        ("rotation_range=40", 40.0),
        ("epochs = 3", 3),
    ],
)
def test_settings_are_read_from_text(pair, value):
    name = pair.partition("=")[0].strip()
    settings = spelling.parse([pair])
    assert settings == {name: value} and type(settings[name]) is type(value)
    assert getattr(configured(pair), name) == value


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("rescale=1./255", 1 / 255),
        ("rescale=1.0 / 255.0", 1 / 255),
        ("brightness_range=[0.8,1.2]", (0.8, 1.2)),
        ("brightness_range=(0.8, 1.2)", (0.8, 1.2)),
        ("zoom_range=[0.8,1.2]", 0.2),
        ("optimizer=Adam", "adam"),
        ("optimizer='rmsprop'", "rmsprop"),
        ("optimizer=RMSprop", "rmsprop"),
        ("model=MobileNetV2", "mobilenetv2"),
        ("horizontal_flip=1", True),
        ("shuffle=0", False),
        ("target_size=150,150", 150),
        ("target_size=(96, 96)", 96),
        ("target_size=(96,96,)", 96),
        ("target_size=(96, 96, )", 96),
        ("learning_rate=None", None),
    ],
)
def test_what_keras_examples_write_means_the_same_here(pair, value):
    kept = getattr(configured(pair), pair.partition("=")[0])
    assert kept == value and type(kept) is type(value)


def test_keras_values_mean_the_same_in_python():
    config = Config(target_size=(96, 96), optimizer="Adam", horizontal_flip=1, brightness_range=[0.8, 1.2], zoom_range=[0.7, 1.3])
    plain = Config(target_size=96, optimizer="adam", horizontal_flip=True, brightness_range=(0.8, 1.2), zoom_range=0.3)
    assert config == plain


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("epochs=nan", "epochs = 'nan': must be a whole number, 1 to 10000 epochs."),
        ("zoom_range=a", "zoom_range = 'a': must be a number, 0 to 0.5."),
        ("brightness_range=0.8", "brightness_range = '0.8': must be two numbers, low,high, each 0.1 to 2."),
        ("brightness_range=1,1,1", "brightness_range = '1,1,1': must be two numbers, low,high, each 0.1 to 2."),
    ],
)
def test_what_is_no_number_is_refused_as_it_was_written_with_the_kind_of_number(pair, message):
    with pytest.raises(InputError) as refused:
        configured(pair)
    assert str(refused.value) == message


@pytest.mark.parametrize("pair", ["learning_rate=auto", "horizontal_flip=true", "brightness_range=0.8,1.2", "optimizer=sgd", "epochs=3"])
def test_a_value_is_written_as_it_can_be_given_again_in_any_shell(pair):
    name, _, text = pair.partition("=")
    assert spelling.written(getattr(configured(pair), name)) == text
    assert spelling.written(to_json(configured(pair))[name]) == text


@pytest.mark.parametrize("target_size", ["150,100", "(150, 100)", "150,150,3"])
def test_a_target_size_that_is_no_square_is_refused_with_the_reason(target_size):
    with pytest.raises(InputError, match=r"target_size = \(150, .*: must be .*height and width have to be the same"):
        configured(f"target_size={target_size}")


def test_a_zoom_that_is_not_about_1_is_refused_with_the_reason():
    with pytest.raises(InputError, match=r"zoom_range = \(0\.8, 1\.3\): must be .*as far from 1"):
        configured("zoom_range=[0.8,1.3]")


@pytest.mark.parametrize(("typed", "meant"), [("epoch", "epochs"), ("learningrate", "learning_rate"), ("batchsize", "batch_size")])
def test_a_misspelt_name_is_answered_with_the_right_one(typed, meant):
    with pytest.raises(InputError, match=f"There is no setting '{typed}'. Did you mean {meant}?"):
        spelling.parse([f"{typed}=1"])


@pytest.mark.parametrize(
    "pair",
    ["epochs=three", "epochs=", "epochs=1.5", "rescale=1/0", "learning_rate=nan", "learning_rate=1e400", "epochs=1e400", "rescale=1/2/3"]
    + ["brightness_range=1", "brightness_range=a,b", "brightness_range=[0.8,1.2", "shuffle=yes", "horizontal_flip=2"]
    + ["optimizer=Adamm", "optimizer=", "target_size=150px", "target_size=()", "epochs=3,"],
)
def test_unreadable_text_is_refused_by_name_and_value(pair):
    name, _, text = pair.partition("=")
    with pytest.raises(InputError, match=f"{name} = .*must be") as refused:
        configured(pair)
    assert text in str(refused.value) or "1e400" in text


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "1/1e999999999", "1e-999999999/255"])
def test_a_number_that_is_out_of_all_proportion_is_refused_at_once(number):
    """To work out all of its digits took hours, in which no page was answered."""
    with pytest.raises(InputError, match="learning_rate = .*must be a number, 1e-06 to 1 or auto|learning_rate = 0.0: must be"):
        configured(f"learning_rate={number}")


def test_a_pair_without_an_equals_sign_is_refused():
    with pytest.raises(InputError, match="--set epochs: write it as FIELD=VALUE"):
        spelling.parse(["epochs"])
