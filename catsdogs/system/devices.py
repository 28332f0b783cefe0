"""The device to train on: a GPU if there is one that Keras' backend can use, else the processor.

`find` answers without importing Keras, for pages; `in_use` asks Keras' backend, inside a worker.
"""

import gc
import json
import logging
import os
import platform
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from catsdogs.errors import InputError

BACKENDS = {"tensorflow": ("pandas", "scipy", "jax"), "jax": ("pandas",)}  # of Keras; with packages that it imports but does not need


@dataclass(frozen=True)
class Device:
    """A GPU or the processor: `kind` is "GPU" or "CPU"; `memory`, its own or the machine's, is in GiB, 0 if unknown; a GPU has 0 `cores`.

    `note` says why a GPU that the driver reports is not used.
    """

    kind: str
    name: str
    memory: float
    cores: int = 0
    note: str = ""

    def __str__(self) -> str:
        cores = f", {self.cores} cores" if self.cores else ""
        return f"{self.kind}: {self.name}{cores}, {self.memory:.0f} GiB"


def prepare() -> None:
    """Set up the environment for Keras, before it is first imported: GPU memory is allocated as needed, so that server and worker can share
    it. Raises InputError for a backend that can't be used.
    """
    os.environ["KERAS_BACKEND"] = backend()  # keras.json in the user's home folder could name another one
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def load() -> None:
    """Import Keras with the process's error stream silenced: TensorFlow's first lines about CUDA ignore its own settings.

    Packages that Keras does not need are kept out, which saves 130 MB and a fifth of the time; they can be imported afterwards. Garbage is
    not collected meanwhile, which saves another sixth, and what was loaded is exempt from later collections.
    """
    prepare()
    if "keras" in sys.modules:
        return
    hidden = [name for name in BACKENDS[backend()] if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # as if they were not installed
    gc.disable()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import keras

        keras.distribution.list_devices()  # which prints the last of them
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        for name in hidden:
            del sys.modules[name]
        gc.enable()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # its advice on how to call it is not for people
    gc.freeze()


def backend() -> str:
    """Keras' backend, as KERAS_BACKEND says; TensorFlow by default. Raises InputError if it is not supported, or not installed."""
    name = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if name not in BACKENDS:
        raise InputError(f"KERAS_BACKEND = {name!r}: must be {' or '.join(BACKENDS)}.")
    if find_spec(name) is None:
        raise InputError(f"KERAS_BACKEND = {name!r}, which is not installed. Install it (see docs/backends.md), or unset the variable.")
    return name


def find() -> Device:
    """The device that a worker will train on. If the driver reports a GPU, a separate process asks the backend."""
    if not _nvidia_gpus():
        return processor()
    question = "import json; from catsdogs.system import devices; print(json.dumps(vars(devices.in_use())))"
    answer = subprocess.run([sys.executable, "-P", "-c", question], capture_output=True, text=True)
    return Device(**json.loads(answer.stdout.splitlines()[-1])) if answer.returncode == 0 else processor()


def in_use() -> Device:
    """The device that Keras' backend trains on in this process. Imports Keras."""
    prepare()
    import keras

    reported = list(_nvidia_gpus().values())
    if any("cpu" not in name for name in keras.distribution.list_devices()):
        return reported[0] if reported else Device("GPU", "unknown", 0)
    if not reported:
        return processor()
    note = f"{reported[0].name} is there, but {keras.backend.backend()} can't use it: install requirements-gpu.txt."
    return replace(processor(), note=note)


def slots() -> list[dict[str, str]]:
    """The devices that can train at the same time, all GPUs or else the processor, each as environment variables for a worker on it."""
    if find().kind == "CPU":
        return [{}]
    return [{"CUDA_VISIBLE_DEVICES": name} for name in _nvidia_gpus()]


def compiles(device: Device) -> bool:
    """Whether XLA compiles: JAX always does; with TensorFlow, it pays on a GPU but doubles the time of a step on a processor."""
    import keras

    return keras.backend.backend() == "jax" or device.kind == "GPU"


def processor() -> Device:
    """The machine's processor with its memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()  # macOS lacks the former
    return Device("CPU", _processor_name(), memory, cores)


def _nvidia_gpus() -> dict[str, Device]:
    """The GPUs that the driver reports and CUDA_VISIBLE_DEVICES doesn't hide, by index or UUID, as the variable names them."""
    import pynvml as nvml  # takes longer than the rest of this module

    gpus = {}
    try:
        nvml.nvmlInit()
        try:
            for index in range(nvml.nvmlDeviceGetCount()):
                handle, memory = nvml.nvmlDeviceGetHandleByIndex(index), 0
                with suppress(nvml.NVMLError_NotSupported):  # raised if GPU and processor share memory
                    memory = nvml.nvmlDeviceGetMemoryInfo(handle).total / 2**30
                gpus[str(index)] = gpus[nvml.nvmlDeviceGetUUID(handle)] = Device("GPU", nvml.nvmlDeviceGetName(handle), memory)
        finally:
            nvml.nvmlShutdown()
    except nvml.NVMLError:  # no driver, or one that fails
        return {}
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", ",".join(filter(str.isdecimal, gpus)))
    return {name: gpus[name] for name in visible.split(",") if name in gpus}


def _processor_name() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
