"""SHA-256 of texts and files, after which files in the home folder are named: other digests would lose what users have stored."""

import hashlib

from catsdogs.system import digests
from tests.paths import NO_UTF8


def test_digests_are_those_that_earlier_versions_named_their_files_after(tmp_path):
    assert digests.of_text("abc") == "ba7816bf8f01cfea414140de5dae2223"
    assert digests.of_text(tmp_path) == digests.of_text(str(tmp_path))
    assert digests.of_text(NO_UTF8) == hashlib.sha256(b"K\xe4tzchen").hexdigest()[:32]
    (tmp_path / "abc").write_bytes(b"abc")
    assert digests.of_file(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
