"""Which run another one can start from."""

import shutil
from itertools import islice

import pytest

from catsdogs.errors import InputError
from catsdogs.runs import origin, store
from catsdogs.settings.config import Config, change
from tests import storing
from tests.breaking import say

RESNET = Config(model="resnet", target_size=64)


def stored(config):
    run = storing.finished(config)
    run.model_path.write_bytes(b"a model")
    return store.load(run.id)


def refused(config) -> str:
    with pytest.raises(InputError) as found:
        origin.require(config)
    return str(found.value)


def test_without_one_there_is_nothing_to_require():
    origin.require(RESNET)


def test_a_run_that_there_is_not_is_refused():
    assert "There is no run 'nobody'" in refused(change(RESNET, start_from="nobody"))


def test_a_run_without_a_model_is_refused():
    run = store.create(RESNET)
    given = f"start_from = {run.id!r}: that run is queued and has no model; choose a run that has ended with one, or none."
    assert refused(change(RESNET, start_from=run.id)) == given and not origin.fits(run, vars(RESNET))


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (Config(), RESNET, "model"),
        (RESNET, change(RESNET, rescale=1.0), "rescale"),
        (Config(target_size=64), Config(target_size=96), "target_size"),
        (Config(dense_units=8), Config(dense_units=16), "dense_units"),
    ],
)
def test_weights_that_do_not_fit_are_refused(before, after, name):
    run = stored(before)
    theirs, ours = getattr(before, name), getattr(after, name)
    assert f"that run has {name} = {theirs}, and this one {ours}; set the same, or choose another run." in refused(
        change(after, start_from=run.id)
    )
    assert not origin.fits(run, vars(after)) and origin.fits(run, vars(before))


def test_other_sizes_fit_a_network_of_any_size():
    run = stored(RESNET)
    origin.require(change(RESNET, start_from=run.id, target_size=160))
    assert origin.fits(run, vars(change(RESNET, target_size=160)))


def test_the_bundled_network_can_be_started_from():
    origin.require(Config(model="resnet", start_from=store.SHIPPED))


def test_the_lineage_goes_back_as_far_as_the_runs_are_there():
    first = stored(RESNET)
    second = stored(change(RESNET, start_from=first.id))
    third = change(RESNET, start_from=second.id)
    assert [run.id for run in origin.lineage(third)] == [second.id, first.id]
    shutil.rmtree(first.folder)
    assert [run.id for run in origin.lineage(third)] == [second.id]
    say(start_from=second.id)(second.folder / "config.json")  # by hand
    assert [run.id for run in islice(origin.lineage(third), 3)] == [second.id]
