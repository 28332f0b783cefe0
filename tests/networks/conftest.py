"""Where weights come from in the tests of this folder: an empty cache, and a server of the test's own or none."""

import socket
import threading
from functools import cache as remembered

import pytest

from catsdogs.errors import InputError
from catsdogs.networks import pretrained
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


@pytest.fixture(scope="session")
def built():
    """A network for 32 px, by its name and dtype, with random weights: built once, as some take seconds. Leave it trainable as it is."""
    from catsdogs.networks import registry
    from catsdogs.settings.config import Config

    return remembered(lambda name, dtype="float32": registry.build(Config(model=name, target_size=32), dtype))


def refusal(function, config) -> str:
    """The one sentence in which the function refuses the configuration."""
    with pytest.raises(InputError) as refused:
        function(config)
    assert "\n" not in str(refused.value) and str(refused.value).endswith(".")
    return str(refused.value)
