"""The token by which a program comes in where people have to sign in: the hash of one is `api_token` in the section [access]."""

import hashlib
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from catsdogs.errors import InputError
from catsdogs.system import passwords
from pages.parts.api.refusal import Refusal
from pages.parts.shared import attempts, entrance, names

_SCHEME = {"WWW-Authenticate": "Bearer"}
_accepted: set[tuple[str, bytes]] = set()  # each hash in the configuration, with the hash of the token that was right


async def require(request: Request) -> None:
    """Raises Refusal where the server needs a sign-in, and the request does not bring the token."""
    if not entrance.settings().needs_sign_in:
        return
    kept = entrance.settings().api_token
    if not kept:
        raise Refusal(401, "People sign in here, and no token lets programs in. Whoever runs the server can set one; see docs/access.md.")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise Refusal(401, "This server asks for a token. Send it as the header Authorization: Bearer TOKEN.", _SCHEME)
    known = kept, hashlib.sha256(given.encode()).digest()
    if known in _accepted:  # a hash that is slow on purpose would be most of an answer's time
        return
    address = request.client.host if request.client else ""
    try:
        is_right = await run_in_threadpool(attempts.of_server().judge, address, partial(passwords.is_right, given, kept))
    except attempts.TooMany:
        raise Refusal(429, "Too many wrong tokens. Wait a minute, then try again.", {"Retry-After": "60"}) from None
    except InputError as error:
        raise Refusal(503, names.told(error)) from None
    if not is_right:
        raise Refusal(401, "That is not the token. Ask whoever runs this server.", _SCHEME)
    _accepted.add(known)
