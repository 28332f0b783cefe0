"""What a training would run on, and in which number format: on this machine's processor, with and without a driver that reports a GPU."""

import json
import os

import pytest

from catsdogs.system import devices
from catsdogs.training import precision


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Call it with what `nvidia-smi` shall print, and the status it shall end with."""

    def install(text, status=0):
        program = tmp_path / "bin" / "nvidia-smi"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\nprintf '%s\\n' '{text}'\nexit {status}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")

    return install


def test_the_processor_has_name_memory_and_cores():
    device = devices.processor()
    assert device.kind == "CPU" and device.note == ""
    assert device.name.strip() == device.name != ""
    assert 0.25 < device.memory < 100_000
    assert 1 <= device.cores <= os.cpu_count()
    assert str(device) == f"CPU: {device.name}, {device.cores} cores, {device.memory:.0f} GiB"


def test_without_a_gpu_it_is_the_processor_for_page_and_worker_alike(driver):
    driver("NVIDIA-SMI has failed", status=9)
    assert devices.find() == devices.in_use() == devices.processor()


def test_a_gpu_that_the_backend_cannot_use_is_named_with_what_to_install(driver, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    driver("NVIDIA Test GPU, 24576")
    device = devices.find()
    assert device.kind == "CPU" and device.name == devices.processor().name
    assert "NVIDIA Test GPU" in device.note and "requirements-gpu.txt" in device.note


def test_a_gpu_whose_memory_the_driver_does_not_know_is_none_the_less_one(driver, monkeypatch):
    """What nvidia-smi prints where GPU and processor share their memory."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    driver("NVIDIA GB10, [N/A]")
    assert "NVIDIA GB10" in devices.in_use().note


def test_a_gpu_that_was_hidden_on_purpose_is_not_mentioned(driver, monkeypatch):
    driver("NVIDIA Test GPU, 24576")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert devices.find() == devices.processor()


def test_only_the_gpus_that_are_not_hidden_count(driver, monkeypatch):
    driver("NVIDIA One, 24576\nNVIDIA Two, 81920")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert "NVIDIA Two" in devices.in_use().note


def test_a_processor_is_one_place_to_train(driver):
    assert devices.slots() == [{}]


def test_a_device_survives_json():
    device = devices.Device("GPU", "NVIDIA Test GPU", 24.0, note="as it is")
    assert devices.Device(**devices.to_json(device)) == device
    assert str(device) == "GPU: NVIDIA Test GPU, 24 GiB"


def test_the_fastest_number_format_is_measured_once_and_taken_if_it_is_clearly_faster(home):
    processor = devices.processor()
    assert precision.choose("mixed_bfloat16", processor) == ("mixed_bfloat16", {})
    chosen, speeds = precision.choose("auto", processor)
    assert chosen in speeds and set(speeds) == {"float32", "mixed_bfloat16"} and min(speeds.values()) > 0
    stored = home / "precision.json"
    (device,) = json.loads(stored.read_text(encoding="utf-8"))
    for faster, expected in ((110, "float32"), (130, "mixed_bfloat16")):
        stored.write_text(json.dumps({device: {"float32": 100, "mixed_bfloat16": faster}}), encoding="utf-8")
        assert precision.choose("auto", processor) == (expected, {"float32": 100, "mixed_bfloat16": faster})
