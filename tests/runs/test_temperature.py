"""The temperature that is kept with a run."""

from catsdogs.runs import store, temperature
from catsdogs.runs.temperature import Temperature
from catsdogs.settings.config import Config
from tests.storing import finished


def test_it_is_read_as_it_was_stored_and_may_be_replaced():
    run = finished(Config())
    for kept in (Temperature(0.6, 1000, 0.045, 0.01), Temperature(1.0, 8, 0.2, 0.2, "There are only 8 validation photographs.")):
        temperature.save(run, kept)
        assert temperature.load(store.load(run.id)) == kept


def test_a_run_without_one_answers_as_its_network_does():
    run = finished(Config())
    assert not (run.folder / temperature.NAME).exists()
    assert (temperature.load(run).value, temperature.load(run).photographs) == (1.0, 0)
