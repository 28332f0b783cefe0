"""What the pages send to the process that classifies."""

import subprocess
import sys
from pathlib import Path

from pages.parts.shared import backend
from tests.browsing import PROJECT


def test_many_uploads_are_sent_in_portions_and_none_is_lost():
    small, large = ("small", bytes(10)), ("large", bytes(15_000_000))
    images = [small] * 40 + [large] * 3 + [("file", Path("cat.jpg"))]
    portions = list(backend.portions(images))
    assert [image for portion in portions for image in portion] == images
    assert [len(portion) for portion in portions] == [32, 9, 1, 2]
    assert list(backend.portions([])) == []


def test_what_a_server_imports_keeps_nothing_before_it_runs(home):
    ended = subprocess.run([sys.executable, "-c", "import app"], cwd=PROJECT, capture_output=True, text=True)
    assert ended.returncode == 0
    assert "No runtime found" not in ended.stderr  # Streamlit's, for each function whose answers it is to keep
