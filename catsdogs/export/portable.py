"""A run for other runtimes: a ZIP file of its network as LiteRT or ONNX, in 32 and in 8 bits, each checked before it is in there.

Beside it are a script that classifies without Keras, and what each file is worth. Converting takes a GB of memory and half a minute, and
the backend TensorFlow: `prepare` comes first, in a process of its own (the command line; `pages` start it).
"""

import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from catsdogs.analysis import neither
from catsdogs.errors import InputError
from catsdogs.export.worth import Worth
from catsdogs.runs import Run, temperature
from catsdogs.system import devices, files, words

FORMATS = {"litert": "LiteRT", "onnx": "ONNX", "web": "Web page"}
_CLASSIFY = Path(__file__).parent / "templates" / "classify_portable.py"
_NEEDED = ("numpy", "pillow", "pillow-heif")
_BATCH = 32  # images
_USE = """In a Python environment:

    pip install -r requirements.txt
    python classify.py IMAGE...          cat or dog? --json for JSON, --8-bits for the smaller network
"""
_WEB_USE = """\
Put this folder on any web server, or serve it on this machine, and open the page. Nothing else is fetched, no picture is sent:

    python -m http.server                http://localhost:8000

It answers with the network in 32 bits. Photographs are resized as in the application, but decoded by the browser: a probability may
differ by a percent.
"""
_TELLS = """The second number is above 0 where the image looks like neither; what is here
                   looks again at those near it."""
_CAN_NOT_TELL = "This run can't tell what is neither."


@dataclass(frozen=True)
class Exported:
    """What was written: the worth of each file, and of the network itself the accuracy on the same `count` images, if known."""

    format: str
    count: int
    what: str
    accuracy: float | None
    files: tuple[Worth, ...]


def prepare() -> None:
    """Load Keras for `write`. To be called before anything else loads it."""
    os.environ["KERAS_BACKEND"] = "tensorflow"  # others can't write these formats, and every stored model can be read by it
    devices.load()


def write(run: Run, format: str, path: Path, folder: Path | None = None) -> Exported:
    """Write the ZIP file, replacing an existing one; the images to check with may come from a folder (`samples.find`).

    Raises InputError where the run has no model, a package is missing, or the run can't be exported to the format; OSError.
    """
    from catsdogs.export import samples

    kind(format).require(run.config)
    if not run.model_path.exists():
        raise InputError(f"Run {run.id} ({run.state}) has no model yet; it can be exported when its first epoch has ended.")
    found, leaving = samples.find(run, folder), network(run)
    expected = leaving.predict(found.checked.astype(np.float32), batch_size=_BATCH, verbose=0)
    with tempfile.TemporaryDirectory() as built:
        exported = _check(run, format, found, expected, convert(leaving, format, found.ranges, Path(built)))
        kept = [Path(built, each.name) for each in exported.files if not each.refusal]
        files.replace(path, lambda temporary: _pack(run, exported, kept, temporary))
    return exported


def kind(format: str):
    """The module that knows the format."""
    from catsdogs.export import litert, onnx, web_page

    return {"litert": litert, "onnx": onnx, "web": web_page}[format]


def network(run: Run):
    """The run's network as it leaves: in 32 bits, for float pixels, (n, side, side, 3), from 0 to 255 or from 0 to 1.

    It answers with (n, 1), the probability of the second label at the run's temperature; with (n, 2) where the run can tell what is
    neither: a second number above 0 says so. Raises InputError where there is no model, or it can't be read.
    """
    from catsdogs.export import float32, input_range, tempering
    from catsdogs.inference import classifier
    from catsdogs.networks import neither as judging

    loaded = classifier.load(run)
    plain = float32.of(loaded.model)
    judged = judging.attach(plain, neither.load(run)) if loaded.judge else plain
    return input_range.accept_any(tempering.temper(judged, temperature.load(run).value), run.config.target_size)


def convert(leaving, format: str, ranges: np.ndarray, folder: Path) -> tuple[tuple[Path, int], ...]:
    """The files of what `network` returned, each with its bits; `ranges` are the images by which 8 bits are fitted."""
    paths = [folder / f"{name}{kind(format).SUFFIX}" for name in ("network", "network-8-bits")]
    with _silenced():
        kind(format).write(leaving, paths[0])
        kind(format).write_8_bits(leaving, ranges, paths[1])
    return tuple(zip(paths, (32, 8), strict=True))


def _check(run: Run, format: str, found, expected: np.ndarray, converted: tuple[tuple[Path, int], ...]) -> Exported:
    """By what the network answers to the images, `expected`. Raises InputError where 32 bits fail the check."""
    from catsdogs.export import worth

    measured = []
    for path, bits in converted:
        with _silenced():
            answer = kind(format).open_file(path)
        measured.append(worth.measure(path, bits, answer, found.checked, expected, found.labels))
    if measured[0].refusal:
        raise InputError(f"Run {run.id} can't be exported to {FORMATS[format]}: {measured[0].refusal}. Download it for Keras instead.")
    accuracy = None if found.labels is None else float(np.mean((expected[:, 0] >= 0.5) == found.labels))
    return Exported(format, len(expected), found.what, accuracy, tuple(measured))


def _pack(run: Run, exported: Exported, kept: list[Path], path: Path) -> None:
    from catsdogs.export import bundle, web_page

    reading = bundle.reading(run) | {"format": exported.format, "files": {"32": kept[0].name, "8": kept[-1].name}}
    reading |= {name: value for name, value in (neither.load(run) or {}).items() if name == "second_look"}
    written = {
        "README.txt": _readme(run, exported),
        "worth.json": json.dumps({"run": run.id, **asdict(exported)}, indent=1),
        "classify.json": json.dumps(reading, indent=1, ensure_ascii=False),
    }
    is_page = kind(exported.format) is web_page
    written |= web_page.page() if is_page else _script(exported.format)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in (*kept, *(web_page.runtime() if is_page else ())):
            archive.write(file, f"{run.id}/{file.name}")
        for name, text in written.items():
            archive.writestr(f"{run.id}/{name}", text.encode(errors="backslashreplace"))


def _script(format: str) -> dict[str, str]:
    """The files of the script that classifies."""
    from catsdogs.export import bundle

    needed = "".join(f"{name}=={version(name)}\n" for name in _NEEDED) + f"{kind(format).RUNTIME}\n"
    return {"requirements.txt": needed, "classify.py": _CLASSIFY.read_text(encoding="utf-8"), **bundle.sources()}


def table(exported: Exported) -> str:
    """What each file is worth, as lines of text."""
    whole = "-" if exported.accuracy is None else f"{exported.accuracy:.1%}"
    lines = [f"{'':24}{'MB':>7}{'ms':>8}{'same answer':>13}{'same neither':>14}{'largest difference':>20}{'accuracy':>10}"]
    lines.append(f"{'the network in Keras':24}{'':7}{'':8}{'':13}{'':14}{'':20}{whole:>10}")
    for each in exported.files:
        right, alike = ("-" if share is None else f"{share:.1%}" for share in (each.accuracy, each.neither))
        facts = f"{each.bytes / 1e6:7.1f}{each.ms:8.1f}{each.agreement:13.1%}{alike:>14}{each.difference:20.4f}{right:>10}"
        lines.append(f"{each.name:24}{facts}" + (f"  left out: {each.refusal}" if each.refusal else ""))
    about = f"On {exported.count} {words.printable(exported.what)}. Times are for one image, on one thread of the machine that wrote it."
    return "\n".join([*lines, "", about])


def _readme(run: Run, exported: Exported) -> str:
    from catsdogs.export import bundle

    side, (first, second) = run.config.target_size, bundle.reading(run)["labels"]
    columns, about = (2, _TELLS) if run.neither_path.exists() else (1, _CAN_NOT_TELL)
    return f"""Run {run.id} of Cats & Dogs Studio, as {FORMATS[exported.format]}

{_WEB_USE if exported.format == "web" else _USE}
{table(exported)}

In your own code:

input "pixels"     float32, shape (number of images, {side}, {side}, 3): {bundle.squared(run)},
                   red, green and blue in this order, on white where it is transparent
range of pixels    0 to 255, or 0 to 1, recognised image by image.
                   A value below 0, or far above 255, makes the answer NaN: neither scale to -1 to 1 nor subtract a mean.
output             float32, shape (number of images, {columns}): first the probability of {second}; 0.5 or more means {second}, less means
                   {first}. The run's temperature is built in. {about}
"""


@contextmanager
def _silenced() -> Iterator[None]:
    """What the converters write to the process's streams goes nowhere; what they raise does not."""
    kept = [(number, os.dup(number)) for number in (1, 2)]
    with open(os.devnull, "w") as nowhere:
        for number, _ in kept:
            os.dup2(nowhere.fileno(), number)
    try:
        yield
    finally:
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)
