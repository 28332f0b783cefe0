"""A network as a web page of one folder, which classifies in the browser, offline: an ONNX file, ONNX Runtime Web, and the page.

ONNX Runtime Web is 14 MB and no part of this project: `npm` fetches it once per home folder, and its digest is checked.
"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from catsdogs.errors import InputError
from catsdogs.export import onnx
from catsdogs.export.onnx import SUFFIX, open_file, write, write_8_bits  # noqa: F401  as `portable` asks of a format
from catsdogs.settings.config import Config
from catsdogs.system import home, locks

_PACKAGE = "onnxruntime-web@1.30.0"
_SHA512 = "ab4cbe26baedba45d2cec05610c71c55fa97db92d19a8b171c5f8269126683ca590a5cdc57bb2f35ce2b298de32f4d956fb42644c0ecd528a0a91e025c07ca61"
FILES = ("ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")  # of its folder dist
_PAGE = Path(__file__).parent / "templates" / "web_page"


def require(config: Config) -> None:
    """Raises InputError where a package is missing, ONNX Runtime Web can't be fetched, or the page can't do as the configuration says."""
    if config.interpolation == "nearest":  # picks other pixels of a JPEG that the application decodes at a fraction of its size
        raise InputError(
            "A web page can't resize photographs with interpolation=nearest as the application does: "
            "export the run to LiteRT or ONNX, or download it for Keras."
        )
    onnx.require(config)
    runtime()


def runtime() -> list[Path]:
    """The files of ONNX Runtime Web, fetched where they are not here yet. Raises InputError."""
    folder = home.subfolder("runtimes") / _PACKAGE
    if not folder.is_dir():
        with locks.hold(folder.parent / "fetching.lock"):
            if not folder.is_dir():  # another process may have fetched them meanwhile
                _fetch(folder)
    return [folder / name for name in FILES]


def page() -> dict[str, str]:
    """The files of the page: their text by their names."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(_PAGE.iterdir())}


def _fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise InputError("Writing a web page takes ONNX Runtime Web, which npm fetches: install Node.js, or export to ONNX.")
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        ended = subprocess.run([npm, "pack", "--silent", _PACKAGE], cwd=scratch, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if ended.returncode:
            raise InputError(f"npm can't fetch {_PACKAGE}. Check the connection to the internet, or export to ONNX.")
        (packed,) = Path(scratch).glob("*.tgz")
        if hashlib.sha512(packed.read_bytes()).hexdigest() != _SHA512:
            raise InputError(f"What npm fetched as {_PACKAGE} is not the file that was expected. Export to ONNX instead.")
        built = Path(scratch, "built")
        built.mkdir()
        with tarfile.open(packed) as archive:
            for name in FILES:
                with archive.extractfile(f"package/dist/{name}") as file:
                    (built / name).write_bytes(file.read())
        built.rename(folder)
