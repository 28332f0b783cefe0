"""Runs brought back on the page Results, by the process that has Keras loaded."""

import pytest

from catsdogs.errors import InputError
from catsdogs.export import bundle
from catsdogs.networks import registry
from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.system import access
from catsdogs.system.access import Limits, Person, Refused
from pages.parts.shared import backend, names
from tests.limits import files_up_to
from tests.pages.opening import button, checked, open_page, press
from tests.storing import finished


@pytest.fixture(scope="module")
def downloaded(tmp_path_factory) -> tuple[str, bytes]:
    """The id of a run of another server, and its ZIP file."""
    with pytest.MonkeyPatch.context() as there:
        there.setenv("CATSDOGS_HOME", str(tmp_path_factory.mktemp("there")))
        run = finished(Config(model="dense", dense_units=16, target_size=32, precision="float32"))
        registry.build(run.config).save(run.model_path)
        return run.id, bundle.make(run)


def put(app, *files: tuple[str, bytes]):
    """The page with these ZIP files in the box."""
    box = next(found for found in app.file_uploader if found.label == "ZIP files of runs")
    return checked(box.set_value([(name, content, "application/zip") for name, content in files]).run())


def test_a_run_is_imported_into_an_empty_workspace_and_selected(downloaded):
    id, content = downloaded
    app = press(put(open_page("results"), ("run.zip", content)), "Import")
    assert [run.id for run in store.list_all()] == [id] and not app.error
    assert app.query_params["run"] in (id, [id]) and "1 run imported." in app.toast[0].value
    assert not app.file_uploader[0].value and button(app, "Import").disabled
    assert not list(store.load(id).folder.parent.glob(".*"))


def test_a_run_that_was_deleted_and_imported_again_is_not_said_to_be_deleted(downloaded):
    id, content = downloaded
    app = press(put(open_page("results"), ("run.zip", content)), "Import")
    app.button(key="delete").click().run()
    assert not store.list_all() and button(app, "Undo")
    app = press(put(app, ("run.zip", content)), "Import")
    assert [run.id for run in store.list_all()] == [id] and not app.error
    assert "Undo" not in [each.label for each in app.button] and not list(store.load(id).folder.parent.glob(".*"))


def test_each_file_that_is_refused_says_why_and_the_others_are_imported(downloaded):
    id, content = downloaded
    files = [("a.zip", b"nothing"), ("b.zip", content), ("c [1](x).zip", content), ("d.zip", content[: len(content) // 2])]
    app = press(put(open_page("results"), *files), "Import")
    assert [run.id for run in store.list_all()] == [id]
    said = [error.value for error in app.error]
    assert said[0].startswith("a.zip is not a ZIP file") and len(said) == 3
    assert said[1].startswith(f"Run “{names.with_seed(store.load(id))}” is here already")


def test_a_full_disk_is_said_and_nothing_stays(downloaded):
    id, content = downloaded
    app = put(open_page("results"), ("run.zip", content))
    with files_up_to(4096):
        app = press(app, "Import")
    assert "run.zip needs" in app.error[0].value and not store.list_all() and not store.list_unreadable()


def test_what_has_to_stay_free_stays_free_of_what_a_run_unpacks_to(downloaded, tmp_path):
    path = tmp_path / "run.zip"
    path.write_bytes(downloaded[1])
    access.identify_by(lambda: Person("Ada", limits=Limits(free=10**18)))
    try:
        with pytest.raises(InputError, match="the run in run.zip needs .* must stay free"):
            backend.import_run(path, "run.zip")
    finally:
        access.identify_by(lambda: access.OWNER)
    assert not store.list_all()


def test_who_may_only_look_imports_nothing(downloaded, tmp_path):
    path = tmp_path / "run.zip"
    path.write_bytes(downloaded[1])
    access.identify_by(lambda: Person("Ada", may_train=False))
    try:
        with pytest.raises(Refused):
            backend.import_run(path, "run.zip")
    finally:
        access.identify_by(lambda: access.OWNER)
    assert not store.list_all()


@pytest.mark.parametrize("name", ["results", "train", "classify"])
def test_a_run_whose_data_set_no_folder_here_can_be_called_opens(name):
    run = finished(Config(model="dense", dense_units=16, target_size=32, precision="float32", data=f"/{'d' * 300}"))
    registry.build(run.config).save(run.model_path)
    assert not open_page(name, **{"model" if name == "classify" else "run": run.id}).exception
