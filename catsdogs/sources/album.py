"""The pictures that one session brings to be classified: on disk, limited in number and size, deleted with the session or after a day.

    albums/<id>/<digest><suffix>        a picture, as it came
    albums/<id>/<digest>.small.jpg      its thumbnail, made when it is first shown
    albums/<id>/.unpacking-<x>/         the contents of a ZIP file, until its pictures are taken from there

The pictures' names, and what was left out and why, are in memory: nobody opens an album after the process that made it has ended. `intake`
makes a data set of pictures that are to be kept.
"""

import io
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
from catsdogs.system import access, clock, digests, home, shortage, temporaries

MAX_PICTURES = 2_000  # a thousand, and room for some more
MAX_BYTES = 4 * 10**9  # 2,000 of a phone's 2 MB each
MAX_NAME = 200  # characters; longer names are cut
_LIFETIME = 24 * 3600  # seconds without a new picture, after which an album is deleted
_SIDE = 360  # px of a thumbnail's longer side: twice a card's width, for phones' screens
_QUALITY = 82  # of its JPEG
_TOGETHER = 16  # entries of an archive that are unpacked before their pictures are taken, so that these can be answered meanwhile
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Picture:
    """A picture: the SHA-256 of its content, its name, its file."""

    digest: str
    name: str
    path: Path


class Album:
    """Pictures, each content once, in the order in which they came. Several threads may add to it at once.

    `id` is known only to the page that opened the album, and gives permission to add to it. Raises shortage.DiskFull.
    """

    def __init__(self):
        sweep()
        self.id = secrets.token_hex(24)  # hex: it becomes part of a component's key, in which Streamlit refuses "__"
        self.folder = home.subfolder("albums") / self.id
        with shortage.explained(self.folder, "the folder for the pictures"):
            self.folder.mkdir()
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
            self._left_out.append(LeftOut(name[:MAX_NAME], reason))

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
                self._left_out.append(LeftOut(name, reason))
            else:
                path = self.folder / f"{digest}{PurePosixPath(name).suffix.lower()[:10]}"
                file.rename(path)
                self._pictures[digest] = Picture(digest, name, path)
                self._bytes += size

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


def sweep() -> None:
    """Delete the albums to which nothing was added for a day, including those of processes that were killed."""
    for folder in home.subfolder("albums").iterdir():
        with suppress(FileNotFoundError):  # another process sweeps as well
            if clock.now() - folder.stat().st_mtime > _LIFETIME:
                shutil.rmtree(folder, ignore_errors=True)
