import json

from catsdogs.system import devices
from catsdogs.training import precision


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
