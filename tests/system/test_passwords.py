"""Passwords are kept as hashes, which tell whether another one is the same."""

import pytest

from catsdogs.errors import InputError
from catsdogs.system import passwords


def test_a_password_is_known_by_its_hash_only():
    kept = passwords.hashed("correct horse")
    assert passwords.is_right("correct horse", kept) and not passwords.is_right("correct horsf", kept)
    assert "horse" not in kept and passwords.hashed("correct horse") != kept
    written_before = (
        "8088b88969d52b8940bb6f7a547f9e27b33974f9324342e7a2eb843ab2f7bd21ac2b9773ae5cf5e4994eeee206cf19e24304b55bb907c924b2ccff9e5e2965da"
    )
    assert passwords.is_right("Kätzchen \udce4", f"scrypt:{bytes(range(16)).hex()}:{written_before}")
    for bad in ("correct horse", "scrypt:xx:yy", ""):
        with pytest.raises(InputError, match="catsdogs password"):
            passwords.is_right("correct horse", bad)
