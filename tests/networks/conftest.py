"""Where weights come from in the tests of this folder: an empty cache, and a server of the test's own or none."""

import socket
import threading
from contextlib import contextmanager
from functools import cache as remembered

import pytest
from keras.src.applications import convnext, efficientnet_v2

from catsdogs.errors import InputError
from catsdogs.networks import pretrained, registry
from catsdogs.settings.config import Config
from tests.serving import Server


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Keras' cache folder, empty."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "models"


@pytest.fixture
def server(cache, monkeypatch):
    with Server() as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setattr(pretrained, "BASE", f"http://127.0.0.1:{made.server_port}/")
        yield made
        made.shutdown()


@pytest.fixture
def unreachable(cache, monkeypatch):
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setattr(pretrained, "BASE", f"http://127.0.0.1:{free.getsockname()[1]}/")
        yield


@contextmanager
def shallow():
    """Build EfficientNetV2 and ConvNeXt of one block of each kind: a third of the layers, which take seconds, and no kind less."""
    blocks, tiny = efficientnet_v2.DEFAULT_BLOCKS_ARGS, convnext.MODEL_CONFIGS["tiny"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(blocks, "efficientnetv2-b0", [{**block, "num_repeat": 1} for block in blocks["efficientnetv2-b0"]])
        patch.setitem(tiny, "depths", [1] * len(tiny["depths"]))
        yield


@pytest.fixture(scope="session")
def built():
    """A shallow network for 32 px, by its name and dtype, with random weights, built once. Leave it trainable as it is."""
    return remembered(_build)


def _build(name, dtype="float32"):
    with shallow():
        return registry.build(Config(model=name, target_size=32), dtype)


def refusal(function, config) -> str:
    """The one sentence in which the function refuses the configuration."""
    with pytest.raises(InputError) as refused:
        function(config)
    assert "\n" not in str(refused.value) and str(refused.value).endswith(".")
    return str(refused.value)
