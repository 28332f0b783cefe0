"""A Keras model or optimizer -> the Python code that builds it, as one would write it by hand.

It is read from the object itself, through `get_config`, so that there is no second description of any network. Arguments at Keras'
defaults are left out. `script` puts the code into a script.
"""

import inspect
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, count

import keras
import numpy as np


def model(network: keras.Model, variable: str = "model", policy: str = "float32", known: dict[str, str] | None = None) -> str:
    """Statements that build a Sequential or Functional model, without its weights, where `policy` is the global dtype policy.

    They need `import keras` and `from keras import layers, ops`. The model has one input and one output, and its layers are Keras' own.
    A model within it is written out before it, but for those in `known`, by name with the call that makes each.
    Raises ValueError where a layer is used twice.
    """
    known = known or {}
    nested = [layer for layer in network.layers if isinstance(layer, keras.Model)]
    blocks = [
        f"{identifier(layer.name)} = {known[layer.name]}" if layer.name in known else model(layer, identifier(layer.name), policy, known)
        for layer in nested
    ]
    write = _sequential if isinstance(network, keras.Sequential) else _functional
    return "\n\n".join([*blocks, write(network, variable, policy)])


def expression(thing, policy: str = "float32", always: tuple[str, ...] = ()) -> str:
    """The call that makes a layer, an optimizer, a schedule or an initializer; arguments in `always` are always written."""
    module = keras.saving.serialize_keras_object(thing)["module"]
    settings = thing.get_config()
    parameters = inspect.signature(type(thing).__init__).parameters
    required = [name for name, parameter in parameters.items() if parameter.default is parameter.empty and name in settings]
    plain = type(thing)(**{name: settings[name] for name in required}).get_config()
    chosen = [
        name
        for name in sorted(settings, key=[*parameters, *settings].index)
        if name not in (*required, "name", "dtype") and (name in always or settings[name] != plain[name])
    ]
    written = [literal(settings[name]) for name in required] + [f"{name}={literal(settings[name])}" for name in chosen]
    if isinstance(thing, keras.Layer) and thing.dtype_policy.name != policy:
        written.append(f'dtype="{thing.dtype_policy.name}"')
    return f"{module.removeprefix('keras.') if module == 'keras.layers' else module}.{type(thing).__name__}({', '.join(written)})"


def _sequential(network: keras.Sequential, variable: str, policy: str) -> str:
    shapes = [network.input_shape, *(layer.output.shape for layer in network.layers)]
    lines = [f"{_input(network)},"]
    for layer, before, after in zip(network.layers, shapes[:-1], shapes[1:], strict=True):
        lines.append(f"{_layer(layer, policy)},{_new_size(before, after)}")
    inside = "\n".join(f"        {line}" for line in lines)
    return f"{variable} = keras.Sequential(\n    [\n{inside}\n    ]\n)"


def _functional(network: keras.Model, variable: str, policy: str) -> str:
    config = network.get_config()
    start, end = config["input_layers"][0], config["output_layers"][0]
    calls = {entry["name"]: entry["inbound_nodes"] for entry in config["layers"]}
    if any(len(nodes) > 1 for nodes in calls.values()):
        raise ValueError(f"Model {network.name} uses a layer twice; that can't be written down here.")
    befores = {name: [tensor["keras_history"][0] for tensor in _tensors(nodes)] for name, nodes in calls.items()}
    operations = {operation.name: operation for operation in network.operations}
    names = _Names(start, [*befores.values(), [end]])
    lines = [f"inputs = {_input(network)}"]
    for name in _in_order(end, befores):
        if name == start:
            continue
        (call,) = calls[name]
        arguments = [_argument(value, names.of) for value in call["args"]]
        arguments += [f"{key}={_argument(value, names.of)}" for key, value in call["kwargs"].items() if value is not None]
        size = _new_size(next(_tensors(call))["shape"], operations[name].output.shape)
        result = names.assign(name, befores[name])
        if result.startswith("branch") and result not in arguments:
            lines.append("")
        lines.append(f"{result} = {_call(operations[name], arguments, policy)}{size}")
    return "\n".join([*lines, f"{variable} = keras.Model(inputs, {names.of[end]})"])


class _Names:
    """Names tensors as one would by hand: `x` is reused along the way, and what is needed again keeps a name of its own."""

    def __init__(self, start: str, uses: list[list[str]]):
        self.of = {start: "inputs"}
        self._uses_left = Counter(name for group in uses for name in group)

    def assign(self, layer: str, before: list[str]) -> str:
        """A name for the output of the layer, whose inputs are the outputs of the layers `before`."""
        self._uses_left.subtract(before)
        taken = {"inputs"} | {name for other, name in self.of.items() if self._uses_left[other]}
        same = [self.of[before[0]]] if len(before) == 1 else []
        self.of[layer] = next(name for name in chain(same, _pool()) if name not in taken)
        return self.of[layer]


def _pool() -> Iterator[str]:
    yield from ("x", "branch")
    yield from (f"branch_{number}" for number in count(2))


def _in_order(end: str, befores: dict[str, list[str]]) -> list[str]:
    """The layers that `end` depends on, each after those before it, one branch at a time."""
    ordered, open_ones = {}, [end]
    while open_ones:
        missing = [name for name in befores[open_ones[-1]] if name not in ordered]
        if missing:
            open_ones.append(missing[0])
        else:
            ordered[open_ones.pop()] = True
    return list(ordered)


def _tensors(content) -> Iterator[dict]:
    """The configurations of the tensors in the serialized arguments of a call."""
    if isinstance(content, dict) and content.get("class_name") == "__keras_tensor__":
        yield content["config"]
    elif isinstance(content, (dict, list, tuple)):
        for value in content.values() if isinstance(content, dict) else content:
            yield from _tensors(value)


def _argument(value, names: dict[str, str]) -> str:
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        return names[value["config"]["keras_history"][0]]
    if isinstance(value, list) and any(_tensors(value)):
        return f"[{', '.join(_argument(part, names) for part in value)}]"
    return literal(value)


def _call(operation, arguments: list[str], policy: str) -> str:
    if isinstance(operation, keras.Layer):
        return f"{_layer(operation, policy)}({', '.join(arguments)})"
    settings = [f"{name}={literal(value)}" for name, value in operation.get_config().items() if name != "name"]
    return f"ops.{_snake_case(operation)}({', '.join([*arguments, *settings])})"


def _layer(layer: keras.Layer, policy: str) -> str:
    return identifier(layer.name) if isinstance(layer, keras.Model) else expression(layer, policy)


def identifier(name: str) -> str:
    """The variable of a model within another one."""
    return re.sub(r"\W", "_", name)


def _input(network: keras.Model) -> str:
    (tensor,) = network.inputs
    return f'keras.Input({literal(tensor.shape[1:])}, dtype="{tensor.dtype}")'


def _new_size(before: tuple, after: tuple) -> str:
    """A comment where height and width change, or the output is flat."""
    if tuple(before[1:-1]) == tuple(after[1:-1]):
        return ""
    return f"  # {' x '.join(map(str, after[1:]))}"


def _snake_case(thing) -> str:
    """The name of its class as Keras writes it for functions and for short: HeNormal, he_normal."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(thing).__name__).lower()


def literal(value) -> str:
    """The value of a setting, as one would write it by hand."""
    if isinstance(value, dict):
        thing = keras.saving.deserialize_keras_object(value)
        is_plain = isinstance(thing, keras.initializers.Initializer) and thing.get_config() == type(thing)().get_config()
        return f'"{_snake_case(thing)}"' if is_plain else expression(thing)
    if isinstance(value, (list, tuple)):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _number(value: float) -> str:
    """As short as it can be: 1 / 255 rather than 0.00392156862745098, and a rate that Keras keeps in float32 as it was given."""
    text = str(float(str(np.float32(value)))) if float(np.float32(value)) == value else repr(value)
    fraction = Fraction(value).limit_denominator(1000) if math.isfinite(value) else None
    is_simpler = fraction and len(text) > 8 and float(fraction) == value
    return f"{fraction.numerator} / {fraction.denominator}" if is_simpler else text
