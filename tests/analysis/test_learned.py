"""What the runs that another one starts from were trained on."""

import pytest

from catsdogs.analysis import learned
from catsdogs.data import dataset, split
from catsdogs.runs import store, trash
from catsdogs.settings.config import Config
from tests import storing
from tests.images import photographs


@pytest.fixture
def listing(tmp_path):
    return dataset.check(photographs(tmp_path / "photos", {"cats": 20, "dogs": 20}))


def trained_on(listing, **settings):
    run = storing.finished(Config(data=listing.folder, batch_size=8, **settings))
    store.write_environment(run, {**store.environment(run), "data_fingerprint": listing.fingerprint})
    return run


def test_what_all_runs_before_were_trained_on_is_counted(listing):
    first = trained_on(listing, seed=1)
    config = Config(data=listing.folder, batch_size=8, start_from=trained_on(listing, start_from=first.id).id)
    subsets, trained = split.make(listing, config), {*split.make(listing, first.config).training}
    expected = {name: len(trained & {*getattr(subsets, name)}) for name in ("validation", "test")}
    assert learned.seen_before(config, listing, subsets) == expected and min(expected.values()) > 0


def test_what_a_run_was_trained_on_that_is_gone_is_not_known(listing):
    """Its photographs used to count as not seen, so that the last run passed for one that had seen nothing it is judged by."""
    first = trained_on(listing, seed=1)
    last = trained_on(listing, start_from=trained_on(listing, start_from=first.id).id)
    trash.put(first)
    trash.empty([first.id])
    assert learned.seen_before(last.config, listing, split.make(listing, last.config)) is None
    assert learned.photographs(last, listing) is None
