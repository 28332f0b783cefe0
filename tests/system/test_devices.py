"""The device to train on, and the dtype: on this machine's processor, with and without a driver that reports a GPU."""

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from catsdogs.system import devices

# They stand for libraries that need a driver and a GPU.
KERAS = """
class distribution:
    list_devices = staticmethod(lambda: ["{name}:0"])
class backend:
    backend = staticmethod(lambda: "tensorflow")
"""
PYNVML = """
class NVMLError(Exception): pass
class NVMLError_NotSupported(NVMLError): pass
class c_nvmlMemory_t: pass

is_open = False

def nvmlInit():
    global is_open
    assert not is_open, "never shut down"
    if gpus is None:
        raise NVMLError("Driver Not Loaded")
    is_open = True

def nvmlShutdown():
    global is_open
    is_open = False

def nvmlDeviceGetCount():
    return len(gpus)

def nvmlDeviceGetHandleByIndex(index):
    if gpus[index] is None:
        raise NVMLError("GPU is lost")
    return gpus[index]

def nvmlDeviceGetName(gpu):
    return gpu[0]

def nvmlDeviceGetUUID(gpu):
    return "GPU-of-" + gpu[0]

def nvmlDeviceGetMemoryInfo(gpu):
    if gpu[1] is None:
        raise NVMLError_NotSupported("Not Supported")
    memory = c_nvmlMemory_t()
    memory.total = gpu[1] * 2**30
    return memory
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Call it with the name and the text of a module to import it here, and in the process that `find` asks, instead of the real one."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))

    def install(name, text):
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setitem(sys.modules, name, module)

    return install


@pytest.fixture
def driver(stand_in, monkeypatch):
    """Call it with the GPUs that the driver reports, (name, GiB or None) each, or with None where there is no driver."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return lambda gpus: stand_in("pynvml", f"gpus = {gpus!r}\n{PYNVML}")


@pytest.fixture
def usable(stand_in):
    """The backend can use a GPU."""
    stand_in("keras", KERAS.format(name="gpu"))


@pytest.fixture
def unusable(stand_in):
    """The backend can use no GPU."""
    stand_in("keras", KERAS.format(name="cpu"))


def test_the_stand_in_has_only_names_of_the_library():
    import pynvml

    assert set(re.findall(r"(?:class|def) (\w+)", PYNVML)) <= set(dir(pynvml))


def test_the_processor_has_name_memory_and_cores():
    device = devices.processor()
    assert device.kind == "CPU" and device.note == ""
    assert device.name.strip() == device.name != ""
    assert 0.25 < device.memory < 100_000
    assert 1 <= device.cores <= os.cpu_count()
    assert str(device) == f"CPU: {device.name}, {device.cores} cores, {device.memory:.0f} GiB"


@pytest.mark.parametrize("gpus", [None, [], [None]], ids=["no driver", "no GPU", "a lost GPU"])
def test_without_a_gpu_page_and_worker_use_the_processor(gpus, driver, unusable):
    driver(gpus)
    assert devices.find() == devices.in_use() == devices.processor()


def test_a_missing_driver_library_means_no_gpu(monkeypatch):
    import pynvml

    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(pynvml, "nvmlLib", None)
    monkeypatch.setattr(pynvml, "CDLL", missing)
    assert devices.find() == devices.processor()


def test_an_unusable_gpu_is_named_with_what_to_install(driver, unusable):
    driver([("NVIDIA Test GPU", 24)])
    note = "NVIDIA Test GPU is there, but tensorflow can't use it: install requirements-gpu.txt."
    assert devices.find() == devices.in_use() == replace(devices.processor(), note=note)


@pytest.mark.parametrize(("name", "reported", "memory"), [("NVIDIA Test GPU", 24, 24.0), ("NVIDIA GB10", None, 0)])
def test_a_usable_gpu_has_its_name_and_memory_if_known(name, reported, memory, driver, usable):
    driver([(name, reported)])
    assert devices.find() == devices.in_use() == devices.Device("GPU", name, memory)


def test_a_hidden_gpu_is_not_mentioned(driver, monkeypatch):
    driver([("NVIDIA Test GPU", 24)])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert devices.find() == devices.processor()


@pytest.mark.parametrize("visible", ["1", "GPU-of-Two"])
def test_hidden_gpus_do_not_count(visible, driver, usable, monkeypatch):
    driver([("One", 24), ("Two", 80)])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert devices.find().name == devices.in_use().name == "Two"


@pytest.mark.parametrize(("visible", "expected"), [(None, "0 1 2"), ("2,0", "2 0"), ("GPU-of-Two", "GPU-of-Two")])
def test_every_visible_gpu_is_a_slot(visible, expected, driver, usable, monkeypatch):
    driver([("One", 24), ("Two", 80), ("Three", 80)])
    if visible:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert devices.slots() == [{"CUDA_VISIBLE_DEVICES": name} for name in expected.split()]


def test_a_processor_is_one_slot(driver):
    driver(None)
    assert devices.slots() == [{}]


def test_a_device_is_written_in_words():
    device = devices.Device("GPU", "NVIDIA Test GPU", 24.0, note="as it is")
    assert str(device) == "GPU: NVIDIA Test GPU, 24 GiB"


def test_tensorflow_names_its_devices_as_the_stand_ins_do_and_gives_people_no_advice_on_how_to_call_it():
    code = """
import logging
from catsdogs.system import devices
devices.load()
import keras
logging.getLogger("tensorflow").warning("So call it")
print(*keras.distribution.list_devices())
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.stderr == "" and re.fullmatch(r"(cpu:\d+ ?)+|(gpu:\d+ ?)+", ended.stdout.strip())
