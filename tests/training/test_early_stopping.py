"""When the patience of a run is over."""

import pytest

from catsdogs.settings import presets
from catsdogs.settings.config import Config
from catsdogs.training import early_stopping


def due(config, *losses):
    """After how many of these epochs the run ends; None where it goes on."""
    epochs = [{"epoch": number, "val_loss": loss} for number, loss in enumerate(losses, 1)]
    return next((count for count in range(1, len(epochs) + 1) if early_stopping.is_due(config, epochs[:count])), None)


def test_it_is_over_so_many_epochs_after_the_best_one():
    assert due(Config(epochs=9, early_stopping=2), 0.7, 0.6, 0.65, 0.62, 0.61) == 4
    assert due(Config(epochs=9, early_stopping=2), 0.7, None, 0.6, None, 0.5) is None
    assert due(Config(epochs=9), 0.7, 0.8, 0.9, 0.95) is None


@pytest.mark.parametrize("preset", ["transfer", "few"])
def test_fine_tuning_has_a_patience_of_its_own(preset):
    """With a body that is frozen, the first epoch is often the best; what comes after is judged by itself."""
    config = presets.config(preset, epochs=20, frozen_epochs=6, early_stopping=3)
    frozen = (0.6, 0.8, 0.8, 0.8, 0.8, 0.8)
    assert due(config, *frozen, 0.78, 0.76, 0.74, 0.72) is None
    assert due(config, *frozen, 0.78, 0.76, 0.77, 0.78, 0.79) == 11
