"""Downloads of ImageNet's weights, from a server of the test's own: reported, whole or not at all, and once."""

import hashlib
import subprocess
import sys
import threading

import pytest

from catsdogs.networks import download, pretrained
from catsdogs.runs import history, store
from catsdogs.settings.config import Config, change
from catsdogs.system import transfer
from catsdogs.system.shortage import DiskFull
from catsdogs.training.progress import Progress, Stopped
from tests.images import photographs
from tests.limits import files_up_to
from tests.networks.conftest import refusal
from tests.waiting import wait_until

MOBILENET = Config(model="mobilenetv2", target_size=160)
CONTENT = b"some weights" * 200_000  # 2.4 MB


def offer(server, config=MOBILENET, content=CONTENT):
    """Have the server offer this as the weights; returns their path on it."""
    path = "/" + pretrained.url(config).removeprefix(pretrained.BASE)
    server.files[path] = content
    return path


class Once(dict):
    """Gives everything away once, to the check that comes before a download."""

    def get(self, key):
        return self.pop(key, None)


class BrokenOnce(set):
    """Holds what it is asked for the first time."""

    def __contains__(self, path):
        return bool(self) and self.pop() == path


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(transfer, "_PAUSE", 0.01)


def names(cache):
    return [file.name for file in cache.iterdir() if not file.name.endswith(".lock")]


def test_weights_are_downloaded_once_into_the_cache_of_keras(server, cache, capfd):
    offer(server)
    assert pretrained.settle(MOBILENET) == MOBILENET
    path = download.fetch(MOBILENET)
    assert path.parent == cache and path.read_bytes() == CONTENT and names(cache) == [path.name]
    server.asked.clear()
    assert download.fetch(MOBILENET) == path == pretrained.file(MOBILENET) and server.asked == []
    assert capfd.readouterr() == ("", ""), "the command line prints facts there"


def test_an_interrupted_download_leaves_nothing(server, cache):
    server.broken.add(offer(server))
    assert "and the connection ended early: download " in refusal(download.fetch, MOBILENET)
    assert names(cache) == []


def test_the_smallest_download_has_a_total_too(server, cache):
    offer(server, content=b"some weights")
    reports = []
    download.fetch(MOBILENET, lambda done, total: reports.append((done, total)))
    assert reports and all(0 <= done <= total and total > 0 for done, total in reports)


def test_a_download_that_breaks_off_is_tried_again(server, cache):
    server.broken = BrokenOnce({offer(server)})
    path = download.fetch(MOBILENET)
    assert path.read_bytes() == CONTENT and names(cache) == [path.name]


def test_a_full_disk_is_said_in_words(server, cache):
    offer(server)
    with files_up_to(1_000_000), pytest.raises(DiskFull, match=f"free in {cache}, the weights of mobilenetv2 could not be written"):
        download.fetch(MOBILENET)
    assert names(cache) == []


def test_a_silent_server_is_given_up(server, cache, monkeypatch):
    monkeypatch.setattr(transfer, "_SILENCE", 0.2)
    offer(server)
    server.gate.clear()
    assert "and the connection to the server failed (timed out): " in refusal(download.fetch, MOBILENET)
    assert names(cache) == []
    server.gate.set()


def test_a_file_that_vanishes_after_the_check_is_an_error(server, cache):
    server.files = Once()
    offer(server)
    assert "and the server answers 404 Not Found: " in refusal(download.fetch, MOBILENET)
    assert names(cache) == []


@pytest.mark.parametrize("model", download.HASHES)
def test_only_a_file_with_the_right_hash_is_kept(model, server, cache, monkeypatch):
    config = change(MOBILENET, model=model)
    offer(server, config)
    algorithm = download.HASHES[model].partition(":")[0]
    assert f"and what the server sent does not have the {algorithm} hash that Keras expects: " in refusal(download.fetch, config)
    assert names(cache) == []
    monkeypatch.setitem(download.HASHES, model, f"{algorithm}:{hashlib.new(algorithm, CONTENT).hexdigest()}")
    assert download.fetch(config).read_bytes() == CONTENT


def test_a_killed_download_is_not_taken_for_the_weights(server, cache):
    offer(server)
    server.gate.clear()
    code = (
        "from catsdogs.networks import download, pretrained\n"
        "from catsdogs.settings.config import Config\n"
        f"pretrained.BASE = {pretrained.BASE!r}\n"
        f"download.fetch(Config(model='mobilenetv2', target_size={MOBILENET.target_size}))\n"
    )
    (cache / ".of_another_program.h5.partial").parent.mkdir(parents=True, exist_ok=True)
    (cache / ".of_another_program.h5.partial").write_text("not ours")
    killed = subprocess.Popen([sys.executable, "-c", code])
    wait_until(lambda: any(file.stat().st_size > 100 for file in cache.glob(".*")))
    download.sweep()
    assert len(names(cache)) == 3, "it was still being downloaded"
    killed.kill()
    killed.wait()
    assert not pretrained.file(MOBILENET).exists() and len(names(cache)) == 3, "what has come, and of which version"
    download.sweep()
    assert names(cache) == [".of_another_program.h5.partial"]
    (cache / ".of_another_program.h5.partial").unlink()
    server.gate.set()
    assert download.fetch(MOBILENET).read_bytes() == CONTENT
    assert names(cache) == [pretrained.file(MOBILENET).name]


def test_progress_is_reported_in_megabytes(server):
    offer(server)
    server.gate.clear()
    reported = []

    def report(done, total):
        reported.append((done, total))
        if done >= 1.1:
            server.gate.set()

    download.fetch(MOBILENET, report)
    assert (1.1, 2.4) in reported and reported == sorted(reported) and reported[-1] == (2.4, 2.4)


def test_a_download_of_unknown_size_is_not_reported(server):
    offer(server)
    server.tells_sizes = False
    reported = []
    assert download.fetch(MOBILENET, lambda done, total: reported.append(total)).read_bytes() == CONTENT
    assert reported == []


def test_what_the_report_raises_ends_the_download(server, cache):
    offer(server)
    server.gate.clear()

    def stop(done, total):
        raise Stopped

    with pytest.raises(Stopped):
        download.fetch(MOBILENET, stop)
    assert names(cache) == []
    server.gate.set()


def test_two_runs_at_once_download_once(server):
    offer(server)
    fetched = []
    threads = [threading.Thread(target=lambda: fetched.append(download.fetch(MOBILENET))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.read_bytes() for path in fetched] == [CONTENT] * 2
    assert [command for command, _ in server.asked].count("GET") == 1


def test_a_cache_that_cannot_be_written_is_an_error(server, cache, tmp_path):
    offer(server)
    (tmp_path / "keras").write_text("a file where the folder should be")
    message = refusal(download.fetch, MOBILENET)
    assert f"not in {cache}, and they can't be stored there (Not a directory): " in message


def test_a_run_downloads_its_weights_and_trains_from_them(server, cache, small_backbones, tmp_path):
    import keras

    from catsdogs.training import trainer

    folder = photographs(tmp_path / "photos", {"cats": 10, "dogs": 10})
    settings = {"target_size": 32, "batch_size": 4, "precision": "float32", "frozen_epochs": 1, "epochs": 2}
    run = store.create(Config(data=str(folder), model="mobilenetv2", **settings))
    backbone = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg")
    backbone.save(tmp_path / "served.h5")
    served = (tmp_path / "served.h5").read_bytes()
    offer(server, run.config, served)
    shown = []
    progress = Progress(run, lambda: False, lambda message: None, lambda facts: shown.append(dict(facts)), every=0)
    evaluated = trainer.train(run, progress)
    reports = [facts for facts in shown if facts["phase"] == "fetching" and "total" in facts]
    assert {facts["message"] for facts in reports} == {"downloading the weights of mobilenetv2, in MB"}
    assert {facts["total"] for facts in reports} == {max(0.1, round(len(served) / 1e6, 1))}
    assert [epoch["epoch"] for epoch in history.load(run)] == [1, 2] and evaluated.test.count == 4
    assert store.environment(run)["pretrained"] == str(cache / pretrained.file(run.config).name)
    assert pretrained.file(run.config).read_bytes() == served
