"""One run, from its configuration to its evaluation. Who starts it, stops it and turns its end into a state is up to `worker`.

The epochs themselves are in `fitting`.
"""

import sys
from functools import partial
from importlib import import_module

import keras
import numpy as np

from catsdogs.analysis import calibration, evaluation, learned
from catsdogs.analysis.evaluation import Evaluation
from catsdogs.data import batches, dataset, split
from catsdogs.data.batches import Batches
from catsdogs.data.dataset import Listing
from catsdogs.data.split import Split
from catsdogs.errors import InputError
from catsdogs.networks import download, pretrained, registry
from catsdogs.runs import Run, predictions, store, temperature
from catsdogs.settings import stages
from catsdogs.system import devices
from catsdogs.training import balancing, disk_space, fitting, neither, origin, precision
from catsdogs.training.progress import Progress

_EVALUATION_BATCH = 64  # images; independent of the batch size of the training


def train(run: Run, progress: Progress) -> Evaluation:
    """Train the run, after its last whole epoch if there is one, evaluate the best epoch, and fit its temperature.

    Raises InputError where data or settings can't be used or the disk has no room for the run, progress.Stopped on request.
    """
    config = run.config
    download.sweep()
    progress.enter("checking", "checking the photographs")
    listing = dataset.check(config.data, progress.count)
    _require_same_images(run, listing)
    weights = registry.build(config).count_params()
    disk_space.require(run, listing, weights)
    if pretrained.file(config) and not run.resume_path.exists():
        progress.enter("fetching", f"looking for the weights that {config.model} starts from")
        download.fetch(config, partial(progress.count, message=f"downloading the weights of {config.model}, in MB"))
    plan = stages.plan(config)
    sizes = ", ".join(map(str, dict.fromkeys(stage.size for stage in plan)))
    progress.enter("decoding", f"decoding {len(listing.photos):,} photographs at {sizes} px")
    data = [batches.make(listing, config, progress.count, stage.size) for stage in plan]
    device = devices.in_use()
    progress.enter("preparing", f"preparing the {config.model} model on {device}", device=str(device))
    dtype, speeds = precision.choose(config.precision, device)
    facts = {"device": str(device), "precision": dtype, "precision_measured": speeds}
    if "host" in progress.facts:  # on another machine
        facts["host"] = progress.facts["host"]
    store.write_environment(run, {**_versions(), **facts, **_describe(run, listing, data[-1]), "weights": weights})
    progress.enter("training", f"training in {dtype}", precision=dtype, epochs=config.epochs)
    fitting.fit(run, data, progress, dtype, device)
    return _evaluate(run, listing, data[-1], progress)


def _require_same_images(run: Run, listing: Listing) -> None:
    if run.resume_path.exists() and not split.is_still(store.environment(run), listing, run.config):
        raise InputError(
            f"The photographs in {listing.folder}, their labels, or what its folders are for, have changed since the run began, so some "
            f"that it was trained on would now be held out. Undo the change, or start a new run."
        )


def _evaluate(run: Run, listing: Listing, subsets: dict[str, Batches], progress: Progress) -> Evaluation:
    total = sum(subset.samples for subset in subsets.values())
    progress.enter("evaluating", f"evaluating the best epoch on {total:,} photographs")
    model = keras.saving.load_model(run.model_path)
    predicted, done = {}, 0
    for name, subset in subsets.items():
        probabilities = []
        for start in range(0, subset.samples, _EVALUATION_BATCH):
            probabilities.append(model.predict_on_batch(subset.images(start, start + _EVALUATION_BATCH))[:, 0])
            progress.count(done + min(start + _EVALUATION_BATCH, subset.samples), total)
        predicted[name] = (subset.classes, np.concatenate(probabilities))
        done += subset.samples
    result = evaluation.make(listing.class_names, predicted)
    predictions.write(run, subsets["test"].filenames, *predicted["test"])
    temperature.save(run, calibration.fit(*predicted["validation"]))
    neither.learn(run, model, subsets, partial(progress.enter, "evaluating", "learning what is neither"))
    evaluation.save(run, result)
    return result


def _versions() -> dict[str, str]:
    backend = keras.backend.backend()
    return {"python": sys.version.split()[0], "keras": keras.version(), backend: import_module(backend).__version__}


def _origin(run: Run, listing: Listing, members: Split) -> dict:
    """Of the environment, what it says of the run that this one started from, which may be gone when this one is resumed."""
    config, started = run.config, store.environment(run).get("start_from")
    if started is None:
        head = origin.head_of(config, listing.class_names)
        started = {"run": config.start_from, "head": head, "seen": learned.seen_before(config, listing, members)}
    return {"start_from": started}


def _describe(run: Run, listing: Listing, subsets: dict[str, Batches]) -> dict:
    """Of the environment, what it says of data and settings."""
    members = split.make(listing, run.config)
    return {
        "data": listing.folder,
        "data_fingerprint": listing.fingerprint,
        "split": split.fingerprint(listing, members),
        "subsets": split.fingerprints(listing, members),
        "class_names": listing.class_names,
        "photographs": {name: subset.samples for name, subset in subsets.items()},
        "set_aside": len(listing.set_aside),
        "corrections": {"folders": listing.corrections.folders, "images": listing.corrections.changes},
        "class_weights": balancing.class_weights(run.config, subsets["training"].classes),
        "pretrained": str(pretrained.file(run.config) or ""),
        **(_origin(run, listing, members) if run.config.start_from else {}),
    }
