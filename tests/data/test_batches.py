"""What `fit` reads: the same as from Keras' own generators, and in an order that a seed decides."""

import keras
import numpy as np
import pytest
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter

from catsdogs.data import batches, dataset, images
from catsdogs.errors import InputError
from catsdogs.settings.config import Config
from tests.images import photographs, picture


def from_keras(folder, batch_size, interpolation="bilinear", rescale=1 / 255, **resizing):
    generator = ImageDataGenerator(rescale=rescale)
    return generator.flow_from_directory(
        folder, target_size=(32, 32), batch_size=batch_size, class_mode="binary", shuffle=False, interpolation=interpolation, **resizing
    )


def from_ours(folder, batch_size, **settings):
    return batches.flow_from_directory(folder, target_size=(32, 32), batch_size=batch_size, **{"shuffle": False, **settings})


def drawn(flow):
    """(pixels, labels) of one epoch as `fit` reads it."""
    pictures, labels = zip(*(flow[index] for index in range(len(flow))), strict=True)
    return np.concatenate(pictures), np.concatenate(labels).ravel()


def photographs_in_order(flow):
    """The position in `filenames` of every picture of one epoch, found by its pixels."""
    known = {picture.tobytes(): index for index, picture in enumerate(flow.images(0, flow.samples))}
    return [known[picture.tobytes()] for picture in drawn(flow)[0]]


def made(folder, **settings):
    return batches.make(dataset.check(folder), Config(target_size=32, batch_size=8, **settings))


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 23, "dogs": 20})


@pytest.fixture
def parted(tmp_path):
    """A folder that decides itself who is trained on; the files of its parts have the same names."""
    for part, count in (("train", 14), ("validation", 6), ("test", 5)):
        photographs(tmp_path / "parted" / part, {"Cat": count, "Dog": count + 2})
    return tmp_path / "parted"


@pytest.mark.parametrize("spelling", ["keep_aspect_ratio", "crop_to_aspect_ratio"])
def test_cropped_pixels_are_those_of_keras_generator(tmp_path, spelling):
    folder = photographs(tmp_path / "photos", {"cats": 3, "dogs": 2}, size=(61, 43))
    picture(folder / "cats" / "tall.png", (40, 77))
    keras_flow, flow = from_keras(folder, 8, keep_aspect_ratio=True), from_ours(folder, 8, **{spelling: True})
    np.testing.assert_array_equal(flow[0][0], keras_flow[0][0])


def test_the_batches_of_a_run_have_its_proportions_at_every_size(folder):
    listing, config = dataset.check(folder), Config(target_size=48, batch_size=8, crop_to_aspect_ratio=True)
    for size in (32, 48):
        flow = batches.make(listing, config, size=size)["test"]
        expected = images.load(folder / flow.filenames[0], size, proportions="crop")
        np.testing.assert_array_equal(flow.images(0, 1)[0], expected)


def test_padded_pixels_are_black_at_both_ends(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 3, "dogs": 2}, size=(60, 30))
    padded, _ = from_ours(folder, 8, pad_to_aspect_ratio=True)[0]
    assert not padded[:, :8].any() and not padded[:, 24:].any() and padded[:, 8:24].mean() > 0.1
    with pytest.raises(InputError, match="crop_to_aspect_ratio = True and pad_to_aspect_ratio = True"):
        from_ours(folder, 8, keep_aspect_ratio=True, pad_to_aspect_ratio=True)


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_files_labels_and_pixels_are_those_of_keras_generator(folder, interpolation):
    picture(folder / "cats" / "tall.png", (40, 77))
    picture(folder / "dogs" / "Wide.BMP", (90, 31))
    keras_flow, flow = from_keras(folder, 8, interpolation), from_ours(folder, 8, interpolation=interpolation)
    assert flow.filenames == keras_flow.filenames
    assert flow.class_indices == keras_flow.class_indices == {"cats": 0, "dogs": 1}
    assert flow.classes.tolist() == keras_flow.classes.tolist()
    assert flow.samples == keras_flow.samples == 45
    assert flow.batch_size == keras_flow.batch_size
    assert len(flow) == len(keras_flow) == 6
    for index in range(len(flow)):
        (pictures, labels), (keras_pictures, keras_labels) = flow[index], keras_flow[index]
        assert pictures.dtype == keras_pictures.dtype and pictures.shape == keras_pictures.shape
        assert labels.dtype == keras_labels.dtype == np.float32
        np.testing.assert_array_equal(labels.ravel(), keras_labels)
        np.testing.assert_array_equal(pictures, keras_pictures)


def test_pixels_stay_bytes_unless_rescaled(folder):
    pictures, _ = from_ours(folder, 8, rescale=1)[0]
    np.testing.assert_array_equal(pictures, from_keras(folder, 8, rescale=None)[0][0])
    assert made(folder)["training"][0][0].dtype == np.uint8


def test_some_photographs_are_spread_over_all_classes(folder):
    flow = from_ours(folder, 8)
    known = {picture.tobytes(): index for index, picture in enumerate(flow.images(0, flow.samples))}
    assert [known[picture.tobytes()] for picture in flow.sample(5)] == [0, 10, 21, 31, 42]
    assert len(flow.sample(100)) == flow.samples == 43


@pytest.mark.parametrize(("subset", "part"), [("training", "train"), ("validation", "validation"), ("test", "test")])
def test_generators_of_a_divided_folder_are_those_of_keras(parted, subset, part):
    keras_flow, flow = from_keras(parted / part, 4), from_ours(parted, 4, subset=subset)
    assert flow.filenames == [f"{part}/{name}" for name in keras_flow.filenames]
    assert flow.class_indices == keras_flow.class_indices == {"Cat": 0, "Dog": 1}
    assert flow.classes.tolist() == keras_flow.classes.tolist()
    assert len(flow) == len(keras_flow)
    for ours, theirs in zip(drawn(flow), drawn(keras_flow), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_subsets_are_all_images_once(folder):
    everything = from_ours(folder, 8)
    parts = [from_ours(folder, 8, subset=subset, seed=3) for subset in ("training", "validation", "test")]
    assert everything.samples == 43
    assert sorted(name for part in parts for name in part.filenames) == sorted(everything.filenames)


def test_shuffling_shows_every_image_once_in_a_new_order(folder):
    flow = made(folder, shuffle=True)["training"]
    first = photographs_in_order(flow)
    flow.on_epoch_end()
    second = photographs_in_order(flow)
    assert sorted(first) == sorted(second) == list(range(flow.samples))
    assert first != second
    assert list(range(flow.samples)) not in (first, second)


def test_shuffled_labels_stay_with_their_photographs(folder):
    flow = made(folder, shuffle=True)["training"]
    assert drawn(flow)[1].tolist() == flow.classes[photographs_in_order(flow)].tolist()


def test_the_order_depends_on_seed_and_epoch_alone(folder):
    first, again, other = (from_ours(folder, 8, shuffle=True, seed=seed, rescale=1) for seed in (5, 5, 6))
    for _ in range(3):
        first.on_epoch_end()
    again.start_epoch(3)
    other.start_epoch(3)
    np.testing.assert_array_equal(drawn(first)[0], drawn(again)[0])
    assert not np.array_equal(drawn(first)[0], drawn(other)[0])


def test_another_size_has_the_same_images_in_the_same_order(folder):
    listing, config = dataset.check(folder), Config(target_size=48, batch_size=8, seed=3)
    small, full = (batches.make(listing, config, size=size)["training"] for size in (32, None))
    for flow in (small, full):
        flow.start_epoch(4)
    assert small[0][0].shape == (8, 32, 32, 3) and full[0][0].shape == (8, 48, 48, 3)
    assert (small.filenames, len(small)) == (full.filenames, len(full))
    np.testing.assert_array_equal(drawn(small)[1], drawn(full)[1])
    brightness = [drawn(flow)[0].mean(axis=(1, 2, 3)) for flow in (small, full)]
    np.testing.assert_allclose(*brightness, atol=8)


def test_the_last_batch_holds_what_is_left(folder):
    flow = from_ours(folder, 8)
    assert [len(flow[index][0]) for index in range(len(flow))] == [8, 8, 8, 8, 8, 3]
    assert [len(flow[index][1]) for index in range(len(flow))] == [8, 8, 8, 8, 8, 3]
    assert len(from_ours(folder, 43)) == 1


def test_only_the_training_subset_is_shuffled(folder):
    shuffled, sorted_ = made(folder, shuffle=True), made(folder, shuffle=False)
    for part in ("validation", "test"):
        assert photographs_in_order(shuffled[part]) == list(range(shuffled[part].samples))
    assert photographs_in_order(sorted_["training"]) == list(range(sorted_["training"].samples))
    np.testing.assert_array_equal(shuffled["training"].images(3, 9), sorted_["training"].images(3, 9))
    assert shuffled["training"].filenames == sorted_["training"].filenames


@pytest.mark.parametrize("class_mode", ["categorical", "sparse", None])
def test_a_class_mode_other_than_binary_is_refused(folder, class_mode):
    with pytest.raises(InputError, match="class_mode .* binary"):
        from_ours(folder, 8, class_mode=class_mode)


@pytest.mark.parametrize("names", [["cats", "dogs"], ["dogs", "cats"]])
def test_the_order_of_the_classes_is_that_of_keras(folder, names):
    generator = ImageDataGenerator(rescale=1 / 255)
    keras_flow = generator.flow_from_directory(
        folder, (32, 32), "rgb", names, "binary", 8, shuffle=False, seed=None, interpolation="bilinear"
    )
    flow = batches.flow_from_directory(folder, (32, 32), "rgb", names, "binary", 8, shuffle=False, seed=None, interpolation="bilinear")
    assert flow.class_indices == keras_flow.class_indices
    assert flow.filenames == keras_flow.filenames and flow.labels.tolist() == keras_flow.labels.tolist()
    for ours, theirs in zip(flow[2], keras_flow[2], strict=True):
        np.testing.assert_array_equal(ours.squeeze(), theirs.squeeze())
    assert (flow.n, flow.num_classes, flow.image_shape) == (keras_flow.n, keras_flow.num_classes, keras_flow.image_shape)
    assert flow.filepaths == keras_flow.filepaths


def test_another_order_of_the_classes_leaves_the_split_as_it_is(folder):
    usual, other = (set(from_ours(folder, 8, subset="validation", classes=names).filenames) for names in (None, ["dogs", "cats"]))
    assert usual == other


@pytest.mark.parametrize("classes", [["cats", "birds"], ["cats"], "cats", ["cats", "dogs", "birds"]])
def test_classes_that_are_not_the_folders_are_refused(folder, classes):
    with pytest.raises(InputError, match="classes = .* must be the two class folders, cats and dogs"):
        from_ours(folder, 8, classes=classes)


def test_next_goes_on_for_ever_as_in_keras(folder):
    keras_flow, flow = from_keras(folder, 8), from_ours(folder, 8)
    for _ in range(2 * len(flow) + 1):
        for ours, theirs in zip(next(flow), next(keras_flow), strict=True):
            np.testing.assert_array_equal(ours.squeeze(), theirs.squeeze())
    flow.reset()
    np.testing.assert_array_equal(next(flow)[0], flow[0][0])
    assert [len(labels) for (_, labels), _ in zip(flow, range(len(flow)), strict=False)] == [8, 8, 8, 8, 3, 8]


def test_next_begins_every_epoch_in_a_new_order(folder):
    flow, other = (from_ours(folder, 8, shuffle=True, seed=5) for _ in range(2))
    for epoch in (0, 1):
        other.start_epoch(epoch)
        for index in range(len(other)):
            np.testing.assert_array_equal(next(flow)[0], other[index][0])


def test_an_index_counts_from_either_end_and_ends_there(folder):
    flow = from_ours(folder, 8)
    np.testing.assert_array_equal(flow[-1][0], flow[5][0])
    np.testing.assert_array_equal(flow[-6][0], flow[0][0])
    for outside in (6, -7):
        with pytest.raises(IndexError, match=f"There is no batch {outside}: an epoch has 6, 0 to 5."):
            flow[outside]


def test_without_a_seed_numpys_random_state_decides_the_order_but_not_the_split(folder):
    flows = []
    for state in (1, 1, 2):
        np.random.seed(state)
        flows.append(from_ours(folder, 8, shuffle=True, seed=None, subset="training"))
    first, same, other = (drawn(flow)[0] for flow in flows)
    assert np.array_equal(first, same) and not np.array_equal(first, other)
    assert flows[0].filenames == flows[2].filenames == from_ours(folder, 8, subset="training").filenames


@pytest.mark.parametrize(
    "argument",
    [{"color_mode": "grayscale"}, {"save_to_dir": "/somewhere"}, {"follow_links": True}]
    + [{"interpolation": "hamming"}, {"batch_size": 0}, {"validation_split": 1.0}, {"rotation_range": 40}, {"zca_whitening": True}],
)
def test_what_is_not_done_as_in_keras_is_refused_by_name(folder, argument):
    with pytest.raises(InputError, match=next(iter(argument))):
        from_ours(folder, **{"batch_size": 8, **argument})


@pytest.mark.parametrize(
    "argument", [{"color_mode": "rgb"}, {"save_prefix": "x", "save_format": "jpeg"}, {"rescale": None}, {"shuffle": 0}]
)
def test_what_changes_nothing_in_keras_changes_nothing_here(folder, argument):
    assert from_ours(folder, 8, **argument).filenames == from_ours(folder, 8).filenames


def test_a_target_size_that_is_no_square_is_refused(folder):
    with pytest.raises(InputError, match="target_size"):
        batches.flow_from_directory(folder, target_size=(32, 48), batch_size=8)


def test_an_unknown_subset_is_refused(folder):
    with pytest.raises(InputError, match="subset"):
        from_ours(folder, 8, subset="train")


def test_two_threads_keep_the_order_of_an_epoch(folder):
    flow = from_ours(folder, 4, shuffle=True)
    inputs = keras.Input((32, 32, 3))
    average = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(inputs))
    for epoch in (0, 1):
        flow.start_epoch(epoch)
        expected = drawn(flow)[0].mean(axis=(1, 2))
        np.testing.assert_allclose(average.predict(flow, verbose=0), expected, rtol=1e-5)


def test_no_tuning_thread_of_tf_data_delays_an_epoch(folder):
    assert PyDatasetAdapter(from_ours(folder, 8)).get_tf_dataset().options().autotune.enabled is False
