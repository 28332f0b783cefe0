"""What a training will run on: the GPU where there is one that the backend can use, else the processor.

`find` asks without importing TensorFlow, so that a page can; `in_use` asks the backend inside of a worker.
"""

import csv
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

_ASK_DRIVER = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")


@dataclass(frozen=True)
class Device:
    """`kind` is "GPU" or "CPU"; `memory` in GiB, that of the GPU or of the machine; `cores` of the processor, 0 for a GPU.

    `note` tells people why a GPU that the driver reports is not the one.
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
    """Call before Keras is first imported: the GPU's memory is taken as needed, so that server and worker can share it."""
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def load() -> None:
    """Import Keras with the process's error stream closed: TensorFlow's first lines about CUDA heed none of its own settings."""
    prepare()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import keras

        keras.distribution.list_devices()  # which says the last of them
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def find() -> Device:
    """The device that a worker will train on. Where the driver reports a GPU, a process of its own asks the backend."""
    if not _nvidia_gpus():
        return processor()
    question = "import json; from catsdogs.system import devices; print(json.dumps(devices.to_json(devices.in_use())))"
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
    """What can train at the same time, each as the variables that make a worker use it alone: every GPU, else the processor."""
    if find().kind == "CPU":
        return [{}]
    return [{"CUDA_VISIBLE_DEVICES": number} for number in _nvidia_gpus()]


def compiles(device: Device) -> bool:
    """Whether XLA pays on it: always with JAX; with TensorFlow on a GPU, while on processors a step takes twice as long."""
    import keras

    return keras.backend.backend() == "jax" or device.kind == "GPU"


def to_json(device: Device) -> dict:
    """Plain data for JSON; `Device(**content)` reads it back."""
    return asdict(device)


def processor() -> Device:
    """The machine's processor with its memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Device("CPU", _processor_name(), memory, _cores())


def _nvidia_gpus() -> dict[str, Device]:
    """The GPUs that the driver reports and CUDA_VISIBLE_DEVICES doesn't hide, by number."""
    try:
        answer = subprocess.run(_ASK_DRIVER, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    if answer.returncode != 0:
        return {}
    rows = csv.reader(answer.stdout.splitlines(), skipinitialspace=True)
    gpus = [Device("GPU", name, float(megabytes) / 1024 if megabytes.isdecimal() else 0) for name, megabytes in rows]
    numbers = [str(number) for number in range(len(gpus))]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", ",".join(numbers)).split(",")
    return {number: gpus[int(number)] for number in visible if number in numbers}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()  # macOS lacks the former


def _processor_name() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
