"""Hashes of passwords and tokens, and whether a given one matches."""

import hashlib
import hmac
import secrets

from catsdogs.errors import InputError

_SCRYPT = {"n": 2**14, "r": 8, "p": 1}  # 16 MB and some 50 ms a guess


def hashed(password: str) -> str:
    """The hash of a password, to be kept in its place: salt and scrypt, in hexadecimal."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{salt.hex()}:{_scrypt(password, salt)}"


def is_right(given: str, kept: str) -> bool:
    """Whether `kept` is the hash of this password; takes equally long for every wrong one. Raises InputError if `kept` is no hash."""
    try:
        kind, salt, expected = kept.split(":")
        found = _scrypt(given, bytes.fromhex(salt))
    except ValueError:
        kind = ""
    if kind != "scrypt":
        raise InputError("A password in the section [access] is not a hash. Make one: python -m catsdogs password.")
    return hmac.compare_digest(found.encode(), expected.encode())


def _scrypt(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(errors="surrogatepass"), salt=salt, **_SCRYPT).hex()
