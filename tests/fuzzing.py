"""What the application reads from strangers and from disks, as functions of bytes that may be anything, with whole inputs to begin with.

A `Target` reads its input and whatever follows from it, and raises what its callers handle, or nothing. `mutated` damages an input as
disks, editors and enemies do.
"""

import asyncio
import hashlib
import io
import json
import os
import random
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from catsdogs.analysis import calibration, curves, evaluation, looks, measurements, neither, repetitions, summaries
from catsdogs.data import corrections, dataset, decoding, images
from catsdogs.errors import InputError
from catsdogs.inference import features
from catsdogs.queue import searches
from catsdogs.runs import Run, history, predictions, store, temperature, trash
from catsdogs.runs.temperature import Temperature
from catsdogs.settings import grid, space, spelling, time_limit
from catsdogs.settings.config import Config
from catsdogs.sources import archive, intake, library
from catsdogs.system import access, home, lists, notices
from tests import profiles, storing
from tests.images import encoded, noise, photographs, with_exif

_NUMBER = re.compile(rb"-?\d[\d.e+-]*")
_VALUES = (b"0", b"-1", b"1e999", b"NaN", b"null", b'"x"', b"[]", b"{}", b"1" * 400, b"0.5", b"true", b"4294967296", b"[[[[")
_BYTES = (0, 1, 0x7F, 0x80, 0xFF)
_LENGTHS = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\xff\xff", b"\0\x01")
_CHANGES_AT_ONCE = (1, 1, 1, 2, 3, 6)


@dataclass(frozen=True)
class Target:
    """`read` raises nothing but `handled`, whatever it is given; `whole` are inputs that it reads to the end."""

    name: str
    whole: tuple[bytes, ...]
    read: Callable[[bytes], object]
    handled: tuple[type[Exception], ...] = (InputError,)


def mutated(whole: tuple[bytes, ...], choose: random.Random) -> bytes:
    """One of them, damaged in one place or several."""
    content = bytearray(choose.choice(whole))
    for _ in range(choose.choice(_CHANGES_AT_ONCE)):
        choose.choice(_CHANGES)(content, choose, whole)
    return bytes(content)


def _flip(content: bytearray, choose: random.Random, whole) -> None:
    if content:
        content[choose.randrange(len(content))] ^= 1 << choose.randrange(8)


def _set(content: bytearray, choose: random.Random, whole) -> None:
    if content:
        content[choose.randrange(len(content))] = choose.choice(_BYTES)


def _cut(content: bytearray, choose: random.Random, whole) -> None:
    del content[choose.randint(0, len(content)) :]


def _take_out(content: bytearray, choose: random.Random, whole) -> None:
    start = choose.randint(0, len(content))
    del content[start : start + choose.randint(1, 40)]


def _repeat(content: bytearray, choose: random.Random, whole) -> None:
    start = choose.randint(0, len(content))
    content[start:start] = content[start : start + choose.randint(1, 100)] * choose.randint(1, 20)


def _put_length(content: bytearray, choose: random.Random, whole) -> None:
    start, length = choose.randint(0, len(content)), choose.choice(_LENGTHS)
    content[start : start + len(length)] = length


def _put_value(content: bytearray, choose: random.Random, whole) -> None:
    """In place of a number, as in JSON."""
    found = list(_NUMBER.finditer(bytes(content[:20_000])))
    if found:
        place = choose.choice(found)
        content[place.start() : place.end()] = choose.choice(_VALUES)


def _splice(content: bytearray, choose: random.Random, whole) -> None:
    other = choose.choice(whole)
    content[choose.randint(0, len(content)) :] = other[choose.randint(0, len(other)) :]


_CHANGES = (_flip, _flip, _set, _cut, _take_out, _repeat, _put_length, _put_value, _put_value, _splice)


def targets(folder: Path) -> tuple[Target, ...]:
    """All of them. They use the home folder, which has to be empty, and that folder."""
    return (*_of_pictures(), *_of_archives(folder), *_of_runs(), *_of_data_sets(folder), *_of_lists(), *_of_words(), *_of_requests())


def _of_pictures() -> Iterator[Target]:
    def read(content: bytes) -> None:
        for look in (partial(images.load, target_size=32), partial(images.examine, side=9), partial(images.open_rgb, draft=64)):
            look(content)

    for name, whole in pictures().items():
        yield Target(f"picture {name}", tuple(whole), read)
    yield Target("PNG with right sums", tuple(pictures()["PNG"]), lambda content: read(with_sums(content)))


def with_sums(content: bytes) -> bytes:
    """A PNG file whose chunks have the checksums of what is in them, which decoders look at first."""
    summed, place = bytearray(content), 8
    while place + 12 <= len(summed):
        end = place + 8 + int.from_bytes(summed[place : place + 4])
        if end + 4 > len(summed):
            break
        summed[end : end + 4] = zlib.crc32(summed[place + 4 : end]).to_bytes(4)
        place = end + 4
    return bytes(summed)


def pictures() -> dict[str, list[bytes]]:
    """By format, of every kind that is decoded in its own way."""
    plain, grey = noise(0, (40, 30)), noise(1, (40, 30)).convert("L")
    transparent = noise(2, (40, 30)).convert("RGBA")
    palette = plain.convert("P")
    deep = grey.convert("I;16")
    inks = plain.convert("CMYK")
    profile = profiles.display_p3()
    turned = (0x0112, 3, 1, b"\x06\0\0\0")
    tiffs = [encoded(plain, "TIFF", compression=how) for how in ("raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits")]
    return {
        "JPEG": [
            encoded(plain, "JPEG"),
            encoded(plain, "JPEG", progressive=True),
            encoded(inks, "JPEG"),
            encoded(grey, "JPEG"),
            encoded(plain, "JPEG", icc_profile=profile),
            with_exif(plain, "JPEG", turned),
        ],
        "PNG": [
            encoded(plain, "PNG"),
            encoded(transparent, "PNG"),
            encoded(palette, "PNG", transparency=3),
            encoded(deep, "PNG"),
            encoded(plain, "PNG", icc_profile=profile),
        ],
        "WEBP": [encoded(plain, "WEBP"), encoded(transparent, "WEBP", lossless=True), with_exif(plain, "WEBP", turned)],
        "GIF": [encoded(palette, "GIF"), encoded(palette, "GIF", save_all=True, append_images=[palette, palette])],
        "BMP": [encoded(plain, "BMP"), encoded(palette, "BMP"), encoded(grey.convert("1"), "BMP")],
        "TIFF": [*tiffs, encoded(deep, "TIFF"), encoded(grey.convert("F"), "TIFF"), encoded(inks, "TIFF")],
        "PPM": [encoded(plain, "PPM"), encoded(grey, "PPM"), b"P3 2 2 255 " + b"1 2 3 " * 4, b"P2 2 2 9 1 2 3 4"],
        "AVIF": [encoded(plain, "AVIF"), encoded(transparent, "AVIF")],
        "HEIF": [encoded(plain, "HEIF"), encoded(transparent, "HEIF")],
    }


def archives() -> list[bytes]:
    """ZIP files as people make them."""
    picture = encoded(noise(0, (12, 9)), "JPEG")
    made = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", method) as opened:
            for name in ("cats/1.jpg", "dogs/ü.jpg", "dogs/2.jpg", "read me.txt", "__MACOSX/._1.jpg"):
                opened.writestr(name, picture)
            with opened.open("cats/64.jpg", "w", force_zip64=True) as entry:
                entry.write(picture)
        made.append(content.getvalue())
    return made


def of_returned(folder: Path) -> Iterator[Target]:
    """Runs that come back as ZIP files, without a model; to read them takes Keras, which is worth it only where there are many."""
    from catsdogs.export import run_import

    run, path = storing.finished(Config(), count=20), folder / "run.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        contents = {each.name: each.read_bytes() for each in run.folder.iterdir()}
        for name, content in contents.items():
            written.writestr(f"{run.id}/{name}", content)
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        written.writestr(f"{run.id}/{run_import.MANIFEST}", json.dumps(digests))
    whole = path.read_bytes()
    trash.put(run)
    trash.empty()

    def add(content: bytes) -> None:
        path.write_bytes(content)
        run = run_import.add(path)
        look_at(run)
        trash.put(run)
        trash.empty()

    yield Target("a run's ZIP file", (whole,), add)


def _of_archives(folder: Path) -> Iterator[Target]:
    def unpack(content: bytes) -> None:
        to, path = folder / "unpacked", folder / "given.zip"
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir()
        path.write_bytes(content)
        before = set(os.listdir(folder))
        try:
            archive.unpack(path, to)
        finally:
            assert set(os.listdir(folder)) == before, "something was written elsewhere"
            assert not any(each.is_symlink() for each in to.rglob("*")), "a link was made"

    yield Target("archive", tuple(archives()), unpack)

    def add(content: bytes) -> None:
        names = [os.fsdecode(part) for part in content.split(b"|")]
        added = intake.add_files([(name, b"\xff\xd8\xff") for name in names[:-1]], names[-1])
        assert all(path.resolve().is_relative_to(added.folder) for path in added.folder.rglob("*"))
        shutil.rmtree(added.folder)

    yield Target("names of files", (b"cats/1.jpg|dogs/2.jpg|Pets", b"a\\b.png|./c//d.png|x y", "ä/ö.jpg|ü".encode()), add)


def _of_runs() -> Iterator[Target]:
    """Each file of a run, by all that pages and commands read of it."""
    run = storing.measured(storing.finished(Config(), count=20), 9, count=10)
    temperature.save(run, Temperature(1.2, 100, 0.05, 0.02))
    neither.save(run, {"weights": [0.5, 0.5], "limit": 1.0, "turned_away": 0.05, "found": 0.9})
    store.change_label(run, name="Mine", note="of two")
    for path in sorted(run.folder.iterdir()):
        if path.suffix in (".json", ".jsonl", ".csv"):
            yield Target(f"run's {path.name}", (path.read_bytes(),), partial(_read_run, run.id, path, path.read_bytes()))


def _read_run(id: str, path: Path, whole: bytes, content: bytes) -> None:
    path.write_bytes(content)
    try:
        look_at(store.load(id))
    finally:
        path.write_bytes(whole)
        for aside in path.parent.glob("*.unreadable-*"):
            aside.unlink()
        notices.take()


def look_at(run: Run) -> None:
    """All that the pages and commands work out of a run's files."""
    summaries.make(run)
    history.load(run)
    predicted, fitted = predictions.load(run), temperature.load(run)
    for one in measurements.load(run):
        assert one.caution is not None and one.omission
        calibration.before_and_after(one.photographs, fitted.value)
    evaluated = evaluation.load(run)
    curve = curves.load(run)
    curves.overfitting_from(curve)
    if len(curve.epochs):
        curves.band([curve], "loss", "training", "epoch", 0.5)
    repetitions.group("run", [run])
    if evaluated:
        str(evaluated.caution)
        calibration.before_and_after(predicted, fitted.value)
        repetitions.sample([run])
        evaluation.roc(np.array([row.label for row in predicted]), np.array([row.probability for row in predicted]))
    neither.load(run)
    json.dumps(store.environment(run))


def _of_data_sets(folder: Path) -> Iterator[Target]:
    data = photographs(folder / "photographs", {"cats": 12, "dogs": 12}, (12, 9))
    listing = dataset.check(data)
    corrections.change(data, {"cats": "class cats"}, {"cats/cats.1.jpg": corrections.LEFT_OUT, "cats/cats.2.jpg": "dogs"})
    library.rename(data, "Pets")
    bundled = store.load(store.SHIPPED)
    doubted = [{"digest": listing.photos[0].digest, "label": 0, "probability": 0.1}]
    look = {"run": bundled.id, "version": store.model_version(bundled), "classes": "x", "looked_at": ["y"], "doubtful": doubted}
    looked = looks._path(listing, bundled.id)
    looked.write_text(json.dumps({**look, "odd": ["y"], "agreement": 0.9, "made": "2026-01-01T10:00:00+00:00"}), encoding="utf-8")
    features.load(listing, "network", lambda paths: np.ones((len(paths), 4), np.float32))
    (kept,) = home.subfolder("features").iterdir()
    (found,) = home.subfolder("listings").glob("*.npz")
    (stored,) = home.subfolder("listings").glob("*.json")
    (corrected,) = home.subfolder("corrections").glob("*.json")
    (named,) = home.subfolder("names").glob("*.json")
    readers = {
        "listing": (stored, lambda: dataset._stored(stored)),
        "corrections": (corrected, lambda: dataset.amended(listing, corrections.load(data))),
        "what decoding found": (found, lambda: decoding._load(found)),
        "look": (looked, lambda: looks.load(listing, bundled)),
        "features": (kept, lambda: features._read(kept)),
        "name of a data set": (named, lambda: library.name_of(data)),
    }
    for name, (path, read) in readers.items():
        yield Target(name, (path.read_bytes(),), partial(_read_file, path, path.read_bytes(), read))


def _read_file(path: Path, whole: bytes, read: Callable[[], object], content: bytes) -> None:
    path.write_bytes(content)
    try:
        read()
    finally:
        path.write_bytes(whole)
        for aside in path.parent.glob("*.unreadable-*"):
            aside.unlink()
        notices.take()


def _of_lists() -> Iterator[Target]:
    path = home.folder() / "list.json"
    for shape, empty, whole in ((list[str], [], b'["/a", "/b"]'), (dict[str, list[str]], {}, b'{"rates": ["a", "b"]}')):
        yield Target(f"list of {shape}", (whole,), partial(_read_file, path, whole, partial(lists.read, path, shape, empty)))
    folder = home.subfolder("searches") / "0123456789ab"
    folder.mkdir()
    wanted, now = {"learning_rate": space.Range(0.001, 0.1, True), "optimizer": ("adam", "sgd")}, datetime.now(UTC)
    runs = {"a": searches.FINISHED, "b": searches.IN_PROGRESS}
    searches.save(searches.Search(folder, "rates", access.OWNER, Config(), wanted, 600, now, 1.5, runs, {"optimizer": 0.5}, "", "", None))
    path, whole = folder / "search.json", (folder / "search.json").read_bytes()
    yield Target("a search", (whole,), partial(_read_file, path, whole, partial(searches.load, folder)))


def _of_words() -> Iterator[Target]:
    def parse(reading: Callable, content: bytes) -> None:
        reading([os.fsdecode(content)])

    settings = (b"rescale=1./255", b"brightness_range=[0.8,1.2]", b"target_size=(150, 150)", b"optimizer=Adam", b"epochs=3", b"data=x")
    yield Target("a setting", settings, partial(parse, lambda pairs: Config(**spelling.parse(pairs))))
    sweeps = (b"optimizer=adam,sgd", b"learning_rate=0.0001..0.01:3", b"brightness_range=[0.8,1.2],[0.5,1.5]", b"epochs=1..9:3")
    found = (b"optimizer=adam,sgd", b"learning_rate=0.0001..0.1", b"rotation_range=0..20", b"target_size=64,96", b"epochs=1..9:3")
    yield Target("a space", found, partial(parse, lambda pairs: space.require(Config(), space.parse(pairs))))
    yield Target("a time", (b"20m", b"1h30m", b"1.5h"), partial(parse, lambda words: list(map(time_limit.parse, words))))
    yield Target("a sweep", sweeps, partial(parse, lambda pairs: grid.combine("quick", "x", grid.parse(pairs), 1)))


def _of_requests() -> Iterator[Target]:
    from starlette.requests import Request

    from catsdogs.sources.album import Album
    from pages.parts.api import body
    from pages.parts.api.refusal import Refusal
    from pages.parts.classify import inbox

    def read(content: bytes) -> None:
        """The head up to the first line break is the content type."""
        kind, _, rest = content.partition(b"\n")

        async def receive():
            return {"type": "http.request", "body": rest, "more_body": False}

        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [(b"content-type", kind)]}

        async def ask():
            async with body.picture(Request(scope, receive)):
                pass

        asyncio.run(ask())

    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--x--\r\n'
    field = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    forms = tuple(b"multipart/form-data; boundary=x\n" + each for each in (part, field + part))

    def send(content: bytes) -> None:
        """Pictures to classify, as the page sends them."""
        album, file = Album(), home.folder() / "sent"
        file.write_bytes(content)
        try:
            inbox._add_each(album, file)
            assert all(picture.path.parent == album.folder and picture.path.is_file() for picture in album.pictures)
        finally:
            album.delete()

    pictures = [("a.jpg", encoded(noise(0, (9, 9)), "JPEG")), ("b.zip", archives()[0]), ("c.txt", b"text")]
    head = json.dumps([(name, len(content)) for name, content in pictures]).encode()
    whole = len(head).to_bytes(4) + head + b"".join(content for _, content in pictures)
    yield Target("pictures to classify", (whole,), send, (ValueError,))
    yield Target("a request's body", (*forms, b"image/jpeg\n\xff\xd8"), read, (Refusal,))
