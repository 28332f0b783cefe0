"""The pictures that one session brings to be classified: on disk, limited in number and size, deleted with the session or after a day.

    albums/<id>/<digest><suffix>        a picture, as it came
    albums/<id>/<digest>.small.jpg      its thumbnail, made when it is first shown
    albums/<id>/.unpacking-<x>/         the contents of a ZIP file, until its pictures are taken from there
    albums/<id>/.entries.jsonl          a line for each picture, and for all that was left out, in the order in which it came
    albums/<id>/.marks.json             what somebody said that the pictures show

The last two are read only by `reopen`: an album outlives the process that made it. `intake` makes a data set of pictures that are to be
kept.
"""

import io
import json
import re
import secrets
import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from catsdogs.data import formats, images
from catsdogs.errors import InputError
from catsdogs.sources import archive
from catsdogs.sources.archive import LeftOut
from catsdogs.system import access, clock, digests, files, home, shortage, temporaries

MAX_PICTURES = 2_000  # a thousand, and room for some more
MAX_BYTES = 4 * 10**9  # 2,000 of a phone's 2 MB each
MAX_LEFT_OUT = 100_000  # entries, of more than one ZIP file; what else is left out is not listed
MAX_NAME = 200  # characters; longer names are cut
_LIFETIME = 24 * 3600  # seconds without a new picture, after which an album is deleted
_SIDE = 360  # px of a thumbnail's longer side: twice a card's width, for phones' screens
_QUALITY = 82  # of its JPEG
_TOGETHER = 16  # entries of an archive that are unpacked before their pictures are taken, so that these can be answered meanwhile
_ZIP = b"PK\x03\x04"
_ID = re.compile(r"[0-9a-f]{48}")  # hex: it becomes part of a component's key, in which Streamlit refuses "__"
_ENTRIES, _MARKS = ".entries.jsonl", ".marks.json"

Marks = dict[tuple[str, ...], dict[str, str]]  # a label or another word, by the digest of the picture; of these by the classes


@dataclass(frozen=True)
class Picture:
    """A picture: the SHA-256 of its content, its name, its file."""

    digest: str
    name: str
    path: Path


class Album:
    """Pictures, each content once, in the order in which they came, with `marks`. Several threads may add to it at once.

    `id` is known only to the page that opened the album, and gives permission to add to it. Raises shortage.DiskFull.
    """

    def __init__(self, id: str | None = None):
        sweep()
        self.id = id or secrets.token_hex(24)
        self.folder = home.subfolder("albums") / self.id
        if not id:
            with shortage.explained(self.folder, "the folder for the pictures"):
                self.folder.mkdir()
        self.marks: Marks = {}
        self._free = access.person().limits.free  # bytes of the disk that must stay free
        self._adding = threading.Lock()
        self._pictures: dict[str, Picture] = {}
        self._left_out: list[LeftOut] = []
        self._bytes = 0

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures so far."""
        with self._adding:
            return tuple(self._pictures.values())

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What was not taken, each with the reason."""
        with self._adding:
            return tuple(self._left_out)

    @property
    def room(self) -> int:
        """How many more pictures are taken."""
        return MAX_PICTURES - len(self._pictures)

    def new_file(self) -> Path:
        """A path in the album's folder for a file that is still coming, to be given to `add` when it is complete."""
        return temporaries.name(self.folder / "coming")

    def add(self, name: str, file: Path) -> None:
        """Add a file, a picture or a ZIP file of pictures, and remove it from its place; what is not taken is in `left_out`.

        Raises OSError if the disk fails.
        """
        try:
            with file.open("rb") as opened:
                head = opened.read(formats.HEAD)
            if name.lower().endswith(".zip") or (head.startswith(_ZIP) and not formats.has_suffix(name)):
                self._unpack(name, file)
            else:
                self._take(name, file, head)
        finally:
            file.unlink(missing_ok=True)

    def add_bytes(self, name: str, content: bytes) -> None:
        """As `add`, given the content of the file. Raises shortage.DiskFull."""
        file = self.new_file()
        try:
            with shortage.explained(file, name, len(content)):
                file.write_bytes(content)
            self.add(name, file)
        finally:
            file.unlink(missing_ok=True)

    def leave_out(self, name: str, reason: str) -> None:
        """Add to `left_out`."""
        with self._adding:
            self._leave_out(name[:MAX_NAME], reason)

    def keep_marks(self) -> None:
        """Have `marks` outlive this process; on a full disk, they don't."""
        with suppress(OSError):
            files.replace_json(self.folder / _MARKS, [[labels, marks] for labels, marks in self.marks.items()])

    def thumbnail(self, picture: Picture) -> Path:
        """The file of the picture's thumbnail, in its own proportions. Raises as `images.load` does, and shortage.DiskFull."""
        path = self.folder / f"{picture.digest}.small.jpg"
        if not path.exists():
            image = images.open_rgb(picture.path, _SIDE)
            image.thumbnail((_SIDE, _SIDE))
            content, written = io.BytesIO(), temporaries.name(path)
            image.save(content, "JPEG", quality=_QUALITY)  # Pillow would cut a file short on a full disk, without an error
            try:
                with shortage.explained(path, f"the preview of {picture.name}"):
                    written.write_bytes(content.getbuffer())
                    written.replace(path)
            finally:
                written.unlink(missing_ok=True)
        return path

    def delete(self) -> None:
        """Free its space. Nothing can be added afterwards."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _take(self, name: str, file: Path, head: bytes) -> None:
        name, size = name[:MAX_NAME], file.stat().st_size
        if not formats.looks_like_image(name, head):
            return self.leave_out(name, f"Not an image ({formats.NAMES} are read).")
        if problem := images.problem_of_size(size):
            return self.leave_out(name, problem)
        digest = digests.of_file(file)
        with self._adding:
            reason = self._refusal(digest, size)
            if reason:
                self._leave_out(name, reason)
            else:
                suffix = PurePosixPath(name).suffix.lower() if formats.has_suffix(name) else ""  # no other need be one of a file here
                picture = Picture(digest, name, self.folder / f"{digest}{suffix}")
                self._note(name, picture.path.name)
                file.rename(picture.path)
                self._keep(picture, size)

    def _keep(self, picture: Picture, size: int) -> None:
        self._pictures[picture.digest] = picture
        self._bytes += size

    def _leave_out(self, name: str, reason: str) -> None:
        if len(self._left_out) >= MAX_LEFT_OUT:
            return
        with suppress(OSError):  # on a full disk, perhaps as that is the reason
            self._note(name, reason=reason)
        self._left_out.append(LeftOut(name, reason))

    def _note(self, name: str, file: str = "", reason: str = "") -> None:
        """Write down what `reopen` is to know of a picture, by the name of its file, or of what was left out."""
        path = self.folder / _ENTRIES
        with shortage.explained(path, name), path.open("a", encoding="ascii") as entries:
            entries.write("\n" + json.dumps({"name": name, "file": file, "reason": reason}))  # one that was cut off spoils no other

    def _refusal(self, digest: str, size: int) -> str | None:
        if digest in self._pictures:
            return f"The same picture as {self._pictures[digest].name}."
        if self.room <= 0:
            return f"At most {MAX_PICTURES:,} pictures are accepted at once. Clear them first, or make a data set of them all."
        if self._bytes + size > MAX_BYTES:
            return f"At most {MAX_BYTES / 1e9:.0f} GB are accepted at once. Clear the pictures that are here first."
        return None

    def _unpack(self, name: str, file: Path) -> None:
        folder = self.folder / f".unpacking-{secrets.token_hex(4)}"
        folder.mkdir()

        def take(done: int, total: int) -> None:
            shortage.require_room(folder, spare=self._free)
            if done % _TOGETHER == 0 or done == total:
                self._take_all(folder)
                if self.room <= 0 and done < total:
                    unseen = f"{total - done:,} of its files were not looked at."
                    raise InputError(f"At most {MAX_PICTURES:,} pictures are accepted at once; {unseen}")

        try:
            for entry in archive.unpack(file, folder, take).left_out:
                self.leave_out(entry.name, entry.reason)
        except InputError as error:
            self._take_all(folder)
            self.leave_out(name, str(error).replace(file.name, name))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _take_all(self, folder: Path) -> None:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            with path.open("rb") as opened:
                head = opened.read(formats.HEAD)
            self._take(path.relative_to(folder).as_posix(), path, head)
            path.unlink(missing_ok=True)


def reopen(id: str) -> Album | None:
    """The album of that id, whichever process made it; None where it was deleted, or is by now, after a day."""
    if not _ID.fullmatch(id) or not (opened := Album(id)).folder.is_dir():
        return None
    with suppress(files.Damaged):
        for line in files.read(opened.folder / _ENTRIES).splitlines():
            with suppress(ValueError):  # cut off, by a kill or a full disk
                _restore(opened, **json.loads(line))
    with suppress(files.Damaged):
        found = files.read_json(opened.folder / _MARKS, list[tuple[tuple[str, ...], dict[str, str]]])
        opened.marks.update(found)
    return opened


def _restore(opened: Album, name: str, file: str, reason: str) -> None:
    path = opened.folder / file
    if reason:
        opened._left_out.append(LeftOut(name, reason))
    elif path.is_file():
        opened._keep(Picture(path.stem, name, path), path.stat().st_size)


def sweep() -> None:
    """Delete the albums to which nothing was added for a day, including those of processes that were killed."""
    for folder in home.subfolder("albums").iterdir():
        with suppress(FileNotFoundError):  # another process sweeps as well
            if clock.now() - folder.stat().st_mtime > _LIFETIME:
                shutil.rmtree(folder, ignore_errors=True)
