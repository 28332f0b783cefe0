"""Where the weights of a pretrained network come from: a file, Keras' cache, or a server, here one of the test's own."""

import hashlib
import socket
import threading
import warnings

import pytest

from catsdogs.errors import InputError
from catsdogs.networks import pretrained
from catsdogs.runs import history, store
from catsdogs.settings.config import Config, change
from catsdogs.training.progress import Progress, Stopped
from tests.images import photographs
from tests.serving import Server

MOBILE = Config(model="mobilenetv2", target_size=160)
CONTENT = b"some weights" * 1000


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Keras' cache folder, empty."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "models"


@pytest.fixture
def server(cache, monkeypatch):
    with Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
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


def path_of(config):
    return "/" + pretrained.url(config).removeprefix(pretrained.BASE)


def refusal(function, config) -> str:
    with pytest.raises(InputError) as refused:
        function(config)
    assert "\n" not in str(refused.value) and str(refused.value).endswith(".")
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "size"),
    [*(("mobilenetv2", size) for size in (96, 150, 224, 256)), ("efficientnetv2b0", 150), ("convnexttiny", 150)],
)
def test_address_name_and_hash_are_those_that_keras_itself_would_use(name, size, monkeypatch):
    """Keras is asked for the weights, and stopped where it would download them."""
    import keras
    from keras.src.utils import file_utils

    from catsdogs.networks import backbones

    def stop(file, url, cache_subdir, file_hash=None):
        raise LookupError(file, url, cache_subdir, file_hash)

    monkeypatch.setattr(file_utils, "get_file", stop)
    config = Config(model=name, target_size=size)
    with pytest.raises(LookupError) as asked, warnings.catch_warnings(action="ignore"):  # of sizes without weights of their own
        getattr(keras.applications, backbones.BUILDERS[name])(include_top=False, input_shape=(size, size, 3), pooling="avg")
    file, url, folder, file_hash = asked.value.args
    assert (pretrained.url(config), pretrained.HASHES.get(name)) == (url, file_hash)
    assert pretrained.file(config).parts[-2:] == (folder, file)


def test_missing_weights_are_downloaded_once_into_the_cache_of_keras(server, cache, capsys):
    server.files[path_of(MOBILE)] = CONTENT
    assert pretrained.settle(MOBILE) == MOBILE
    path = pretrained.fetch(MOBILE)
    assert path.parent == cache and path.read_bytes() == CONTENT
    assert [file.name for file in cache.iterdir() if not file.name.endswith(".lock")] == [path.name]
    server.asked.clear()
    assert pretrained.fetch(MOBILE) == path == pretrained.file(MOBILE) and server.asked == []
    assert capsys.readouterr().out == "", "the command line prints facts there"


def test_weights_in_the_cache_need_no_server(unreachable, cache):
    cache.mkdir(parents=True)
    pretrained.file(MOBILE).write_bytes(CONTENT)
    assert pretrained.settle(MOBILE) == MOBILE
    assert pretrained.fetch(MOBILE).read_bytes() == CONTENT


def test_a_server_that_can_not_be_reached_is_told_with_the_address_and_both_ways_out(unreachable, cache):
    for function in (pretrained.settle, pretrained.fetch):
        message = refusal(function, MOBILE)
        assert message.startswith(
            f"The ImageNet weights of mobilenetv2 are not in {cache}, and the server can't be reached (Connection refused): "
        )
        assert f"download {pretrained.url(MOBILE)} elsewhere and put its path in weights, or set weights = none to start" in message
    assert not cache.exists()


def test_a_server_that_does_not_have_them_is_told_with_its_answer(server):
    assert "the server answers 404 Not Found for them: download http" in refusal(pretrained.settle, MOBILE)


def test_a_download_that_breaks_off_or_is_another_file_leaves_nothing_in_the_cache(server, cache):
    server.files[path_of(MOBILE)] = CONTENT
    server.broken.add(path_of(MOBILE))
    assert "the download failed (" in refusal(pretrained.fetch, MOBILE)
    other = change(MOBILE, model="efficientnetv2b0")
    server.files[path_of(other)] = CONTENT
    message = refusal(pretrained.fetch, other)
    assert "the download failed (Incomplete or corrupted file detected" in message and "hash" in message
    assert [file for file in cache.iterdir() if not file.name.endswith(".lock")] == []


def test_a_download_with_the_right_hash_is_kept(server, monkeypatch):
    config = change(MOBILE, model="convnexttiny")
    monkeypatch.setitem(pretrained.HASHES, "convnexttiny", hashlib.sha256(CONTENT).hexdigest())
    server.files[path_of(config)] = CONTENT
    assert pretrained.fetch(config).read_bytes() == CONTENT


def test_what_a_killed_download_left_is_not_taken_for_the_weights(server, cache):
    server.files[path_of(MOBILE)] = CONTENT
    part = cache / f".{pretrained.file(MOBILE).name}.part"
    part.mkdir(parents=True)
    (part / pretrained.file(MOBILE).name).write_bytes(CONTENT[:100])
    assert pretrained.fetch(MOBILE).read_bytes() == CONTENT
    assert not part.exists()


def test_what_has_come_of_a_download_is_counted_in_megabytes(server):
    server.files[path_of(MOBILE)] = bytes(2_340_000)
    server.gate.clear()
    told = []

    def count(done, total):
        told.append((done, total))
        if done >= 1.1:
            server.gate.set()

    pretrained.fetch(MOBILE, count)
    assert (1.1, 2.4) in told and told == sorted(told)


def test_a_download_of_which_nobody_knows_the_size_is_not_counted(server):
    server.files[path_of(MOBILE)] = CONTENT
    server.tells_sizes = False
    told = []
    assert pretrained.fetch(MOBILE, lambda done, total: told.append(total)).read_bytes() == CONTENT
    assert told == []


def test_what_ends_the_counting_ends_the_download_and_leaves_nothing(server, cache):
    server.files[path_of(MOBILE)] = CONTENT
    server.gate.clear()

    def stop(done, total):
        server.gate.set()
        raise Stopped

    with pytest.raises(Stopped):
        pretrained.fetch(MOBILE, stop)
    assert [file for file in cache.iterdir() if not file.name.endswith(".lock")] == []


def test_two_runs_at_once_download_once(server):
    server.files[path_of(MOBILE)] = CONTENT
    got = []
    threads = [threading.Thread(target=lambda: got.append(pretrained.fetch(MOBILE))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.read_bytes() for path in got] == [CONTENT] * 2
    assert [command for command, _ in server.asked].count("GET") == 1


def test_a_cache_that_can_not_be_written_is_told(server, cache, tmp_path):
    server.files[path_of(MOBILE)] = CONTENT
    (tmp_path / "keras").write_text("a file where the folder should be")
    assert f"can't be kept in {cache} (Not a directory)" in refusal(pretrained.fetch, MOBILE)


def test_a_file_of_ones_own_is_kept_by_its_absolute_path_and_needs_no_server(unreachable, tmp_path, monkeypatch):
    (tmp_path / "mine.weights.h5").write_bytes(CONTENT)
    monkeypatch.chdir(tmp_path)
    settled = pretrained.settle(change(MOBILE, weights="mine.weights.h5"))
    assert settled.weights == str(tmp_path / "mine.weights.h5")
    assert pretrained.fetch(settled) == tmp_path / "mine.weights.h5"


def test_a_file_that_is_not_there_is_told_by_what_was_given(tmp_path):
    message = refusal(pretrained.settle, change(MOBILE, weights=f"{tmp_path}/none.h5"))
    assert message == f"weights = '{tmp_path}/none.h5': there is no such file; give the path of one, or imagenet, or none."
    assert refusal(pretrained.fetch, change(MOBILE, weights=f"{tmp_path}/none.h5")) == message


@pytest.mark.parametrize("config", [Config(), change(MOBILE, weights="none")], ids=["not pretrained", "none"])
def test_random_weights_need_nothing(config, unreachable):
    assert pretrained.settle(config) is config
    assert pretrained.fetch(config) is pretrained.file(config) is None


def test_a_run_downloads_its_weights_counts_what_comes_and_trains_from_them_to_its_end(server, cache, tmp_path):
    import keras

    from catsdogs.training import trainer

    folder = photographs(tmp_path / "photos", {"cats": 10, "dogs": 10})
    settings = {"target_size": 32, "batch_size": 4, "precision": "float32", "frozen_epochs": 1, "epochs": 2}
    run = store.create(Config(data=str(folder), model="mobilenetv2", **settings))
    backbone = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg")
    backbone.save(tmp_path / "served.h5")
    server.files[path_of(run.config)] = (tmp_path / "served.h5").read_bytes()
    server.gate.clear()
    shown = []

    def show(facts):
        shown.append(dict(facts))
        if facts.get("message") == "downloading the weights of mobilenetv2, in MB":
            server.gate.set()

    evaluated = trainer.train(run, Progress(run, lambda: False, lambda message: None, show))
    (total,) = {facts["total"] for facts in shown if facts["phase"] == "fetching" and "total" in facts}
    assert total == pytest.approx((tmp_path / "served.h5").stat().st_size / 1e6, abs=0.1)
    assert [epoch["epoch"] for epoch in history.load(run)] == [1, 2] and evaluated.test.count == 4
    assert store.environment(run)["pretrained"] == str(cache / pretrained.file(run.config).name)
    assert pretrained.file(run.config).read_bytes() == server.files[path_of(run.config)]
