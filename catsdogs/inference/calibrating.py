"""A run that has ended and the data set that it was trained on -> its temperature, stored with the run.

Every training ends with this; here it is done for runs of earlier versions, and for the bundled one, which comes without its photographs.
"""

import numpy as np

from catsdogs.analysis import calibration
from catsdogs.data import split
from catsdogs.data.dataset import Listing
from catsdogs.errors import InputError
from catsdogs.inference import measuring
from catsdogs.inference.measuring import Answering
from catsdogs.runs import Run, store, temperature
from catsdogs.runs.temperature import Temperature
from catsdogs.system import access
from catsdogs.system.reports import Report, silent


def calibrate(run: Run, listing: Listing, answer: Answering, report: Report = silent) -> Temperature:
    """Fit the temperature on the run's validation photographs, and store it in place of an earlier one. `report(done, total)` may raise to
    stop.

    Raises InputError if the run waits, trains or has no model, was trained on other photographs, or one can no longer be read.
    """
    access.require_training()
    require(run, listing)
    members = split.make(listing, run.config).validation
    class_names = store.environment(run)["class_names"]
    labels = np.array([class_names.index(listing.photos[index].label) for index in members])
    fitted = calibration.fit(labels, measuring.probabilities(class_names, listing, members, answer, report))
    temperature.save(run, fitted)
    return fitted


def require(run: Run, listing: Listing) -> None:
    """Raises InputError as `calibrate` does before it asks the model."""
    measuring.require_model(run)
    if not split.is_still(store.environment(run), listing, run.config):
        raise InputError(
            f"{listing.folder} is not what run {run.id} was trained on, or has changed since, so its validation photographs can't be told "
            "from those that it learned from. Give the folder as it was: --data DIR."
        )
