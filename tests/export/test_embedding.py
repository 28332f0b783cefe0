"""Parts of the library in a script: its own text, which does the same in a process without the library."""

import ast
import gc
import inspect
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from catsdogs.data import dataset, layout, split
from catsdogs.export import embedding
from catsdogs.settings.config import Config
from tests import profiles
from tests.images import noise, photographs, picture

SCRIPT = '''"""Divides a folder."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Config:
    seed: int = 5
    validation_split: float = 0.2
    test_split: float = 0.1
    batch_size: int = 1
    near_copies_together: bool = True


from catsdogs.data import dataset, split
from catsdogs.data.corrections import Corrections

folder = Path(sys.argv[1])
listing = dataset.read(folder, Corrections())
print(json.dumps([[photo.path for photo in listing.photos], vars(split.make(listing, Config()))]))
'''


def in_class_folders(folder):
    return photographs(folder, {"Dog": 21, "Cat": 30})


def in_subsets(folder):
    for part, count in (("train", 30), ("validation", 7)):
        photographs(folder / "around" / part, {"cats": count, "dogs": count + 3})
    return folder


def flat(folder):
    for number in range(25):
        picture(folder / f"cat.{number}.jpg")
        picture(folder / f"dog.{number}.jpg")
    picture(folder / "landscape.jpg")
    return folder


def in_seg_folders(folder):
    for part, count in (("seg_train", 25), ("seg_test", 5)):
        photographs(folder / part, {"cats": count, "dogs": count})
    return folder


def flat_by_any_words(folder):
    for number in range(25):
        picture(folder / "Bilder" / f"Luna {number}.jpg")
        picture(folder / "Bilder" / f"Bello {number}.jpg")
    photographs(folder, {"annotations": 2})
    return folder


def run(script, *words, cwd):
    (cwd / "script.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-I", "-c", f"import sys; sys.modules['catsdogs'] = None; sys.argv = {['script.py', *map(str, words)]}"]
    command[-1] += "; import runpy; runpy.run_path('script.py', run_name='__main__')"
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=100)


def test_where_pillow_heif_is_missing_a_script_sets_heic_aside_and_reads_the_others(tmp_path):
    folder = in_class_folders(tmp_path / "photos")
    picture(folder / "Cat" / "phone.heic")
    noise(1).save(folder / "Cat" / "adobe.jpg", icc_profile=profiles.adobe_rgb())
    for package, aside in (("none", []), ("pillow_heif", ["Cat/phone.heic"])):
        script = SCRIPT.replace("import json\n", f"import json\nimport sys\nsys.modules[{package!r}] = None\n", 1)
        script += "print([entry.path for entry in listing.set_aside], [entry.reason for entry in listing.set_aside])\n"
        ended = run(embedding.embed(script), folder, cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
        said = ended.stdout.splitlines()[-1]
        assert said.startswith(str(aside)) and ("pip install pillow-heif" in said) == bool(aside)


@pytest.mark.parametrize("lay_out", [in_class_folders, in_subsets, in_seg_folders, flat, flat_by_any_words])
def test_without_the_library_a_script_does_what_the_library_does(lay_out, tmp_path):
    folder = lay_out(tmp_path / "photos")
    ended = run(embedding.embed(SCRIPT), folder, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    paths, subsets = json.loads(ended.stdout)
    listing = dataset.check(folder)
    assert paths == [photo.path for photo in listing.photos]
    expected = split.make(listing, Config(seed=5, validation_split=0.2, test_split=0.1, batch_size=1))
    assert subsets == {subset: list(getattr(expected, subset)) for subset in split.SUBSETS}


def test_the_text_of_a_part_is_the_librarys_own():
    script = embedding.embed(SCRIPT)
    for part in (layout.Candidate, dataset.Photo, split.Split):
        assert f"\n{inspect.getsource(part)}" in script
    assert "\nAT_ONCE = 100  # images that are correlated with one; " in script


@pytest.fixture
def turns():
    """While one thread parses, another gets its turn, as where a library is called back by the garbage collection."""

    def callback(*_):
        time.sleep(0)

    gc.callbacks.append(callback)
    yield
    gc.callbacks.remove(callback)


def test_scripts_are_written_in_several_threads_at_once(turns):
    def embed(number):
        return embedding.embed(SCRIPT.replace("seed: int = 5", f"seed: int = {number}") + "print(sys.argv)\n" * 500)

    with ThreadPoolExecutor(5) as pool:
        scripts = list(pool.map(embed, range(20)))
    assert scripts == [scripts[0].replace("seed: int = 0", f"seed: int = {number}") for number in range(20)]


def test_only_what_is_named_is_taken():
    script = embedding.embed(SCRIPT)
    defined = {node.name for node in ast.parse(script).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert {"Config", "dataset_read", "layout_read", "make", "InputError"} <= defined
    assert not {"check", "known", "label_of", "load"} & defined
    assert "import catsdogs" not in script and "from catsdogs" not in script
    assert script.count("class Config") == 1 and "pydantic" not in script


def test_things_of_one_name_are_told_apart(tmp_path):
    taken = (
        SCRIPT.replace("folder = Path", "def make():\n    return 7\n\n\nfor _given in (1, 2):\n    pass\nfolder = Path")
        + "print(make(), _given)\n"
    )
    script = embedding.embed(taken)
    assert "split = SimpleNamespace(make=split_make)" in script
    ended = run(script, in_class_folders(tmp_path / "photos"), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[1] == "7 2"
