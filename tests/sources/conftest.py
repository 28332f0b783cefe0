import hashlib
import io
import zipfile
from dataclasses import replace

import pytest

from catsdogs.sources import catalogue
from catsdogs.system import transfer
from tests.images import noise
from tests.sources.offering import Server


@pytest.fixture(scope="session")
def content():
    """A ZIP file of 24 images, laid out as Google's starter set is."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for number in range(24):
            image = io.BytesIO()
            noise(number, (240, 200)).save(image, "JPEG")
            kind = ("cats", "dogs")[number % 2]
            made.writestr(f"filtered/{'train' if number < 16 else 'validation'}/{kind}/{kind}.{number}.jpg", image.getvalue())
    return file.getvalue()


@pytest.fixture
def server(content, monkeypatch):
    monkeypatch.setattr(transfer, "_PAUSE", 0.01)
    made = Server(content)
    yield made
    made.silence.set()
    made.shutdown()
    made.server_close()


@pytest.fixture
def offer(server, content):
    return replace(catalogue.FULL, url=server.url, size=len(content), sha256=hashlib.sha256(content).hexdigest())
