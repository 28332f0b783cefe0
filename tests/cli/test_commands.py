"""The command line: in this process, which has Keras loaded; what is about processes is in tests/test_main.py."""

import json
import os
import pty
import re
import shutil
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from catsdogs.__main__ import main
from catsdogs.analysis import measurements
from catsdogs.data import dataset
from catsdogs.inference import classifier
from catsdogs.networks import registry
from catsdogs.queue import dispatcher, jobs, range_tests, searches, sweeps, webhook
from catsdogs.runs import store, temperature, times
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from catsdogs.system import home, lists, passwords
from tests import storing
from tests.images import photographs, picture
from tests.queue.listening import Listener
from tests.running import own_signals

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
LISTED = tuple(dict.fromkeys(re.findall(r"^python -m catsdogs ([a-z][a-z-]*)", README, re.M)))
STARTED_BY_THE_APPLICATION = ("test-rates", "work", "dispatch", "search")
BUNDLED = store.load(store.SHIPPED)
MODEL = BUNDLED.model_path
SMALL = ("--set", "target_size=32", "--set", "batch_size=8", "--set", "dense_units=8", "--set", "precision=float32", "--epochs", "2")


class Ended(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def catsdogs(*words: str | Path) -> Ended:
    with own_signals(), redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            status = main([*map(str, words)])
        except SystemExit as ended:  # of --help
            status = ended.code
    return Ended(status, out.getvalue(), err.getvalue())


def test_the_cluster_that_trains_what_is_queued_is_named_beside_the_device(home):
    assert "Ray" not in catsdogs("device").stdout
    (home / "engine.toml").write_text('[ray]\naddress = "http://head:8265"\ncpus = 4\ngpus = 1\n')
    assert catsdogs("device").stdout.endswith("train on the Ray cluster at http://head:8265, each with 4 CPUs and 1 GPU.\n")
    (home / "engine.toml").write_text('[ray]\naddress = "http://head:8265"\ncpus = 0\n')
    ended = catsdogs("device")
    assert ended.returncode == 2 and ended.stderr.endswith("engine.toml has cpus = 0 in [ray]; it must be a whole number from 1.\n")


def test_versions_are_told_in_a_line_and_the_backend_is_the_one_in_use(monkeypatch):
    told = f"catsdogs {version('catsdogs')}, keras {version('keras')}, "
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert catsdogs("--version") == (0, f"{told}tensorflow {version('tensorflow')}\n", "")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert catsdogs("--version") == (0, f"{told}jax {version('jax')}\n", "")
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    for words in (("--version",), ("device",)):
        assert "KERAS_BACKEND = 'theano'" in refusal(*words)


def refusal(*words: str | Path) -> str:
    """The message: exit status 2 and one line."""
    ended = catsdogs(*words)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.startswith("catsdogs: ") and ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})


@pytest.fixture
def small_shipped(shipped):
    """Read and asked in a moment, for tests of what is around it."""
    run = store.load(store.SHIPPED)
    registry.build(Config(model="dense", dense_units=8, target_size=run.config.target_size)).save(run.model_path)
    return run


def test_a_password_is_hashed_and_a_short_one_refused(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("correct horse\n"))
    assert passwords.is_right("correct horse", catsdogs("password").stdout.strip())
    monkeypatch.setattr("sys.stdin", StringIO("horse\n"))
    assert "has 5 characters; give at least 8" in refusal("password")


def test_a_password_that_is_not_given_or_no_text_is_refused(monkeypatch):
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"\xff\xfe horse battery\n"), encoding="utf-8"))
    assert "is not valid UTF-8" in refusal("password")
    child, terminal = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-m", "catsdogs", "password"])
    with open(terminal, "r+b", buffering=0) as asked:
        said = b""
        while b"Password: " not in said:
            said += asked.read(1000)
        asked.write(b"\x04")  # Ctrl-D
        with suppress(OSError):  # the program has ended
            while more := asked.read(1000):
                said += more
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert said.split()[1:] == b"catsdogs: The password has 0 characters; give at least 8.".split()


def test_no_terminal_obeys_what_a_run_from_elsewhere_says():
    run = storing.finished(Config(preset="qu\x1b[2Jick\n"), right=50)
    found = json.loads((run.folder / "evaluation.json").read_text())
    (run.folder / "evaluation.json").write_text(json.dumps(found | {"class_names": ["a", "b\x1b[2J\n"]}))
    heading, line = catsdogs("runs").stdout.splitlines()
    assert r"qu\x1b[2Jick\n" in line and "\x1b" not in line


def test_the_runs_are_listed():
    assert "There are no runs yet." in catsdogs("runs").stdout
    run = storing.finished(Config(preset="quick"), right=90)
    heading, line = catsdogs("runs").stdout.splitlines()
    assert line.split()[:7] == [run.id, "finished", "quick", "2/10", "90.0%", "90.0%", "90.0%"] and heading.startswith("id")


def test_the_list_says_when_a_run_was_queued_and_when_it_started():
    waiting, run = store.create(Config()), storing.finished(Config())
    heading, *lines = catsdogs("runs").stdout.splitlines()
    queued, started = (f"{time.astimezone():%Y-%m-%d %H:%M}" for time in (run.created, datetime(2026, 1, 1, 10, tzinfo=UTC)))
    assert heading.split()[-2:] == ["queued", "started"]
    assert heading.index("started") == lines[0].index(started) and heading.index("queued") == lines[0].index(queued)
    assert lines[1].split()[-3:] == [*f"{waiting.created.astimezone():%Y-%m-%d %H:%M}".split(), "-"]
    told = {row["id"]: row["started"] for row in json.loads(catsdogs("runs", "--json").stdout)}
    assert told == {run.id: "2026-01-01T10:00:00+00:00", waiting.id: None}


def test_a_run_that_always_says_dog_is_listed_with_a_caution():
    storing.finished(Config(), right=90)
    storing.always_dog(Config())
    cautioned, plain = catsdogs("runs").stdout.splitlines()[1:]
    assert cautioned.endswith("  no better than always answering dog (98.7%)") and "always" not in plain
    listed = json.loads(catsdogs("runs", "--json").stdout)
    assert [row["caution"] for row in listed] == ["no better than always answering dog (98.7%)", ""]
    assert [row["balanced_accuracy"] for row in listed] == pytest.approx([0.5, 0.9])


def test_a_run_is_shown_with_what_was_changed_and_what_people_wrote_on_it():
    run = storing.finished(presets.config("quick", epochs=2, brightness_range=(0.8, 1.2), seed=3, data="/photos"), right=90)
    store.change_label(run, name="Minka's\x1b", note="as a start")
    waiting = store.create(Config(), by="Ada")
    told = dict(line.split(maxsplit=1) for line in catsdogs("runs", run.id).stdout.replace("held out", "held").splitlines())
    assert told["run"] == run.id and told["name"] == r"Minka's\x1b" and told["note"] == "as a start" and told["data"] == "/photos"
    assert (told["state"], told["epochs"], told["minutes"]) == ("finished", "2/2, the best is epoch 1", "1.0")
    assert told["held"] == "90.0% of 100 photographs, 95% interval 82.6% to 94.5%" and told["training"] == "90.0% of 100 photographs"
    assert (told["preset"], told["changed"], told["seed"]) == ("quick", "brightness_range=0.8,1.2 epochs=2", "3")
    facts = json.loads(catsdogs("runs", "--json", run.id).stdout)
    assert facts["test_accuracy"] == 0.9 and facts["changed"] == {"epochs": 2, "brightness_range": [0.8, 1.2]}
    assert facts["interval"] == pytest.approx([0.826, 0.945], abs=5e-4) and facts["photographs"]["validation"] == 100
    assert [row["name"] for row in json.loads(catsdogs("runs", "--json").stdout)] == ["", "Minka's\x1b"]
    heading, *lines = catsdogs("runs").stdout.splitlines()
    assert [line[heading.index("name") :] for line in lines] == ["", r"Minka's\x1b"]
    lines = catsdogs("runs", waiting.id).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["run", "state", "epochs", "preset", "seed", "queued", "by"]
    assert "no run 'nobody'" in refusal("runs", "nobody")


def test_the_readme_lists_every_command():
    told = re.findall(r"^    ([a-z][a-z-]*)(?= |$)", catsdogs("--help").stdout, re.M)
    assert sorted(told) == sorted([*LISTED, *STARTED_BY_THE_APPLICATION])


@pytest.mark.parametrize("command", [*LISTED, *STARTED_BY_THE_APPLICATION])
def test_every_command_explains_itself(command):
    ended = catsdogs(command, "--help")
    assert ended.returncode == 0
    assert f"catsdogs {command}" in ended.stdout


def test_what_is_no_image_gets_an_error_and_the_others_an_answer(tmp_path, small_shipped):
    text = tmp_path / "letter.jpg"
    text.write_text("Dear cat,")
    good = picture(tmp_path / "good.png")
    ended = catsdogs("classify", "--json", text, good, tmp_path / "missing.jpg")
    answers = json.loads(ended.stdout)
    assert ended.returncode == 2
    assert "not an image" in answers[0]["error"] and "label" not in answers[0]
    assert answers[1]["label"] in ("cat", "dog")
    assert "No such file" in answers[2]["error"]


def test_an_answer_stays_in_its_line_whatever_the_file_is_called(tmp_path, monkeypatch, small_shipped):
    monkeypatch.chdir(tmp_path)
    odd = picture(tmp_path / "a\n\x1b[2J.png").name
    (line,) = catsdogs("classify", odd).stdout.splitlines()
    assert line.startswith(r"a\n\x1b[2J.png: ") and "%" in line
    first, second = catsdogs("explain", odd, "--to", "b\n\x1b[2J.png").stdout.splitlines()
    assert first.startswith(r"a\n\x1b[2J.png: ") and second.startswith(r"b\n\x1b[2J.png: warm")
    assert catsdogs("download", "shipped", "d\n\x1b[2J.zip").stdout == "d\\n\\x1b[2J.zip\n"
    (line,) = catsdogs("demo", "c\n\x1b[2J", "--count", "20").stdout.splitlines()
    assert line.endswith(r"/c\n\x1b[2J")


def test_an_unknown_setting_is_refused_by_name(folder):
    assert "'nonsense'" in refusal("train", "--data", folder, "--set", "nonsense=1")


def test_a_bad_value_is_refused_with_what_is_allowed(folder):
    message = refusal("train", "--data", folder, "--set", "learning_rate=-1")
    assert "learning_rate = -1" in message and "1e-06 to 1" in message


def test_options_may_stand_before_files(tmp_path, small_shipped):
    first, second = picture(tmp_path / "a.png"), picture(tmp_path / "b.png")
    answers = json.loads(catsdogs("classify", first, "--json", second).stdout)
    assert [answer["picture"] for answer in answers] == [str(first), str(second)]
    path = tmp_path / "taken.zip"
    path.touch()
    assert f"{path} already exists" in refusal("download", "shipped", "--format", "onnx", path)
    assert "no folder or ZIP file nowhere" in refusal("import", "nowhere", "--json", "pets").replace(f"{Path.cwd()}/", "")
    assert "unrecognized arguments: more" in refusal("download", "shipped", "--format", "onnx", path, "more")
    assert "the following arguments are required: RUN." in refusal("download", "--force")


def test_only_a_queued_run_is_trained_by_the_command_of_the_queue():
    run = storing.finished(Config())
    for id in (run.id, store.SHIPPED):
        before = (store.load(id).folder / "status.json").read_bytes()
        assert f"Run {id} is finished; only a queued one" in refusal("work", id)
        assert (store.load(id).folder / "status.json").read_bytes() == before


def test_a_batch_larger_than_the_data_is_refused(folder):
    assert "only 44 photographs to train on" in refusal("train", "--data", folder, "--set", "batch_size=1000")


def test_a_batch_of_the_preset_that_is_larger_than_the_data_is_lowered_and_said(tmp_path):
    few = photographs(tmp_path / "few", {"cats": 10, "dogs": 10})
    small = [word for setting in ("model=dense", "target_size=32", "dense_units=8", "precision=float32") for word in ("--set", setting)]
    ended = catsdogs("train", "--data", few, *small, "--epochs", "1")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[0] == "The batch size is 12 instead of 32: there are only 12 photographs to train on."
    assert store.list_all()[0].config.batch_size == 12
    assert "batch_size = 32: there are only 12" in refusal("train", "--data", few, "--set", "batch_size=32")


def test_an_unusable_folder_is_refused(tmp_path):
    assert "no folder" in refusal("data", tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "no images" in refusal("train", "--data", tmp_path / "empty")
    photographs(tmp_path / "one", {"cats": 5})
    assert "only one class (cats)" in refusal("train", "--data", tmp_path / "one")


def test_a_refused_training_leaves_no_run_behind(folder):
    refusal("train", "--data", folder, "--set", "batch_size=1000")
    assert json.loads(catsdogs("runs", "--json").stdout) == []


def test_unequal_classes_are_warned_of_and_trained_with_their_weights(tmp_path):
    folder = photographs(tmp_path / "unequal", {"cats": 4, "dogs": 60})
    warning = catsdogs("data", folder).stdout.splitlines()[-1]
    assert warning.startswith("The classes are unequal: 60 dogs and 4 cats. Always answering dog would be right for 93.8%")
    assert "class_weight" in warning and json.loads(catsdogs("data", "--json", folder).stdout)["warning"] == warning
    ended = catsdogs("train", "--data", folder, "--set", "class_weight=balanced", "--set", "model=dense", *SMALL)
    assert ended.returncode == 0, ended.stderr
    assert " always answering dog (90.0%)" in ended.stdout.splitlines()[-1]


def test_a_training_says_what_of_the_preset_is_left_out_and_tells_a_webhook_before_it_ends(folder):
    (home.folder() / webhook.FILE).write_text(f'webhook = "{(listener := Listener()).url}"')
    ended = catsdogs("train", "--data", folder, "--preset", "fast", "--set", "model=dense", "--set", "optimizer=sgd", *SMALL)
    listener.close()
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[:3] == [
        "first_size of the preset is left out: dense takes images of one size",
        "weight_decay of the preset is left out: sgd is used without weight decay",
        "patch_whitening of the preset is left out: dense initialises its first layer in its own way",
    ]
    (run,) = store.list_all()
    assert run.config.first_size == 0 and [(told["id"], told["state"]) for told in listener.heard] == [(run.id, "finished")]


def test_a_training_that_ends_before_its_fine_tuning_says_so(folder, tiny_resnet):
    before = storing.finished(Config(model="resnet", target_size=32))
    registry.build(before.config).save(before.model_path)
    words = ("--set", "target_size=32", "--set", "precision=float32", "--set", f"start_from={before.id}")
    told = catsdogs("train", "--data", folder, "--preset", "few", *words, "--epochs", "2").stdout
    assert "Nothing is fine-tuned: the first 10 epochs train only the head, and there are 2." in told


@pytest.mark.usefixtures("nothing_starts")
def test_a_webhook_is_told_of_a_waiting_run_that_the_command_stops(folder):
    (home.folder() / webhook.FILE).write_text(f'webhook = "{(listener := Listener()).url}"')
    (run,) = jobs.create([Config(data=str(folder))])
    assert catsdogs("stop", run.id) == (0, f"Stopped {run.id}.\n", "")
    assert [(told["id"], told["state"]) for told in listener.heard] == [(run.id, "stopped")]
    listener.close()
    assert catsdogs("resume", run.id) == (0, f"Queued {run.id}.\n", "") and jobs.queue() == [store.load(run.id)]


def test_broken_files_are_listed_with_reasons_and_left_alone(folder):
    broken = folder / "cats" / "broken.jpg"
    broken.write_bytes((folder / "cats" / "cats.0.jpg").read_bytes()[:400])
    ended = catsdogs("data", folder)
    assert "unequal" not in ended.stdout
    assert "1  set aside" in ended.stdout and "cats/broken.jpg: The image is damaged" in ended.stdout
    assert broken.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("bogus",), "bogus"),
        (("classify", "--run", "nobody", "cat.jpg"), "no run 'nobody'"),
        (("classify", "--run", "", "cat.jpg"), "no run ''"),
        (("explain", "--run", "", "cat.jpg"), "no run ''"),
        (("explain", "--run", "nobody", "cat.jpg"), "no run 'nobody'"),
        (("evaluate", "--run", "nobody", "--data", "."), "no run 'nobody'"),
        (("evaluate",), "--data"),
        (("evaluate", "--data", "nowhere"), "no folder"),
        (("download", "nobody"), "no run 'nobody'"),
        (("download", "shipped", "--data", "nowhere"), "--data nowhere is of no use here"),
        (("code", "nobody"), "no run 'nobody'"),
        (("train", "--data", ".", "--preset", "nobody"), "no preset 'nobody'"),
        (("train", "--data", ".", "--set", "preset=nobody"), "--set preset=nobody: give it by --preset NAME"),
        (("train", "--data", ".", "--set", "data=nowhere"), "--set data=nowhere: give it by --data DIR"),
        (("train", "--data", ".", "--epochs", ""), "epochs = ''"),
        (("find-rate", "--data", ".", "--set", "preset=nobody"), "--set preset=nobody"),
        (("find-rate", "--data", ".", "--set", "learning_rate=0.5"), "--set learning_rate=0.5"),
        (("find-rate", "--data", ".", "--set", "learning_rate=auto"), "--set learning_rate=auto"),
        (("stop", "shipped"), "Run shipped is finished"),
        (("demo", "somewhere", "--count", "3"), "count = 3: a drawn data set has 20 to 20,000 images."),
        (("demo", "somewhere", "--count", "2.5"), "argument --count: '2.5' can't be read as a whole number."),
        (("demo", "somewhere", "--seed", str(2**31)), "seed = 2147483648: must be a whole number, 0 to 2147483647."),
        (("demo", "somewhere", "--seed", "9" * 5000), "9' can't be read as a whole number."),
        (("study", "--data", ".", "--seeds", "nan"), "argument --seeds: 'nan' can't be read as a whole number."),
        (("data",), "DIR"),
    ],
)
def test_a_mistake_is_answered_in_one_line(words, message):
    assert message in refusal(*words)


def test_a_study_is_queued_once(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 75, "dogs": 75})
    words = ("study", "--data", folder, "--preset-set", "study-small", "--seeds", "2")
    with dispatcher.turn(print):  # nothing starts meanwhile
        facts = json.loads(catsdogs(*words, "--json").stdout)
        assert len(facts["queued"]) == 12
        assert {run["state"] for step in facts["steps"] for run in step["runs"]} == {"queued"}
        assert {conclusion["verdict"] for conclusion in facts["conclusions"]} == {"is not known yet"}
        message = catsdogs(*words).stdout
        assert "Queued 0 runs; 12 waiting or running" in message and "Study 5 · Conv2D, Adam (small)" in message
        for id in facts["queued"]:
            jobs.stop(store.load(id))


def test_a_study_tells_what_its_runs_prove_and_which_of_them_can_not_be_paired(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 75, "dogs": 75}).resolve()
    rights = {"dense": (600, 610), "150px": (610, 620), "sgd": (600, 620, 610, 605), "adam": (800, 830, 810), "augmented": (801, 829, 811)}
    for name, several in rights.items():
        for seed, right in enumerate(several):
            storing.finished(presets.config(f"study-{name}-small", data=str(folder), seed=seed), right, 1000)
    with dispatcher.turn(print):  # nothing starts meanwhile
        lines = catsdogs("study", "--data", folder, "--preset-set", "study-small").stdout.splitlines()
        for run in jobs.queue():
            jobs.stop(run)
    size, batches, conv2d, adam, left_out, augmented, *explained = lines[lines.index("An interval takes 3 seeds or more.") + 2 :]
    assert "two seeds (+1.0 points) are too few for an interval. At a rough guess, it would take" in size
    assert size.endswith("These runs can't tell whether the study's conclusion holds.")
    assert batches.endswith("is not known yet.") and conv2d.endswith("is not known yet.")
    assert adam.endswith("points (3 seeds). The study's conclusion holds.") and "Study 4 · Conv2D, SGD (small) with seed 3." in left_out
    assert augmented.startswith("There is no difference larger than 2 points") and augmented.endswith("no difference that matters.")
    assert "Machine Learning 52 (2003)" in explained[0] and "Holm" in explained[1]


def test_a_study_is_refused_before_a_run_is_made(folder):
    few = "catsdogs: The study trains in batches of 100, and there are only 44 photographs to train on. Add photographs.\n"
    assert refusal("study", "--data", folder) == few
    assert "no preset set 'all'" in refusal("study", "--data", folder, "--preset-set", "all")
    assert "seeds = 0" in refusal("study", "--data", photographs(folder.parent / "more", {"cats": 75, "dogs": 75}), "--seeds", "0")
    assert json.loads(catsdogs("runs", "--json").stdout) == []


def test_a_sweep_with_a_run_that_would_fail_is_refused_before_one_is_queued(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 75, "dogs": 75})
    words = ("sweep", "--name", "starts", "--data", folder, "--preset")
    assert "no run 'gone'" in refusal(*words, "few", "--set", "start_from=shipped,gone")
    assert "start_from = 'shipped': that run has model = resnet" in refusal(*words, "few", "--set", "model=dense,resnet", "--dry-run")
    assert "there is no such file" in refusal(*words, "transfer", "--set", "weights=nosuch.h5", "--seeds", "2")
    assert store.list_all() == []


def test_a_sweep_is_queued_and_cancelled_as_one(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 75, "dogs": 75})
    words = ("sweep", "--name", "rates", "--data", folder, "--set", "optimizer=adam,sgd", "--set", "learning_rate=0.001,0.0003")
    words += ("--seeds", "2", "--seed", "5")
    with dispatcher.turn(print):  # nothing starts meanwhile
        assert "8 runs; there is no estimate until a similar run has ended" in catsdogs(*words, "--dry-run").stdout and jobs.queue() == []
        queued = json.loads(catsdogs(*words, "--json").stdout)["queued"]
        assert [store.load(run).config.seed for run in queued] == [5, 5, 5, 5, 6, 6, 6, 6]
        assert "There is a sweep 'rates' already" in refusal(*words)
        assert {run["state"] for run in json.loads(catsdogs("sweep", "--name", "rates", "--json").stdout)} == {"queued"}
        for option in (("--dry-run",), ("--seeds", "2"), ("--data", folder)):
            assert f"{option[0]} can't be given together with --cancel" in refusal("sweep", "--name", "rates", "--cancel", *option)
            assert f"{option[0]} is for a new sweep, which needs settings that vary" in refusal("sweep", "--name", "rates", *option)
        assert len(jobs.queue()) == 8
        assert catsdogs("sweep", "--name", "rates", "--cancel").stdout == "Stopped 8 runs of the sweep rates.\n"
        assert jobs.queue() == []
    ended = [
        storing.finished(Config(optimizer=name, seed=seed), right).id for name, right in (("adam", 90), ("sgd", 60)) for seed in (0, 1)
    ]
    lists.change(home.folder() / "sweeps.json", dict, {}, lambda before: {**before, "ended": ended})
    shown = catsdogs("sweep", "--name", "ended").stdout
    assert shown.index("-adam-") < shown.index("-sgd-") and "optimizer             100.0%" in shown
    rated = [
        storing.finished(Config(learning_rate=rate, seed=seed), right).id for rate, right in ((None, 70), (0.01, 80)) for seed in (0, 1)
    ]
    lists.change(home.folder() / "sweeps.json", dict, {}, lambda before: {**before, "rated": rated})
    assert "with auto: 70.0%, 0.01: 80.0%" in catsdogs("sweep", "--name", "rated").stdout
    assert "no sweep 'others'. The sweeps are: rates, ended, rated." in refusal("sweep", "--name", "others")
    assert "--data DIR" in refusal("sweep", "--name", "more", "--set", "optimizer=adam,sgd")


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(
    "kind", [("--set", "optimizer=adam,sgd"), ("--set", "optimizer=adam,sgd", "--within", "20m")], ids=["sweep", "search"]
)
def test_a_name_that_can_not_be_is_refused_even_where_nothing_is_queued(kind, tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 75, "dogs": 75})
    words = ("--data", folder, *kind)
    assert catsdogs("sweep", "--name", " rates ", *words).returncode == 0
    shown = catsdogs("sweep", "--name", " rates ")
    assert shown.returncode == 0 and "queued" in shown.stdout
    for options in ((), ("--dry-run",)):
        assert "A sweep needs a name" in refusal("sweep", "--name", " ", *words, *options)
        assert "may have at most 80 characters; this one has 81." in refusal("sweep", "--name", "x" * 81, *words, *options)
        assert "There is a sweep 'rates' already" in refusal("sweep", "--name", "rates", *words, *options)
    assert "of the sweep rates." in catsdogs("sweep", "--name", "rates ", "--cancel").stdout


@pytest.mark.usefixtures("nothing_starts")
def test_a_search_is_begun_shown_and_cancelled(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 75, "dogs": 75})
    words = ("sweep", "--name", "rates", "--data", folder, "--within", "20m", "--set", "epochs=4", "--set", "learning_rate=0.0001..0.1")
    words += ("--seed", "3")
    assert "0.0001 to 0.1 on a logarithmic scale" in catsdogs(*words, "--dry-run").stdout and jobs.queue() == []
    (first,) = json.loads(catsdogs(*words, "--json").stdout)["queued"]
    assert store.load(first).config == presets.config("quick", epochs=4, seed=3, data=str(folder.resolve()))
    assert "There is a sweep 'rates' already" in refusal(*words)
    assert "1 in progress. It is still running." in catsdogs("sweep", "--name", "rates").stdout
    storing.finish(store.load(first), right=60)
    searches.changed(searches.find("rates"), runs={first: "finished"}, said="The time is over.", ended=times.now())
    sweeps.add(
        "rates", storing.finished(presets.config("quick", learning_rate=0.02, epochs=4, seed=3, data=str(folder.resolve())), right=90)
    )
    shown = catsdogs("sweep", "--name", "rates").stdout
    assert "1 finished. The time is over." in shown and "The best run beat the first run by 30.0 points (95% interval +" in shown
    facts = json.loads(catsdogs("sweep", "--name", "rates", "--json").stdout)
    assert facts["best"]["difference"] == pytest.approx(0.3) and facts["best"]["low"] > 0 and len(facts["runs"]) == 2
    assert "Stopped 0 runs" in catsdogs("sweep", "--name", "rates", "--cancel").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--within", "soon", "--set", "learning_rate=0.001..0.1"), "as in 20m"),
        (("--within", "20m", "--set", "learning_rate=0.1..0.001"), "LOW below HIGH"),
        (("--within", "20m", "--set", "epochs=4"), "a setting that varies"),
        (("--within", "20m", "--set", "epochs=2..4", "--seeds", "3"), "--seeds"),
        (("--within", "20m", "--set", "epochs=2..4", "--seed", "-1"), "seed = -1"),
        (("--within", "20m"), "settings that vary"),
        ((), "settings that vary"),
        (("--set", "learning_rate=0..inf:3"), "'0..inf:3': must be LOW below HIGH"),
        (("--set", "learning_rate=0.001..0.1"), "must be a number"),
    ],
    ids=range(9),
)
def test_a_search_that_can_not_be_is_refused_in_a_line(folder, words, message):
    assert message in refusal("sweep", "--name", "rates", "--data", folder, *words)
    assert jobs.queue() == []


def test_runs_of_a_sweep_that_would_be_the_same_are_counted(folder):
    words = ("sweep", "--name", "rates", "--data", folder, "--set", "learning_rate=auto,0.001", "--dry-run", "--set")
    said = "\n1 of them would be the same as another: some values make no difference with the others.\n"
    assert catsdogs(*words, "optimizer=adam,sgd").stdout.endswith(said)
    assert "learning_rate = auto is 0.001 with adam, which is given as well" in refusal(*words, "optimizer=adam")


@pytest.mark.usefixtures("nothing_starts")
def test_the_time_of_a_sweep_is_rounded_and_called_rough_as_on_the_page(folder):
    storing.finished(presets.config("quick", data=str(folder.resolve())), epochs=2, seconds=60.0)
    words = ("sweep", "--name", "on and off", "--data", folder, "--set", "augmentation=on,off")
    rough = r"Only a rough estimate: augmentation takes time, and the similar runs so far differ in whether it is on\."
    assert re.fullmatch(rf"2 runs, about \d+ min in all\. {rough} None was queued\.\n", catsdogs(*words, "--dry-run").stdout)
    assert json.loads(catsdogs(*words, "--dry-run", "--json").stdout)["is_rough"]
    assert re.fullmatch(rf"Queued 2 runs, about \d+ min in all\. {rough}\n", catsdogs(*words).stdout)
    plain = catsdogs("sweep", "--name", "rates", "--data", folder, "--set", "learning_rate=0.1,0.01", "--dry-run")
    assert re.fullmatch(r"2 runs, about \d+ min in all\. None was queued\.\n", plain.stdout)


def test_only_a_search_can_be_gone_on_with(tmp_path):
    assert "search.json is missing" in refusal("search", tmp_path)


def test_a_learning_rate_is_found_for_people_and_programs_and_for_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr("catsdogs.training.range_test._MOST", 8)
    monkeypatch.setattr("catsdogs.training.range_test._FEWEST", 8)
    folder = photographs(tmp_path / "photos", {"cats": 30, "dogs": 30})
    words = ("find-rate", "--data", folder, *SMALL[:-2], "--set", "model=dense")
    assert "--set learning_rate=" in catsdogs(*words).stdout.splitlines()[-1]
    found = json.loads(catsdogs(*words, "--json").stdout)
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"]) > 1 and found["suggestion"]["why"]
    assert "this is what the test looks for" in refusal(*words, "--set", "learning_rate=0.1")
    assert "batch_size = 500" in refusal(*words, "--set", "batch_size=500")

    asked = home.subfolder("range-tests") / "asked"
    asked.mkdir()
    assert "There is no test to make" in refusal("test-rates", asked)
    settings = {"data": str(folder), "model": "dense", "target_size": 32, "batch_size": 8, "precision": "float32"}
    (asked / "config.json").write_text(json.dumps(settings))
    catsdogs("test-rates", asked)
    assert range_tests.read_status(asked)["found"]["suggestion"]["rate"] > 0
    (asked / "config.json").write_text(json.dumps({**settings, "data": str(tmp_path / "gone")}))
    catsdogs("test-rates", asked)
    assert "gone" in range_tests.read_status(asked)["error"]


def test_presets_are_listed_with_their_settings():
    listed = {preset["name"]: preset["settings"] for preset in json.loads(catsdogs("presets", "--json").stdout)}
    assert listed["study-adam"]["target_size"] == 150 and listed["study-adam"]["batch_size"] == 100
    told = catsdogs("presets").stdout
    assert "study-adam" in told and "horizontal_flip=true" in told and "brightness_range=0.8,1.2" in told


def test_a_download_for_another_runtime_says_what_it_is_worth(tmp_path):
    run = storing.finished(Config(model="dense", dense_units=16, target_size=32, precision="float32"))
    registry.build(run.config).save(run.model_path)
    path = tmp_path / "taken.zip"
    ended = catsdogs("download", run.id, path, "--format", "litert", "--json")
    facts = json.loads(ended.stdout)
    assert ended.stderr == "" and facts["file"] == str(path) and zipfile.is_zipfile(path)
    assert [(each["name"], each["bits"]) for each in facts["files"]] == [("network.tflite", 32), ("network-8-bits.tflite", 8)]
    assert facts["files"][0]["difference"] < 1e-3 and facts["count"] == 100
    assert "invalid choice: 'coreml'" in refusal("download", run.id, tmp_path / "other.zip", "--format", "coreml")


def test_a_download_replaces_a_file_only_by_force(tmp_path, small_shipped):
    path = tmp_path / "taken.zip"
    assert catsdogs("download", "shipped", path).stdout == f"{path}\n"
    with zipfile.ZipFile(path) as archive:
        assert "shipped/classify.py" in archive.namelist()
    path.write_text("something of mine")
    assert "already exists" in refusal("download", "shipped", path) and path.read_text() == "something of mine"
    assert catsdogs("download", "shipped", path, "--force").returncode == 0 and zipfile.is_zipfile(path)
    assert "no folder" in refusal("download", "shipped", tmp_path / "nowhere" / "taken.zip")


def test_an_answer_is_explained_by_a_picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photograph = picture(tmp_path / "pet.png", (60, 30))
    ended = catsdogs("explain", "--json", photograph)
    told = json.loads(ended.stdout)
    (answer,) = json.loads(catsdogs("classify", "--json", photograph).stdout)
    assert (told["label"], told["file"], told["method"]) == (answer["label"], "pet-heat-map.png", "class activation map")
    assert told["probability"] == pytest.approx(answer["probability"], abs=1e-3)
    assert told["neither"] is answer["neither"] is True, "noise"
    with Image.open("pet-heat-map.png") as painted, Image.open(photograph) as plain:
        assert painted.size == plain.size and painted.tobytes() != plain.tobytes()
    assert "already exists" in refusal("explain", photograph)
    first, second = catsdogs("explain", photograph, "--force").stdout.splitlines()
    assert first.endswith("%  looks like neither") and "warm: points to" in second


def test_what_can_not_be_explained_is_one_line(tmp_path, small_shipped):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear cat,")
    assert f"{letter}: This is not an image" in refusal("explain", letter, "--to", tmp_path / "a.png")
    assert "No such file" in refusal("explain", tmp_path / "missing.jpg", "--to", tmp_path / "a.png")
    photograph = picture(tmp_path / "pet.png")
    for name in ("map.what", "map"):
        assert "such as map.png" in refusal("explain", photograph, "--to", tmp_path / name)
    assert "no folder" in refusal("explain", photograph, "--to", tmp_path / "nowhere" / "a.png")
    run = storing.finished(Config(model="dense", dense_units=8, target_size=32))
    network = registry.build(run.config)
    network.set_weights([weights * np.nan for weights in network.get_weights()])
    network.save(run.model_path)
    assert "is not a number" in refusal("explain", "--run", run.id, photograph, "--to", tmp_path / "a.png")


def test_of_several_runs_none_is_deleted_where_one_is_not_there():
    run, other = (storing.finished(Config(seed=seed)) for seed in range(2))
    assert "no run 'nobody'" in refusal("delete", run.id, "nobody")
    assert store.load(run.id) == run
    assert catsdogs("delete", run.id, other.id, run.id).stdout.count("Deleted") == 2
    assert store.list_all() == []


def test_the_code_of_a_run_is_a_script_alone():
    ended = catsdogs("code", "shipped")
    assert ended.returncode == 0
    compile(ended.stdout, "train.py", "exec")
    assert "RandomBrightness" in ended.stdout and "Muon(learning_rate=schedule" in ended.stdout


def test_runs_are_measured_on_a_data_set(tmp_path, folder):
    few = photographs(tmp_path / "few", {"cats": 3, "dogs": 4})
    run = storing.finished(Config(data=str(folder), target_size=BUNDLED.config.target_size))
    shutil.copy(MODEL, run.model_path)
    heading, *rows = catsdogs("evaluate", "--data", few).stdout.splitlines()
    *rows, _, error, _, _ = rows
    assert heading.split() == ["run", "accuracy", "[95%", "interval]", "calibration", "error", "photographs", "left", "out"]
    assert [row.split()[0] for row in rows] == [run.id, store.SHIPPED] and error.startswith("Calibration error (ECE): ")
    assert all("         7  none; what it learned from is not known here" in row for row in rows), rows
    assert " → " in rows[1] and " → " not in rows[0], "only the bundled run has a temperature"
    (facts,) = json.loads(catsdogs("evaluate", "--data", few, "--run", run.id, "--run", run.id, "--json").stdout)
    (kept,) = measurements.load(run)
    assert (facts["run"], facts["photographs"], facts["accuracy"]) == (run.id, 7, kept.accuracy)
    assert f"{kept.accuracy:.1%} [{kept.low:.1%}, {kept.high:.1%}]" in rows[0]


def test_what_the_mirror_image_brings_is_measured_and_not_kept(tmp_path):
    few = photographs(tmp_path / "few", {"cats": 3, "dogs": 4})
    words = ("evaluate", "--data", few, "--run", "shipped", "--mirror")
    (facts,) = json.loads(catsdogs(*words, "--json").stdout)
    mirrored = facts["mirror"]
    assert mirrored["accuracy"] - facts["accuracy"] == pytest.approx((mirrored["mended"] - mirrored["spoilt"]) / 7)
    assert facts["ece"] != facts["ece_before"] and mirrored["ece"] != facts["ece"] and facts["temperature"] < 1
    (kept,) = measurements.load(store.load(store.SHIPPED))
    assert kept.accuracy == facts["accuracy"]
    lines = catsdogs(*words).stdout.splitlines()
    assert lines[2].startswith("  averaged with the mirror image") and re.search(
        r"right on (1 more photograph|\d+ more photographs), wrong on \d+ more$", lines[2]
    )
    assert lines[3].split() == [*["the", "mirror", "images", "by", "themselves"], f"{mirrored['alone']:.1%}"]


def test_the_mirror_images_by_themselves_are_answered_as_if_they_were_photographs(tmp_path):
    few = photographs(tmp_path / "few", {"cats": 3, "dogs": 4})
    mirrored = tmp_path / "mirrored"
    for path in few.rglob("*.jpg"):
        (mirrored / path.parent.name).mkdir(parents=True, exist_ok=True)
        Image.open(path).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored / path.parent.name / f"{path.stem}.png")
    both, alone = (json.loads(catsdogs("evaluate", "--data", each, "--mirror", "--json").stdout)[0] for each in (few, mirrored))
    assert both["mirror"]["alone"] == alone["accuracy"] and alone["mirror"]["alone"] == both["accuracy"]


def test_a_run_stored_before_gets_its_temperature(tmp_path):
    photos = photographs(tmp_path / "photos", {"cats": 180, "dogs": 180})
    run = storing.finished(Config(data=str(photos), target_size=BUNDLED.config.target_size))
    shutil.copy(MODEL, run.model_path)
    store.write_environment(run, {**store.environment(run), "data_fingerprint": dataset.check(photos).fingerprint})
    told = catsdogs("calibrate", run.id).stdout
    fitted = temperature.load(run)
    assert told.startswith(f"temperature {fitted.value:.3f}, fitted on 54 validation photographs: calibration error ") and " → " in told
    assert "is not what run shipped was trained on" in refusal("calibrate", "shipped", "--data", photos)
    assert "Give it with --data DIR" in refusal("calibrate", "shipped")


def test_an_image_is_classified_at_the_temperature_and_with_its_mirror_image_on_request(tmp_path):
    image = picture(tmp_path / "a.png")
    (plain,), (mirrored,) = (json.loads(catsdogs("classify", "--json", image, *words).stdout) for words in ((), ("--mirror",)))
    assert plain["probability"] != mirrored["probability"]
    run = classifier.load(store.load(store.SHIPPED))
    (expected,) = classifier.classify(run, [("", image)], temperature=temperature.load(store.load(store.SHIPPED)).value)
    assert plain["probability"] == pytest.approx(expected.probability, abs=1e-6)


def test_what_can_not_be_measured_is_refused_or_listed_with_its_reason(tmp_path, folder, nothing_starts, small_shipped):
    queued = store.create(Config(data=str(folder)))
    assert f"Run {queued.id} is queued" in refusal("evaluate", "--data", folder, "--run", queued.id)
    without = storing.finished(Config(data=str(folder)))
    assert "has no model" in refusal("evaluate", "--data", folder, "--run", without.id)
    roses = photographs(tmp_path / "roses", {"roses": 3, "tulips": 3})
    assert "tells cats from dogs" in refusal("evaluate", "--data", roses)
    of_roses = storing.finished(Config(data=str(folder)))
    store.write_environment(of_roses, {**store.environment(of_roses), "class_names": ["roses", "tulips"]})
    shutil.copy(small_shipped.model_path, of_roses.model_path)
    rows = json.loads(catsdogs("evaluate", "--data", roses, "--json").stdout)
    assert [row["run"] for row in rows] == [of_roses.id, store.SHIPPED]
    assert "tells cats from dogs" in rows[1]["error"] and "accuracy" in rows[0]
    assert "not measured: " in catsdogs("evaluate", "--data", roses).stdout


def test_a_damaged_model_keeps_no_other_run_from_being_measured(tmp_path, small_shipped):
    few = photographs(tmp_path / "few", {"cats": 3, "dogs": 4})
    damaged = storing.finished(Config())
    damaged.model_path.write_bytes(b"no model")
    rows = json.loads(catsdogs("evaluate", "--data", few, "--mirror", "--json").stdout)
    assert [row["run"] for row in rows] == [store.SHIPPED, damaged.id] and rows[0]["photographs"] == 7 and "mirror" in rows[0]
    assert f"The model of run {damaged.id} can't be read" in rows[1]["error"]
    assert f"not measured: The model of run {damaged.id}" in catsdogs("evaluate", "--data", few).stdout
    assert "can't be read" in refusal("evaluate", "--data", few, "--run", store.SHIPPED, "--run", damaged.id)


def test_the_bundled_network_classifies_where_no_run_is_chosen(tmp_path, folder):
    run = storing.finished(Config(data=str(folder)), right=100)  # of its own photographs, which say nothing of others
    run.model_path.write_bytes(b"no model: it is not to be read")
    assert catsdogs("classify", picture(tmp_path / "a.png")).returncode == 0
