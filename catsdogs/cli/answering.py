"""The commands that ask a network about images: its answers, why, how often they are right, and what its probabilities mean."""

import io
import json
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from catsdogs.analysis import calibration, ranking
from catsdogs.analysis.measurements import Measurement
from catsdogs.cli import progress, tables, writable
from catsdogs.data import dataset
from catsdogs.errors import InputError
from catsdogs.inference import calibrating, measuring
from catsdogs.runs import Run, store, temperature
from catsdogs.system import devices, files, shortage, words
from catsdogs.system.reports import Report
from catsdogs.system.shortage import DiskFull

_HEAT_MAP_SIDE = 1024  # px of the longer side of what `explain` writes
_HEAT_MAP_STRENGTH = 0.6


def classify(arguments) -> int:
    run = ranking.default().run if arguments.id is None else store.load(arguments.id)
    devices.load()
    from catsdogs.inference import classifier  # imports Keras, which other commands do not wait for

    sources = [(str(path), path) for path in arguments.images]
    answers = classifier.classify(classifier.load(run), sources, temperature=temperature.load(run).value, mirror=arguments.mirror)
    if arguments.json:
        print(json.dumps([{name: value for name, value in asdict(answer).items() if value is not None} for answer in answers], indent=1))
    else:
        for answer in answers:
            print(words.answer(**vars(answer)))
    return 2 if any(answer.error for answer in answers) else 0


def explain(arguments) -> None:
    run = ranking.default().run if arguments.id is None else store.load(arguments.id)
    path = arguments.to or Path(f"{arguments.image.stem}-heat-map.png")
    writable.require(path, arguments.force)
    devices.load()
    from catsdogs.figures import heat_map
    from catsdogs.inference import classifier, heat_maps

    loaded = classifier.load(run)
    (answer,) = classifier.classify(loaded, [(str(arguments.image), arguments.image)], temperature=temperature.load(run).value)
    if answer.error:
        raise InputError(f"{arguments.image}: {answer.error}")
    try:
        found = heat_maps.make(heat_maps.prepare(loaded), arguments.image)
        photograph = heat_maps.photograph(arguments.image, _HEAT_MAP_SIDE, run.config.proportions)
        painted = heat_map.lay_over(photograph, found.values, _HEAT_MAP_STRENGTH)
    except (InputError, OSError) as error:
        raise InputError(f"{arguments.image}: {error.strerror if isinstance(error, OSError) else error}") from None
    content = io.BytesIO()
    try:
        painted.save(content, Image.registered_extensions().get(path.suffix.lower(), path.suffix or "none"))
        # Written by us, since Pillow doesn't notice a full disk at a JPEG's end
        with shortage.explained(path, path.name):
            files.replace(path, lambda temporary: temporary.write_bytes(content.getbuffer()))
    except DiskFull:
        raise
    except (OSError, KeyError) as error:
        reason = f"{path.suffix or 'no suffix'} is not a kind of image" if isinstance(error, KeyError) else error.strerror or error
        raise InputError(f"{path} can't be written ({reason}). Give another name, such as map.png.") from None
    if arguments.json:
        facts = {"label": answer.label, "probability": answer.probability, "other": found.other, "method": found.method}
        facts |= {} if answer.neither is None else {"neither": answer.neither}
        return print(json.dumps({"picture": str(arguments.image), **facts, "file": str(path)}, indent=1))
    print(words.answer(**vars(answer)))
    print(words.printable(f"{path}: {'; '.join(heat_map.legend(found.label, found.other))}"))


def evaluate(arguments) -> None:
    runs = [store.load(id) for id in dict.fromkeys(arguments.ids)] or _finished()
    listing = dataset.check(arguments.data, progress.counter("checked"))
    plans, refused = [], {}
    for run in runs:
        try:
            plans.append(measuring.plan(run, listing))
        except InputError as error:
            refused[run.id] = str(error)
    if refused and (arguments.ids or not plans):  # before the others take their time
        raise InputError(next(iter(refused.values())))
    devices.load()
    rows = []
    for number, plan in enumerate(plans, start=1):
        try:
            rows.append(_measure(plan, arguments.mirror, progress.counter(f"measured, run {number} of {len(plans)}")))
        except DiskFull:
            raise
        except InputError as error:  # a damaged model
            if arguments.ids:
                raise
            refused[plan.run.id] = str(error)
    if not rows:
        raise InputError(next(iter(refused.values())))
    rows += [{"run": id, "error": error} for id, error in refused.items()]
    print(json.dumps(rows, indent=1, ensure_ascii=False) if arguments.json else tables.measurements(rows))


def _measure(plan: measuring.Plan, mirror: bool, report: Report) -> dict:
    from catsdogs.inference import classifier

    answer = partial(classifier.classify, classifier.load(plan.run))
    found = measuring.measure(plan, answer, report)
    row = _measured(plan.run, found)
    if mirror:
        mirrored = measuring.measure(plan, partial(answer, mirror=True), report, is_kept=False)
        row["mirror"] = _mirrored(plan.run, found, mirrored)
    return row


def _finished() -> list[Run]:
    finished = [run for run in store.list_all() if run.state == "finished" and run.model_path.exists()]
    return [*finished, store.load(store.SHIPPED)]


def _measured(run: Run, found: Measurement) -> dict:
    facts = {name: getattr(found, name) for name in ("accuracy", "low", "high", "auc", "confusion", "class_names", "left_out", "omission")}
    about = {name: getattr(found, name) for name in ("caution", "is_overlap_known", "data", "fingerprint", "measured")}
    return {"run": run.id, **facts, "photographs": len(found.photographs), **_errors(run, found), **about}


def _errors(run: Run, found: Measurement) -> dict:
    """The expected calibration error of the network's own probabilities, and of those at its temperature."""
    fitted = temperature.load(run)
    before, after = calibration.before_and_after(found.photographs, fitted.value)
    return {"temperature": None if fitted.value == 1 else fitted.value, "ece_before": before.error, "ece": after.error}


def _mirrored(run: Run, found: Measurement, mirrored: Measurement) -> dict:
    """What the average with the mirror image brings: also on how many photographs the answer is right only with it, or only without."""
    facts = {name: getattr(mirrored, name) for name in ("accuracy", "low", "high", "auc", "confusion")}
    pairs = zip(found.photographs, mirrored.photographs, strict=True)
    changed = [(after.answer == after.label) for before, after in pairs if before.answer != after.answer]
    brings = {"mended": sum(changed), "spoilt": len(changed) - sum(changed), "alone": _alone(found, mirrored)}
    return {**facts, **_errors(run, mirrored), **brings}


def _alone(found: Measurement, mirrored: Measurement) -> float:
    """The accuracy on the mirror images by themselves."""
    labels = np.array([one.label for one in found.photographs])
    averaged, first = (np.array([one.probability for one in measured.photographs]) for measured in (mirrored, found))
    return float(np.mean((calibration.second_of(averaged, first) >= 0.5) == labels))


def calibrate(arguments) -> None:
    run = store.load(arguments.id)
    if arguments.data is None and not run.config.data:
        raise InputError(f"The folder of photographs that run {run.id} was trained on isn't known. Give it with --data DIR.")
    listing = dataset.check(arguments.data or Path(run.config.data), progress.counter("checked"))
    calibrating.require(run, listing)
    devices.load()
    from catsdogs.data import batches
    from catsdogs.inference import classifier
    from catsdogs.training import neither

    loaded = classifier.load(run)
    fitted = calibrating.calibrate(run, listing, partial(classifier.classify, loaded), progress.counter("photographs answered"))
    learned = neither.learn(run, loaded.model, batches.make(listing, run.config, progress.counter("photographs decoded")))
    shares = {name: learned[name] for name in ("turned_away", "found")} if learned else None
    if arguments.json:
        return print(json.dumps({**asdict(fitted), "neither": shares}, indent=1))
    print(tables.calibrated(fitted, shares))
