"""Which dtype policy the device trains fastest in, by measurement. Kept in the home folder, so it is measured once per device."""

import statistics
import time
from typing import Annotated, NotRequired

import keras
import numpy as np
from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic's own, which asks for it before Python 3.12

from catsdogs.networks import registry
from catsdogs.settings import Config
from catsdogs.system import devices, home, lists
from catsdogs.system.devices import Device

_WORTH_IT = 1.15  # less than this factor over float32 is noise
_ROUNDS, _STEPS = 3, 4
_Speed = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_PROBE = Config(model="conv2d", target_size=64, batch_size=32, dense_units=64)


@with_config(ConfigDict(strict=True, extra="allow"))
class _Speeds(TypedDict):
    """Images per second by dtype."""

    float32: _Speed
    mixed_bfloat16: NotRequired[_Speed]


def choose(requested: str, device: Device) -> tuple[str, dict[str, float]]:
    """The Keras dtype policy to train in, and the measured images per second of each (empty where one was requested)."""
    if requested != "auto":
        return requested, {}
    path = home.folder() / "precision.json"
    key = f"{device}, {keras.backend.backend()}, Keras {keras.version()}"
    measured = lists.read(path, dict[str, _Speeds], {})
    if key not in measured:
        speeds = measure(device)  # without the lock: it takes long, and another worker may need another device's
        measured = lists.change(path, dict[str, _Speeds], {}, lambda stored: {key: speeds, **stored})
    speeds = measured[key]
    fastest = max(speeds, key=speeds.get)
    return (fastest if speeds[fastest] > _WORTH_IT * speeds["float32"] else "float32"), speeds


def measure(device: Device) -> dict[str, float]:
    """Images per second by dtype policy, in training steps of the study's CNN at 64 px and batch size 32: medians of alternating rounds."""
    dtypes = ["float32", "mixed_bfloat16"]
    trained = {name: _compiled(name, device) for name in dtypes}
    random = np.random.default_rng(0)
    side = _PROBE.target_size
    images = random.integers(0, 256, (_PROBE.batch_size, side, side, 3), dtype=np.uint8)
    labels = random.integers(0, 2, (_PROBE.batch_size, 1)).astype(np.float32)
    seconds = {name: [] for name in dtypes}
    for turn in range(_ROUNDS + 1):
        for name in dtypes:
            start = time.perf_counter()
            for _ in range(_STEPS):
                trained[name].train_on_batch(images, labels)
            if turn > 0:  # the first one compiles
                seconds[name].append(time.perf_counter() - start)
    return {name: round(_STEPS * _PROBE.batch_size / statistics.median(times)) for name, times in seconds.items()}


def _compiled(name: str, device: Device) -> keras.Model:
    model = registry.build(_PROBE, name)
    model.compile("sgd", "binary_crossentropy", jit_compile=devices.compiles(device))
    return model
