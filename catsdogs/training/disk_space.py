"""How much disk space a run still needs, and whether it is there: checked before anything is decoded or trained."""

from catsdogs.data import pixels
from catsdogs.data.dataset import Listing
from catsdogs.runs import Run
from catsdogs.settings import Config, stages
from catsdogs.system import home, shortage

_NUMBERS = {"sgd": 1, "rmsprop": 2, "adam": 2, "adamw": 2, "muon": 2}  # that an optimizer keeps of each weight, at most
_BYTES = 4  # of a number
_AT_ONCE = 2  # files of each: the new one is complete before the old one goes
_REST = 2_000_000  # bytes of all other files


def require(run: Run, listing: Listing, weights: int) -> None:
    """Raises InputError where less is free than the run with so many weights still has to write."""
    sizes = dict.fromkeys(stage.size for stage in stages.plan(run.config))
    to_decode = sum(pixels.missing(listing, size, run.config.interpolation, run.config.proportions) for size in sizes)
    stored = sum(path.stat().st_size for path in (run.resume_path, run.model_path) if path.exists())
    files = max(0, _checkpoints(run.config, weights) - stored) + _REST
    if pixels.folder().stat().st_dev != home.folder().stat().st_dev:
        shortage.require_room(pixels.folder(), to_decode, "the folder of decoded photographs (CATSDOGS_PIXELS)")
        to_decode = 0
    what = "the run with its checkpoints" + (" and decoded photographs" if to_decode else "")
    shortage.require_room(home.folder(), to_decode + files, what)


def _checkpoints(config: Config, weights: int) -> int:
    """Bytes of the model and of the resume point, the next one of each included."""
    of_each_weight = _NUMBERS[config.optimizer] + bool(config.ema_momentum) + 1
    return _AT_ONCE * _BYTES * weights * (of_each_weight + 1)
