"""What a learning-rate range test suggests."""

import json
from dataclasses import replace

import numpy as np
import pytest

from catsdogs.analysis import learning_rates
from catsdogs.analysis.learning_rates import RangeTest

RATES = np.geomspace(1e-5, 0.1, 81)
NOTHING_LEARNED = "so the test only shows which rates are too high."


def made(losses, rates=RATES) -> RangeTest:
    return RangeTest(tuple(map(float, rates)), tuple(map(float, losses)), 2000, 32)


def falling(rises_at: float, lowest: float = 0.3, noise: float = 0.0) -> RangeTest:
    """A loss that falls from 0.7 and rises steeply from that rate on."""
    decades = np.log10(RATES)
    fall = np.clip((decades + 4.5) / 2, 0, 1)
    losses = 0.7 - (0.7 - lowest) * fall + 3 * np.clip(decades - np.log10(rises_at), 0, None)
    return made(losses + np.random.default_rng(0).normal(0, noise, losses.size))


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_it_is_a_third_of_the_rate_where_the_loss_begins_to_rise(noise):
    suggestion = learning_rates.suggest(falling(rises_at=0.01, noise=noise))
    assert suggestion.highest == pytest.approx(0.01, rel=0.35)
    assert suggestion.rate == pytest.approx(suggestion.highest / 3, rel=0.05)
    assert "the loss rises" in suggestion.why and NOTHING_LEARNED not in suggestion.why


def test_a_loss_that_comes_down_again_counts_as_risen():
    """As with Adam and ReLU: a broken network gives every photograph one answer, at a loss of 0.69."""
    decades = np.log10(RATES)
    losses = 0.69 + 0.4 * np.exp(-(((decades + 2) / 0.3) ** 2))
    suggestion = learning_rates.suggest(made(losses))
    assert 0.002 < suggestion.highest < 0.008
    assert "hardly fell" in suggestion.why


def test_a_loss_that_never_rises_leads_to_a_third_of_the_highest_rate():
    suggestion = learning_rates.suggest(falling(rises_at=1.0))
    assert suggestion.rate == 0.033 and "did not rise" in suggestion.why


def test_a_loss_that_ended_in_no_number_is_said_to_have():
    suggestion = learning_rates.suggest(replace(falling(rises_at=1.0), has_diverged=True))
    assert suggestion.rate == 0.033 and suggestion.why.startswith("Above 0.1, the loss is infinite or not a number; ")


def test_a_noisy_start_is_no_rise():
    """Small batches: single losses differ by more than the margin."""
    suggestion = learning_rates.suggest(falling(rises_at=0.01, noise=0.15))
    assert suggestion.highest > 0.003


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.2])
def test_the_lowest_of_losses_that_only_waver_is_no_sign_of_learning(noise):
    """At a noise of 0.2, four of five such tests used to suggest a rate without a word of warning."""
    random = np.random.default_rng(0)
    found = [learning_rates.suggest(made(random.normal(0.69, noise, RATES.size))) for _ in range(100)]
    assert sum(NOTHING_LEARNED in suggestion.why for suggestion in found) >= 90
    learning = [learning_rates.suggest(made(falling(0.01).losses + random.normal(0, noise, RATES.size))) for _ in range(100)]
    assert sum(NOTHING_LEARNED in suggestion.why for suggestion in learning) <= 10


@pytest.mark.parametrize(
    ("noise", "why"), [(0.005, "the loss hardly fell at any rate"), (0.1, "the loss fell by less than it varies from one to the next")]
)
def test_a_curve_that_dips_by_no_more_than_it_wavers_is_not_said_to_be_flat(noise, why):
    """As with few photographs: batches of eight, and a network that has learned before."""
    suggestion = learning_rates.suggest(made(np.random.default_rng(0).normal(0.2, noise, RATES.size)))
    assert why in suggestion.why and NOTHING_LEARNED in suggestion.why


def test_a_loss_that_rises_at_once_suggests_what_is_allowed():
    rates = np.geomspace(1e-6, 1e-2, 41)
    assert learning_rates.suggest(made(np.linspace(0.7, 30, 41), rates)).rate == 1e-6


def test_it_survives_json():
    test = falling(0.01)
    content = json.loads(json.dumps(learning_rates.to_json(test)))
    assert learning_rates.from_json(content) == test
    assert content["suggestion"]["rate"] == learning_rates.suggest(test).rate and len(content["smoothed"]) == len(test.rates)
