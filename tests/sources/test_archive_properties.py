"""Whatever a ZIP file or a folder calls its files: nothing is written elsewhere, and each file came or is named with the reason."""

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catsdogs.errors import InputError
from catsdogs.sources import archive, intake
from tests.images import encoded, noise

PICTURE = encoded(noise(0, (4, 3)), "PNG")
parts = st.one_of(
    st.text(min_size=1, max_size=8), st.sampled_from(["..", ".", "cats", "a.jpg", "con", "__MACOSX", "C:", "ä", "x" * 300, "\udce4"])
)
paths = st.builds(lambda names, separator: separator.join(names), st.lists(parts, min_size=1, max_size=4), st.sampled_from("/\\"))
files = st.lists(st.tuples(paths, st.sampled_from([PICTURE, b"", b"text"])), min_size=1, max_size=5)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@given(files, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]))
def test_an_archive_of_any_names_is_unpacked_inside_or_refused(entries, method):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as written:
        for name, data in entries:
            entry = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
            entry.compress_type = method
            written.writestr(entry, data)
    with tempfile.TemporaryDirectory() as folder:
        path, to = Path(folder, "a.zip"), Path(folder, "to")
        path.write_bytes(content.getvalue())
        to.mkdir()
        try:
            unpacked = archive.unpack(path, to)
        except InputError as error:
            assert str(error).endswith(".")
        else:
            written = [each for each in to.rglob("*") if each.is_file()]
            assert unpacked.images == len(written) and unpacked.bytes == sum(each.stat().st_size for each in written)
            assert all(each.reason for each in unpacked.left_out)
        assert {each.name for each in Path(folder).iterdir()} == {"a.zip", "to"}


@given(files, st.text(max_size=90))
def test_files_of_any_names_become_a_data_set_or_are_refused(sources, name):
    try:
        added = intake.add_files(sources, name)
    except InputError as error:
        assert str(error)
        return
    written = [each for each in added.folder.rglob("*") if each.is_file()]
    assert len(written) == added.images == len(sources) - len(added.left_out)
    assert all(each.resolve().is_relative_to(added.folder.resolve()) for each in written)
