"""Every page opens beside damaged runs and lists, names them, and deletes the runs."""

import os
import shutil

import pytest

from catsdogs.data import dataset
from catsdogs.export import conversion
from catsdogs.queue import jobs
from catsdogs.runs import Run, liveness, store
from catsdogs.settings.config import Config
from catsdogs.system import access
from catsdogs.system import home as homes
from pages.parts.data import receiver
from pages.parts.shared import names
from tests import breaking, storing
from tests.breaking import say, say_in_line
from tests.images import photographs
from tests.pages.opening import button, end_session, open_page, press, texts

PAGES = ("data", "train", "results", "classify")
FILES = ("config.json", "status.json", "environment.json", "history.jsonl", "evaluation.json", "predictions.csv")
SAYS = {
    "newer": ("config.json", say(mixup=0.2)),
    "asleep": ("status.json", say(state="asleep")),
    "text": ("history.jsonl", say_in_line(0, epoch="one")),
    "nan": ("evaluation.json", say(test__accuracy=float("nan"))),
    "seven": ("evaluation.json", say(test__accuracy=7)),
}
ODD = ("{id} (copy)", os.fsdecode(b"K\xe4tzchen"), "# 1. :red[x] $5$ *my*")


@pytest.fixture
def folder(tmp_path):
    made = photographs(tmp_path / "photos", {"cats": 50, "dogs": 50})
    dataset.check(made)
    return made


@pytest.fixture
def good(folder):
    return storing.finished(Config(data=str(folder)))


@pytest.fixture
def damaged(good):
    """A run for each kind of damage to each of its files; returns how many there are."""
    parent = good.folder.parent
    for name in FILES:
        for kind, damage in {**breaking.ALL, "missing": breaking.remove}.items():
            damage(copy(good, f"{name.partition('.')[0]}-{kind.replace(' ', '_')}") / name)
    for id, (name, damage) in SAYS.items():
        damage(copy(good, id) / name)
    for name in ODD:
        copy(good, name.format(id=good.id))
    (parent / "notes.txt").write_text("a stray file")
    (parent / "dangling").symlink_to("nowhere")
    os.mkfifo(parent / "pipe")
    return len(os.listdir(parent)) - 1


def copy(run: Run, name: str):
    return shutil.copytree(run.folder, run.folder.with_name(name))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_beside_runs_of_every_kind_of_damage(page, damaged, good):
    app = open_page(page)
    assert store.list_all() == [good] and len(store.list_unreadable()) == damaged > 80
    assert not app.error
    if page == "results":
        assert app.expander[0].label.endswith(f"{damaged} runs can't be read")
        assert len(app.dataframe[0].value) == 1
        for sentence in ("status.json is empty.", "predictions.csv is a folder.", "which this version does not know"):
            assert sentence.replace("_", r"\_") in texts(app)
        for id in ("newer", "dangling", "notes.txt", r"K\udce4tzchen".replace("\\", "\\\\")):
            assert f"**{id}**" in texts(app)
    elif page != "data":
        assert any(f"{damaged} runs can't be read" in link.proto.label for link in app.get("page_link"))


def test_the_study_opens_beside_them(damaged):
    app = open_page("results", view="Repeat the study")
    assert "The study reports 96%" in app.info[0].value


@pytest.mark.parametrize("page", ["results", "train", "classify"])
def test_a_link_to_one_is_answered_in_a_sentence(page, good):
    breaking.CONTENTS["emptied"](copy(good, "damaged") / "status.json")
    app = open_page(page, **{"model" if page == "classify" else "run": "damaged"})
    told = [element.value for element in (*app.error, *app.warning)]
    assert any("damaged" in text for text in told), told


def test_repeating_one_is_refused_in_a_sentence(good):
    breaking.CONTENTS["emptied"](copy(good, "damaged") / "status.json")
    assert "Run damaged can't be read. status.json is empty." in open_page("train", like="damaged").error[0].value


def test_why_the_only_run_can_t_be_deleted_is_said_where_that_is_damaged(good):
    """It was said once there was a run that can be read."""
    breaking.CONTENTS["emptied"](good.folder / "status.json")
    with liveness.claim(good.folder):
        app = press(open_page("results"), "Delete")
        assert "is being worked on, and was asked to stop" in app.error[0].value


@pytest.mark.parametrize("name", ["damaged", "it is (copy)", os.fsdecode(b"K\xe4tzchen")])
def test_one_is_deleted_and_that_is_undone(name, good):
    breaking.CONTENTS["emptied"](copy(good, name) / "status.json")
    (found,) = store.list_unreadable()
    app = open_page("results")
    app.button(key=f"delete-{found.name}").click().run()
    assert not app.exception and store.list_unreadable() == [] and "1 run deleted." in texts(app)
    press(app, "Undo")
    assert store.list_unreadable() == [found]
    app.button(key=f"delete-{found.name}").click().run()
    app.switch_page("data.py").run()
    assert os.listdir(good.folder.parent) == [good.id]


def test_one_that_is_the_only_run_is_shown(good):
    breaking.CONTENTS["emptied"](good.folder / "status.json")
    app = open_page("results")
    assert "No runs yet" in texts(app) and f"**{names.plain(good.id)}** · status.json is empty." in texts(app)


@pytest.mark.parametrize("kind", ["emptied", "random bytes"])
@pytest.mark.parametrize("name", ["model.keras", "log.txt"])
def test_a_run_is_shown_whatever_its_log_and_its_model_hold(name, kind, good):
    (good.folder / name).write_bytes(b"some bytes" * 20)
    breaking.CONTENTS[kind](good.folder / name)
    assert "Confusion matrix" in texts(open_page("results", run=good.id))
    if name == "model.keras":
        assert open_page("classify", model=good.id).selectbox[0].value == good.id


def test_a_log_that_cannot_be_read_says_so_in_its_place(good):
    breaking.READING["on a broken disk"](good.folder / "log.txt")
    app = open_page("results", run=good.id)
    assert "log.txt can't be read (Input/output error)." in texts(app) and "Confusion matrix" in texts(app)


def test_a_folder_among_what_was_sent_and_exported_stops_nothing(home):
    for path in (home / "uploads" / "old", home / "exports" / "old"):
        path.mkdir(parents=True)
        os.utime(path, (0, 0))
    assert receiver.open_ticket()
    conversion._sweep()


@pytest.mark.usefixtures("the_owner_comes_back")
def test_what_was_set_aside_is_told_until_it_is_dismissed(good, home):
    (home / "folders.json").write_text("damaged")
    (home / "queue.json").write_text("damaged")
    (good.folder / "label.json").write_text("damaged")
    app = open_page("results")
    told = "\n".join(warning.value for warning in app.warning)
    assert len(app.warning) == 3 and all(name in told for name in ("folders.json", "queue.json", "label.json"))
    assert len(app.run().warning) == 3
    end_session()
    access.identify_by(lambda: access.Person(may_train=False))
    assert not open_page("data").warning
    access.identify_by(lambda: access.OWNER)
    app = open_page("data")
    assert len(app.warning) == 3, "another visitor is told as well"
    press(app, "Dismiss")
    assert not app.warning and not app.run().warning and not open_page("data").warning


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", ["cut in half", "a folder", "a pipe", "a link to itself"])
def test_every_page_opens_beside_lists_that_cannot_be_read(page, kind, good):
    jobs.create([])
    for path in (homes.folder() / "folders.json", homes.folder() / "queue.json", good.folder / "label.json"):
        path.touch()
        breaking.ALL[kind](path)
    app = open_page(page)
    assert len([told for told in app.warning if "set aside as" in told.value]) == 3 and not app.error


def test_another_tab_s_name_is_not_overwritten_by_what_stands_here(good):
    app = open_page("results", run=good.id)
    store.change_label(good, name="Theirs", note="of the other tab")
    app.text_input(key=f"note-{good.id}").set_value("Mine").run()
    assert store.load(good.id).label == store.Label("Theirs", "Mine")
    assert app.text_input(key=f"name-{good.id}").value == "Theirs"
    assert button(app, "Star")
