"""Whatever is stored of a run is what is read again."""

from hypothesis import given
from hypothesis import strategies as st

from catsdogs.data import corrections
from catsdogs.runs import history, predictions, store, temperature
from catsdogs.runs.predictions import Prediction
from catsdogs.runs.temperature import Temperature
from catsdogs.settings import config as configs
from catsdogs.settings.config import Config
from catsdogs.system import notices
from catsdogs.system.paths import leads_out
from tests import storing

text = st.text(max_size=20)
names = st.one_of(text, st.binary(min_size=1, max_size=10).map(lambda content: content.decode("utf-8", "surrogateescape")))
paths = names.filter(lambda name: not leads_out(name))  # of files in a data set
shares = st.floats(0, 1)
epochs = st.lists(st.tuples(st.floats(0, 1e6), shares, st.none() | st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=5)


@given(epochs)
def test_a_history_is_read_as_it_was_written(measured):
    run = store.create(Config(epochs=5))
    written = [
        storing.epoch(number, loss=loss, accuracy=accuracy, val_loss=val_loss, seconds=seconds)
        for number, (loss, accuracy, val_loss, seconds) in enumerate(measured, start=1)
    ]
    for each in written:
        history.append(run, each)
    assert history.load(run) == written
    history.replace(run, written[:1])
    assert history.load(store.load(run.id)) == written[:1]


@given(st.lists(st.tuples(paths, st.integers(0, 1), shares), max_size=5))
def test_predictions_are_read_as_they_were_written(rows):
    run = store.create(Config())
    predictions.write(run, *zip(*rows, strict=True) if rows else ((), (), ()))
    found = predictions.load(run)
    assert [row[:2] for row in found] == [row[:2] for row in rows]
    assert all(abs(one.probability - row[2]) < 1e-8 for one, row in zip(found, rows, strict=True))
    assert all(isinstance(one, Prediction) for one in found)


@given(text, text, st.booleans())
def test_a_label_is_read_as_it_was_written(name, note, is_starred):
    run = store.create(Config())
    store.change_label(run, name=name, note=note, is_starred=is_starred)
    assert store.load(run.id).label == store.Label(name, note, is_starred) and notices.take() == []


@given(st.floats(1e-3, 1e3), st.integers(1, 10**6), shares, text)
def test_a_temperature_is_read_as_it_was_written(value, photographs, before, note):
    run, written = store.create(Config()), Temperature(value, photographs, before, before / 2, note)
    temperature.save(run, written)
    assert temperature.load(run) == written and store.load(run.id)


@given(
    st.integers(0, 2**31),
    st.floats(1e-6, 0.1),
    st.sampled_from(["sgd", "adam", "adamw"]),
    st.integers(1, 500),
    st.floats(0, 90),
    st.floats(0.1, 1),
    names,
)
def test_settings_are_read_as_they_were_written(seed, rate, optimizer, epochs, degrees, low, data):
    brightness = (round(low, 3), 1.5)
    given = {"seed": seed, "learning_rate": rate, "optimizer": optimizer, "epochs": epochs, "rotation_range": degrees}
    config = Config(**given, brightness_range=brightness, data=data.replace("\0", ""))
    assert configs.from_json(configs.to_json(config)) == config
    assert store.load(store.create(config).id).config == config


@given(st.dictionaries(paths, st.sampled_from([corrections.LEFT_OUT, corrections.FINE, "dogs"]), max_size=4))
def test_corrections_are_read_as_they_were_written(images):
    folder = store.create(Config()).folder
    corrections.change(folder, images=images)
    assert corrections.load(folder).images == images
    corrections.change(folder, images=dict.fromkeys(images))
    assert corrections.load(folder).images == {}
