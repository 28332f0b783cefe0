"""The model that a run keeps: that of its best epoch so far."""

import keras

from catsdogs.networks import registry
from catsdogs.runs import Run
from catsdogs.training import checkpoint
from catsdogs.training.averaged_weights import AveragedWeights


class BestModel:
    """Stores the weights of `core`, which is being trained within `model`, in a float32 model of the target size.

    With `averaging`, these are the averaged weights, and so is what was validated.
    """

    def __init__(self, run: Run, model: keras.Model, core: keras.Model, averaging: AveragedWeights | None):
        self._path = run.model_path
        self._stored = registry.build(run.config)
        self._core = core
        self._averaging = averaging
        if averaging:
            averaging.set_model(model)

    def store(self) -> None:
        """Replace the run's model by what is being trained as it is now."""
        if self._averaging:
            self._averaging.on_test_begin()  # swaps the averages in, as for the validation
        self._stored.set_weights(self._core.get_weights())
        if self._averaging:
            self._averaging.on_test_end()
        checkpoint.replace(self._path, self._stored, self._stored.save)
