"""Where the weights of a pretrained network are: a file, Keras' cache, or a server, here one of the test's own."""

import warnings

import pytest

from catsdogs.networks import download, pretrained
from catsdogs.settings.config import Config, change
from tests.networks.conftest import refusal

MOBILENET = Config(model="mobilenetv2", target_size=160)


@pytest.mark.parametrize(
    ("name", "size"),
    [*(("mobilenetv2", size) for size in (96, 150, 224, 256)), ("efficientnetv2b0", 150), ("convnexttiny", 150)],
)
def test_url_name_and_hash_are_those_of_keras(name, size, monkeypatch):
    """Keras is asked for the weights, and stopped where it would download them."""
    import keras
    from keras.src.utils import file_utils

    from catsdogs.networks import backbones

    def stop(file, url, cache_subdir, file_hash=None):
        raise LookupError(file, url, cache_subdir, file_hash)

    monkeypatch.setattr(file_utils, "get_file", stop)
    config = Config(model=name, target_size=size)
    with pytest.raises(LookupError) as stopped, warnings.catch_warnings(action="ignore"):  # about sizes without weights of their own
        getattr(keras.applications, backbones.BUILDERS[name])(include_top=False, input_shape=(size, size, 3), pooling="avg")
    file, url, folder, file_hash = stopped.value.args
    assert (pretrained.url(config), download.HASHES.get(name, "").partition(":")[2]) == (url, file_hash or "")
    assert pretrained.file(config).parts[-2:] == (folder, file)


def test_weights_in_the_cache_need_no_server(unreachable, cache):
    cache.mkdir(parents=True)
    pretrained.file(MOBILENET).write_bytes(b"some weights")
    assert pretrained.settle(MOBILENET) == MOBILENET
    assert download.fetch(MOBILENET).read_bytes() == b"some weights"


def test_an_unreachable_server_is_an_error_with_url_and_ways_out(unreachable, cache):
    for function in (pretrained.settle, download.fetch):
        message = refusal(function, MOBILENET)
        assert message.startswith(
            f"The ImageNet weights of mobilenetv2 are not in {cache}, and the connection to the server failed (Connection refused): "
        )
        assert f"download {pretrained.url(MOBILENET)} elsewhere and put its path in weights, or set weights = none to train" in message
    assert not cache.exists()


def test_an_unknown_server_is_an_error_of_few_words(cache, monkeypatch):
    monkeypatch.setattr(pretrained, "BASE", "http://nowhere.invalid/")
    assert " and the connection to the server failed (" in (message := refusal(pretrained.settle, MOBILENET))
    assert "Error" not in message and "object at" not in message


def test_a_server_without_the_file_is_an_error_with_its_answer(server):
    assert "and the server answers 404 Not Found: download http" in refusal(pretrained.settle, MOBILENET)


def test_a_file_of_ones_own_is_kept_by_its_absolute_path(unreachable, tmp_path, monkeypatch):
    (tmp_path / "mine.weights.h5").write_bytes(b"some weights")
    monkeypatch.chdir(tmp_path)
    settled = pretrained.settle(change(MOBILENET, weights="mine.weights.h5"))
    assert settled.weights == str(tmp_path / "mine.weights.h5")
    assert download.fetch(settled) == tmp_path / "mine.weights.h5"


def test_a_missing_file_is_named_as_it_was_given(tmp_path):
    config = change(MOBILENET, weights=f"{tmp_path}/none.h5")
    message = f"weights = '{tmp_path}/none.h5': there is no such file; give the path of one, or imagenet, or none."
    assert refusal(pretrained.settle, config) == refusal(download.fetch, config) == message


@pytest.mark.parametrize("config", [Config(), change(MOBILENET, weights="none")], ids=["not pretrained", "none"])
def test_random_weights_need_nothing(config, unreachable):
    assert pretrained.settle(config) is config
    assert download.fetch(config) is pretrained.file(config) is None
