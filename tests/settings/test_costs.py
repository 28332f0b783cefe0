"""What epochs cost relative to each other."""

from catsdogs.settings import costs
from catsdogs.settings.config import Config


def test_an_epoch_of_the_head_alone_costs_less():
    first, second, third = costs.per_epoch(Config(model="mobilenetv2", frozen_epochs=1, epochs=3, target_size=64))
    assert first < second == third == 64**2


def test_an_epoch_costs_the_pixels_of_an_image():
    config = Config(model="resnet", first_size=64, target_size=128, epochs=3)
    assert costs.per_epoch(config) == [64**2, 96**2, 128**2]
    assert costs.per_epoch(Config(epochs=2, target_size=150)) == [150**2] * 2


def test_an_epoch_that_leaves_images_out_costs_less():
    assert costs.per_epoch(Config(epochs=2, target_size=100, data_pruning=0.25)) == [7500] * 2
