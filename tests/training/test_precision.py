import json
import os

import pytest

from catsdogs.system import devices, notices
from catsdogs.training import precision
from tests import breaking


@pytest.mark.parametrize("kind", [*breaking.ALL, "without a dtype", "a speed in words", "no speed at all"])
def test_measurements_that_cannot_be_read_are_begun_anew(kind, home, monkeypatch):
    stored, processor = home / "precision.json", devices.processor()
    stored.write_text(json.dumps({"another": {"float32": 100, "mixed_bfloat16": 200}}), encoding="utf-8")
    others = {"without a dtype": "{}", "a speed in words": '{"float32": "fast"}', "no speed at all": '{"float32": 0}'}
    breaking.ALL.get(kind, lambda path: path.write_text(f'{{"another": {others[kind]}}}'))(stored)
    monkeypatch.setattr(precision, "measure", lambda device: {"float32": 100, "mixed_bfloat16": 200})  # which takes seconds
    assert precision.choose("auto", processor) == ("mixed_bfloat16", {"float32": 100, "mixed_bfloat16": 200})
    (device,) = json.loads(stored.read_text(encoding="utf-8"))
    assert str(processor) in device and os.path.lexists(home / "precision.json.unreadable-1") and len(notices.take()) == 1


def test_what_another_worker_measured_meanwhile_is_kept(home, monkeypatch):
    stored, processor = home / "precision.json", devices.processor()

    def measure(device):
        stored.write_text(json.dumps({"another": {"float32": 1, "mixed_bfloat16": 2}}), encoding="utf-8")
        return {"float32": 100, "mixed_bfloat16": 200}

    monkeypatch.setattr(precision, "measure", measure)
    precision.choose("auto", processor)
    assert len(json.loads(stored.read_text(encoding="utf-8"))) == 2


def test_the_fastest_dtype_is_measured_once(home):
    processor = devices.processor()
    assert precision.choose("mixed_bfloat16", processor) == ("mixed_bfloat16", {})
    chosen, speeds = precision.choose("auto", processor)
    assert chosen in speeds and set(speeds) == {"float32", "mixed_bfloat16"} and min(speeds.values()) > 0
    stored = home / "precision.json"
    (device,) = json.loads(stored.read_text(encoding="utf-8"))
    for faster, expected in ((110, "float32"), (130, "mixed_bfloat16")):
        stored.write_text(json.dumps({device: {"float32": 100, "mixed_bfloat16": faster}}), encoding="utf-8")
        assert precision.choose("auto", processor) == (expected, {"float32": 100, "mixed_bfloat16": faster})
