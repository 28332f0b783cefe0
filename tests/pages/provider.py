"""A small OpenID provider on 127.0.0.1, which lets in whoever `email` says, without asking."""

import secrets
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from tests.browsing import free_port
from tests.waiting import wait_until

CLIENT, SECRET = "studio", "the client's secret"


class Provider:
    """What it answers; `address` is its issuer."""

    def __init__(self):
        self.port, self.email, self.is_verified = free_port(), "ada@school.example", True
        self.address, self.key, self._nonces = f"http://127.0.0.1:{self.port}", RSAKey.generate_key(2048, {"kid": "one"}), {}

    def discovery(self, request):
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        said = {
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "subject_types_supported": ["public"],
        }
        return JSONResponse({"issuer": self.address, **said, **{name: f"{self.address}/{path}" for name, path in places.items()}})

    def authorize(self, request):
        asked, code = request.query_params, secrets.token_hex(8)
        self._nonces[code] = asked.get("nonce")
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request):
        nonce, now = self._nonces.pop((await request.form())["code"]), int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": self.email, "iat": now, "exp": now + 600, "nonce": nonce}
        claims |= {"email": self.email} | ({} if self.is_verified is None else {"email_verified": self.is_verified})
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": signed})

    def jwks(self, request):
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})


@contextmanager
def provide():
    """The provider, as long as it runs."""
    provider = Provider()
    routes = [Route("/.well-known/openid-configuration", provider.discovery), Route("/authorize", provider.authorize)]
    routes += [Route("/token", provider.token, methods=["POST"]), Route("/jwks", provider.jwks)]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), "127.0.0.1", provider.port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield provider
    server.should_exit = True
    thread.join()
