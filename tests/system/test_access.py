"""Who may do what: held by the library's actions, whoever calls them."""

from pathlib import Path

import pytest

from catsdogs.analysis import looks
from catsdogs.data import corrections, dataset, known_folders
from catsdogs.drawn import demo
from catsdogs.export import run_import
from catsdogs.inference import calibrating, measuring
from catsdogs.queue import jobs, range_tests, searches, sweeps
from catsdogs.runs import store, trash
from catsdogs.settings.config import Config
from catsdogs.sources import download, intake, library
from catsdogs.system import access
from catsdogs.system.access import Person, Refused
from tests import storing

ACTIONS = {
    "queue a run": lambda run, folder: jobs.create([Config(data=str(folder))]),
    "queue a sweep": lambda run, folder: sweeps.create("rates", [Config(data=str(folder))]),
    "begin a search": lambda run, folder: searches.create("rates", Config(data=str(folder)), {"optimizer": ("adam", "sgd")}, 600),
    "cancel a search": lambda run, folder: searches.cancel("rates"),
    "find a learning rate": lambda run, folder: range_tests.start(Config(data=str(folder))),
    "queue it again": lambda run, folder: jobs.submit(run),
    "resume": lambda run, folder: jobs.resume(run),
    "stop": lambda run, folder: jobs.stop(run),
    "move": lambda run, folder: jobs.move(run, -1),
    "delete a run": lambda run, folder: trash.put(run),
    "restore a run": lambda run, folder: trash.restore(run.id),
    "label": lambda run, folder: store.change_label(run, name="mine"),
    "measure": lambda run, folder: measuring.measure(None, None),
    "keep what a network found": lambda run, folder: looks.save(None, run, [], None),
    "bring a run back": lambda run, folder: run_import.add(folder / "run.zip"),
    "calibrate": lambda run, folder: calibrating.calibrate(run, None, None),
    "rename a data set": lambda run, folder: library.rename(folder, "mine"),
    "delete a data set": lambda run, folder: library.delete(folder),
    "correct": lambda run, folder: corrections.change(folder, images={"a.jpg": corrections.FINE}),
    "draw": lambda run, folder: demo.create(folder / "new", 20),
    "import a ZIP file": lambda run, folder: intake.add_archive(folder / "a.zip"),
    "import a folder": lambda run, folder: intake.add_folder(folder),
    "import files": lambda run, folder: intake.add_files([("cats/1.jpg", b"")], "mine"),
    "add a picture": lambda run, folder: intake.extend(folder, "cats", b""),
    "begin a data set": lambda run, folder: intake.create("mine"),
    "download": lambda run, folder: download.fetch(None),
    "forget a download": lambda run, folder: download.forget(None),
    "give a download up": lambda run, folder: download.give_up(None),
}


@pytest.fixture
def come_in():
    """Have somebody else ask from now on; the owner again in the end."""
    yield lambda person: access.identify_by(lambda: person)
    access.identify_by(lambda: access.OWNER)


def everything(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("person", [None, Person("Ada", may_train=False)], ids=["nobody", "who may look"])
@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_not_train_changes_nothing(action, person, come_in, home, tmp_path):
    run = storing.trained(storing.epoch(1))
    before = everything(home)
    come_in(person)
    with pytest.raises(Refused):
        ACTIONS[action](run, tmp_path)
    assert everything(home) == before and not list(tmp_path.iterdir())


def test_nobody_may_open_a_data_set_without_signing_in(come_in, home):
    come_in(None)
    with pytest.raises(Refused, match="sign in first"):
        dataset.check(home / "data" / "drawn")


@pytest.mark.parametrize("to", ["elsewhere", "data/../elsewhere", "roots/link", "rootsy", "no such folder", "\0", "~root", "loop"])
def test_a_visitor_opens_nothing_outside_of_the_roots(to, come_in, home, tmp_path):
    for name in ("elsewhere/cats", "roots", "rootsy"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "roots" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    come_in(Person(roots=(tmp_path / "roots",)))
    for open_it in (dataset.check, lambda folder: jobs.create([Config(data=folder)])):
        with pytest.raises(Refused, match="only folders below"):
            open_it(to if to == "~root" else str(tmp_path / to))
    assert store.list_all() == []


def test_a_visitor_opens_what_lies_below_a_root_and_the_application_s_own_data_sets(come_in, home, tmp_path):
    demo.create(tmp_path / "roots" / "drawn", 20)
    demo.create(home / "data" / "drawn", 20)
    demo.create(tmp_path / "elsewhere", 20)
    dataset.check(tmp_path / "elsewhere")
    (tmp_path / "linked").symlink_to(tmp_path / "roots")
    come_in(Person(roots=(tmp_path / "linked",)))
    for folder in (tmp_path / "roots" / "drawn", home / "data" / "drawn"):
        assert len(dataset.check(folder).photos) == 20
    assert tmp_path / "elsewhere" not in known_folders.load(), "not even its name"


def test_a_run_says_who_started_it_and_one_of_earlier_versions_says_nothing(come_in, home, nothing_starts):
    old = store.create(Config())
    assert (store.load(old.id).by, "by" in (old.folder / "config.json").read_text()) == ("", False)
    come_in(Person("Ada"))
    (home / "data").mkdir()
    [run] = jobs.create([Config(data=str(home / "data" / "drawn"))])
    assert store.load(run.id).by == "Ada"
