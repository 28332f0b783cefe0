"""A network as a file for LiteRT, the runtime of phones that was TensorFlow Lite, and what such a file answers."""

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from catsdogs.settings.config import Config

SUFFIX = ".tflite"
RUNTIME = "ai-edge-litert"  # what others install to use the file
# What stays in 32 bits: what tells the range of the pixels, applies the temperature and tells what is neither. No layer is one of these
_EXACT = (
    *("ABS", "CAST", "CONCATENATION", "EXPAND_DIMS", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "LOG", "LOGISTIC", "MAXIMUM"),
    *("MINIMUM", "MUL", "NEG", "REDUCE_MAX", "REDUCE_MIN", "ROUND", "SELECT_V2", "SUB", "SUM"),
)


def require(config: Config) -> None:
    """TensorFlow has all that it takes, for every network."""


def write(network: keras.Model, path: Path) -> None:
    """Write the network in 32 bits."""
    network.export(path, format="litert", verbose=False)


def write_8_bits(network: keras.Model, pixels: np.ndarray, path: Path) -> None:
    """Write the network with weights and activations of 8 bits, in the ranges that they have for these images, (n, side, side, 3)."""
    import tensorflow as tf

    def representative():
        for image in pixels:
            yield [image[None].astype(np.float32)]

    with tempfile.TemporaryDirectory() as folder:
        network.export(folder, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = representative
        options = tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=list(_EXACT))
        # It is the only way to say which operations are not to be quantized; nothing is debugged
        debugger = tf.lite.experimental.QuantizationDebugger(converter=converter, debug_dataset=representative, debug_options=options)
        path.write_bytes(debugger.get_nondebug_quantized_model())


def open_file(path: Path) -> Callable[[np.ndarray], np.ndarray]:
    """A function of an image, (side, side, 3), that returns its row of what `portable.network` answers, on one thread."""
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*tf.lite.Interpreter is deprecated")  # for a package that TensorFlow contains so far
        interpreter = tf.lite.Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    given, answered = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def answer(image: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(given, image[None].astype(np.float32))
        interpreter.invoke()
        return interpreter.get_tensor(answered)[0]

    return answer
