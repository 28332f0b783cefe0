"""What runs that are compared are called."""

import pytest

from catsdogs.runs import store
from catsdogs.settings import config, differences, presets
from catsdogs.sources import library
from pages.parts.results import grouping
from pages.parts.shared import names

VARIED = {"rotation_range": 9, "zoom_range": 0.2, "horizontal_flip": True, "contrast_range": (0.5, 1)}
FEW = presets.config("few", start_from="shipped", optimizer="adam", batch_size=8)


def named(*configs: config.Config) -> list[str]:
    runs = [store.create(one) for one in configs]
    differing = [name for name in differences.among([run.config for run in runs]) if name != "preset"]
    return list(grouping.by_all_but_seed(runs, differing))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (({}, {"optimizer": "sgd"}), ["Adam", "SGD"]),
        (({}, {"zoom_range": 0.2}), ["zoom range 0", "zoom range 0.2"]),
        (
            ({"batch_size": 8}, {"optimizer": "sgd", "learning_rate": 0.01}),
            ["batch size 8, Adam, learning rate auto", "batch size 32, SGD, learning rate 0.01"],
        ),
        (({}, VARIED), ["Quick start", "Quick start, changed"]),
        (
            ({"brightness_range": (0.5, 1)}, VARIED),
            ["Conv2D · Adam · 96 px · batch 32, rotation range 0", "Conv2D · Adam · 96 px · batch 32, rotation range 9"],
        ),
    ],
)
def test_runs_that_differ_in_little_are_called_by_it(changes, expected):
    found = named(*(presets.config("quick", **each) for each in changes))
    assert found == expected


def test_data_sets_of_one_name_are_told_apart_by_their_folders_not_by_the_paths_of_these(home):
    folders = [home / "data" / name for name in ("pets", "pets-2")]
    for folder in folders:
        folder.mkdir(parents=True)
        library.give_name(folder, "Pets")
    assert named(*(config.Config(data=str(folder)) for folder in folders)) == ["Pets (pets)", "Pets (pets-2)"]


def test_runs_that_differ_in_much_are_called_by_what_they_are_and_what_tells_them_apart():
    """They were called by all of it, nine settings in each sentence."""
    sweep = [presets.config("quick", optimizer="sgd", learning_rate=rate, epochs=3) for rate in (0.001, 0.01)]
    assert named(FEW, *sweep) == [
        "ResNet · Adam · 192 px · batch 8",
        "Conv2D · SGD · 96 px · batch 32, learning rate 0.001",
        "Conv2D · SGD · 96 px · batch 32, learning rate 0.01",
    ]


def test_the_run_that_another_one_started_from_is_named_and_so_is_none():
    assert named(
        config.change(FEW, frozen_epochs=0, fine_tuning_rate=1e-05),
        config.change(FEW, start_from="", frozen_epochs=0, fine_tuning_rate=1e-05),
    ) == [
        "from shipped",
        "from scratch",
    ]


@pytest.mark.parametrize("name", ["my run", ""])
def test_a_run_is_called_by_the_name_that_it_was_given(name):
    first, second = (
        store.create(presets.config("quick", seed=seed, optimizer=optimizer)) for seed, optimizer in enumerate(("adam", "sgd"))
    )
    store.change_label(first, name=name)
    found = grouping.by_all_but_seed([store.load(first.id), second], ["optimizer"])
    assert list(found) == [name or "Adam", "SGD"]


def test_runs_on_data_sets_of_one_name_are_called_by_their_folders_and_none_is_lost():
    runs = [store.create(presets.config("quick", data=data)) for data in ("/a/photos", "/b/photos")]
    assert list(grouping.by_all_but_seed(runs, ["data"])) == ["photos (/a/photos)", "photos (/b/photos)"]


def test_values_are_written_as_people_write_them():
    changed = {"rescale": 1 / 255, "brightness_range": (0.8, 1.2), "horizontal_flip": True}
    assert [names.setting(name, value) for name, value in changed.items()] == [
        "rescale 0.00392157",
        "brightness range 0.8 to 1.2",
        "horizontal flip on",
    ]
