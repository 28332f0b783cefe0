"""Filters that whiten patches: how they respond to images, and where they are set."""

import tracemalloc

import keras
import numpy as np
import pytest

from catsdogs.networks import patch_whitening, registry
from catsdogs.settings.config import Config


@pytest.fixture(scope="module")
def images():
    """Smooth, as photographs are: neighbouring pixels, and the channels of one, are much alike."""
    random = np.random.default_rng(0)
    coarse = random.uniform(0, 255, (40, 12, 12, 3)) * 0.5 + random.uniform(0, 255, (40, 12, 12, 1)) * 0.5
    return np.array(keras.ops.image.resize(coarse, (48, 48), interpolation="bicubic")).clip(0, 255).astype(np.uint8)


def responses(kernel, images):
    """The response of each filter to every patch, (patches, filters)."""
    side = kernel.shape[0]
    return np.array(keras.ops.conv(images / np.float32(255), kernel, strides=side, padding="valid")).reshape(-1, kernel.shape[-1])


@pytest.mark.parametrize(("side", "count"), [(3, 32), (2, 24), (4, 8)])
def test_responses_of_half_the_filters_are_uncorrelated(images, side, count):
    kernel = patch_whitening.filters(images, side, count)
    assert (kernel.shape, kernel.dtype) == ((side, side, 3, count), np.float32)
    together = np.corrcoef(responses(kernel, images)[:, : count // 2], rowvar=False)
    np.testing.assert_allclose(together, np.eye(count // 2), atol=0.01)


def test_strong_directions_are_equalised_and_weak_stay_small(images):
    spread = responses(patch_whitening.filters(images, 3, 54), images).var(axis=0)[:27]
    assert spread[0] == pytest.approx(1, abs=0.02)
    assert (np.diff(spread) < 1e-3).all() and spread[-1] < 0.5


def test_the_other_half_has_its_sign_flipped(images):
    kernel = patch_whitening.filters(images, 3, 32)
    np.testing.assert_array_equal(kernel[..., 16:], -kernel[..., :16])


def test_many_large_images_take_no_more_memory_than_one():
    images = np.random.default_rng(0).integers(0, 256, (64, 256, 256, 3), dtype=np.uint8)
    tracemalloc.start()
    patch_whitening.filters(images, 3, 32)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10e6, "of 512 images, it took more than 1 GB"


def test_only_the_first_convolution_is_set(images):
    network = registry.build(Config(model="resnet", target_size=48))
    before = network.get_weights()
    patch_whitening.set_first_filters(network, images)
    changed = [not np.array_equal(one, other) for one, other in zip(before, network.get_weights(), strict=True)]
    assert changed == [True] + [False] * (len(before) - 1)
    np.testing.assert_array_equal(network.get_weights()[0], patch_whitening.filters(images, 3, 32))
