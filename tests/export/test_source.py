"""Models written down as Python, run, and compared with what they were written from."""

import keras
import pytest
from keras import layers, ops

from catsdogs.export import source
from catsdogs.networks import registry
from catsdogs.settings.choices import MODELS, PRETRAINED_MODELS
from catsdogs.settings.config import Config
from catsdogs.training import optimizers


def rebuilt(text):
    """The model that those statements make."""
    names = {}
    exec(f"import keras\nfrom keras import layers, ops\n{text}", names)
    return names["model"]


def described(model):
    """Every layer's kind and settings, whatever its name, with the number format; a model within it likewise."""
    return [
        (type(layer).__name__, described(layer))
        if isinstance(layer, keras.Model)
        else (type(layer).__name__, {name: value for name, value in layer.get_config().items() if name not in ("name", "batch_shape")})
        for layer in model.layers
    ]


def assert_same(made, model):
    assert sorted(described(made), key=repr) == sorted(described(model), key=repr)
    assert made.count_params() == model.count_params()
    assert (made.input_shape, made.output_shape) == (model.input_shape, model.output_shape)
    assert made.inputs[0].dtype == model.inputs[0].dtype


def residual():
    """Two blocks, one with a projection, and averages by an operation rather than a layer."""
    inputs = keras.Input((32, 32, 3), dtype="uint8")
    hidden = layers.Rescaling(1 / 255)(inputs)
    for filters, strides in ((8, 1), (16, 2)):
        before = layers.Conv2D(filters, 1, strides=strides, use_bias=False, kernel_initializer="he_normal")(hidden)
        hidden = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(hidden)
        hidden = layers.BatchNormalization(momentum=0.9, gamma_initializer="zeros")(hidden)
        hidden = layers.Add()([before, hidden])
    hidden = layers.Dropout(0.25)(ops.mean(hidden * 2, axis=(1, 2)))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid", dtype="float32")(hidden))


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("name", [name for name in MODELS if name not in PRETRAINED_MODELS])
def test_every_network_of_this_project_is_rebuilt_layer_by_layer(name, precision):
    model = registry.build(Config(model=name, target_size=48), precision)
    text = source.model(model, policy=precision)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        assert_same(rebuilt(text), model)
    finally:
        keras.config.set_dtype_policy(before)


def test_a_residual_network_predicts_the_same():
    model = residual()
    made = rebuilt(source.model(model))
    assert_same(made, model)
    pictures = keras.random.randint((4, 32, 32, 3), 0, 256, dtype="uint8", seed=1)
    for each in (made, model):
        for weight in each.weights:
            weight.assign(ops.ones_like(weight) * 0.01)
    assert ops.max(ops.abs(made(pictures) - model(pictures))) < 1e-6


def test_a_branch_keeps_its_name_until_it_is_added():
    lines = source.model(residual()).splitlines()
    assert 'branch = layers.Conv2D(8, (1, 1), use_bias=False, kernel_initializer="he_normal")(x)' in lines
    assert "x = layers.Add()([branch, x])" in lines
    assert "x = ops.mean(x, axis=(1, 2), keepdims=False)  # 16" in lines


def test_a_nested_network_is_written_first_and_stays_frozen():
    inner = residual()
    inner.trainable = False
    inputs = keras.Input((32, 32, 3), dtype="uint8")
    model = keras.Model(inputs, layers.Dense(1)(inner(inputs, training=False)))
    made = rebuilt(source.model(model))
    assert_same(made, model)
    assert len(made.trainable_weights) == len(model.trainable_weights) == 2


def test_only_what_is_not_keras_default_is_written():
    assert source.expression(layers.Conv2D(32, 3)) == "layers.Conv2D(32, (3, 3))"
    assert source.expression(layers.Dense(1, "sigmoid")) == 'layers.Dense(1, activation="sigmoid")'
    assert source.expression(layers.Rescaling(1 / 255)) == "layers.Rescaling(1 / 255)"
    assert source.expression(layers.Dense(4, dtype="float32"), "mixed_bfloat16") == 'layers.Dense(4, dtype="float32")'


@pytest.mark.parametrize(
    "optimizer",
    [
        keras.optimizers.SGD(0.0125, momentum=0.9),
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(0.0004, 100, warmup_target=0.01, warmup_steps=20),
            weight_decay=0.05,
            use_ema=True,
            ema_momentum=0.995,
        ),
    ],
)
def test_an_optimizer_keeps_its_schedule_and_settings(optimizer):
    made = eval(source.expression(optimizer), {"keras": keras})
    assert type(made) is type(optimizer)
    assert made.get_config() | {"name": ""} == optimizer.get_config() | {"name": ""}


def test_a_learning_rate_is_written_as_it_was_given():
    text = source.expression(optimizers.build(Config(optimizer="adam"), 100), always=("learning_rate",))
    assert text == "keras.optimizers.Adam(learning_rate=0.001)"


def test_a_layer_that_is_used_twice_is_refused():
    inputs = keras.Input((8,))
    twice = layers.Dense(8)
    with pytest.raises(ValueError, match="uses a layer twice"):
        source.model(keras.Model(inputs, twice(twice(inputs))))
