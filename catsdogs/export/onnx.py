"""A network as an ONNX file, for ONNX Runtime, browsers and much else, and what such a file answers.

What that takes is an extra of this project's: `require` says how to install it.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np

from catsdogs.errors import InputError
from catsdogs.settings.config import Config

SUFFIX = ".onnx"
RUNTIME = "onnxruntime"  # what others install to use the file
_NEEDED = ("onnx", "onnxruntime", "tf2onnx")
_INEXPRESSIBLE = ("convnexttiny",)  # tf2onnx knows neither Erfc, of its GELU, nor its convolutions of as many groups as channels


def require(config: Config) -> None:
    """Raises InputError where a package is missing, or the network of the configuration can't be converted."""
    if config.model in _INEXPRESSIBLE:
        raise InputError(
            f"{config.model} has operations that can't be converted to ONNX: export the run to LiteRT, or download it for Keras."
        )
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(f"To write ONNX files, install what is missing: `pip install {' '.join(missing)}`. LiteRT needs nothing more.")


def write(network: keras.Model, path: Path) -> None:
    """Write the network in 32 bits."""
    network(np.zeros((1, *network.input_shape[1:]), np.float32))  # Keras exports only what was called
    network.export(path, format="onnx", verbose=False)


def write_8_bits(network: keras.Model, pixels: np.ndarray, path: Path) -> None:
    """Write the network with weights and activations of 8 bits in its convolutions and Dense layers, which take most of the time.

    Their ranges are those for these images, (n, side, side, 3). Everything else stays in 32 bits: what tells the range of the pixels and
    what applies the temperature.
    """
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Images(quantization.CalibrationDataReader):
        def __init__(self):
            self._left = iter(pixels)

        def get_next(self):
            image = next(self._left, None)
            return None if image is None else {"pixels": image[None].astype(np.float32)}

    with tempfile.TemporaryDirectory() as folder, _inside(Path(folder)):
        write(network, Path("network.onnx"))
        quant_pre_process("network.onnx", "prepared.onnx", skip_symbolic_shape=True)
        quantization.quantize_static(
            "prepared.onnx",
            "quantized.onnx",
            Images(),
            op_types_to_quantize=["Conv", "MatMul", "Gemm"],
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,  # with int8 weights: what processors multiply fastest
            weight_type=quantization.QuantType.QInt8,
        )
        path.write_bytes(Path("quantized.onnx").read_bytes())


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in that folder: ONNX Runtime leaves files of its own in the current one."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def open_file(path: Path) -> Callable[[np.ndarray], np.ndarray]:
    """A function of an image, (side, side, 3), that returns its row of what `portable.network` answers, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def answer(image: np.ndarray) -> np.ndarray:
        return session.run(None, {"pixels": image[None].astype(np.float32)})[0][0]

    return answer
