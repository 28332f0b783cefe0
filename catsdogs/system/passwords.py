"""Passwords and tokens: what is kept of one, and whether another one is it."""

import hashlib
import hmac
import secrets

from catsdogs.errors import InputError

_SCRYPT = {"n": 2**14, "r": 8, "p": 1}  # 16 MB and some 50 ms a guess


def hashed(password: str) -> str:
    """What is kept of a password: salt and scrypt hash, in hexadecimal."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{salt.hex()}:{_scrypt(password, salt)}"


def is_right(given: str, kept: str) -> bool:
    """Whether this is the password that `hashed` was given; takes equally long for every wrong one. Raises InputError for a bad `kept`."""
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
