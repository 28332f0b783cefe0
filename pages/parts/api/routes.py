"""`/api/classify` and `/api/runs`, for programs: what a request has to be, and the JSON that answers it. `docs/openapi.json` describes it.

What can't be done is answered with a status and {"error": a sentence}. `token` lets programs in,
`body` reads pictures, `answering` asks the networks.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from catsdogs.analysis import summaries
from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from pages.parts.api import answering, body, token
from pages.parts.api.refusal import Refusal
from pages.parts.shared import incoming

PATH = "/api"
_ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_BOOLEAN = {"true": True, "false": False}
_FACTS = ("id", "state", "preset", "epochs", "epochs_done", "train_accuracy", "val_accuracy", "test_accuracy", "created")  # of summaries


def routes() -> list[Route]:
    """All of them. What is asked for below `/api` and isn't there gets 404, not a page."""
    return [
        _route("/classify", "POST", _classify),
        _route("/runs", "GET", _runs),
        Route(f"{PATH}/{{rest:path}}", partial(_answer, None, _missing), methods=_ALL),
    ]


def _route(path: str, method: str, answer: Callable[[Request], Awaitable[dict]]) -> Route:
    return Route(PATH + path, partial(_answer, method, answer), methods=_ALL)


async def _answer(method: str | None, answer: Callable[[Request], Awaitable[dict]], request: Request) -> Response:
    try:
        if stranger := incoming.stranger(request):
            raise Refusal(403, stranger)
        await token.require(request)
        if method and request.method not in (method, *(["HEAD"] if method == "GET" else [])):
            raise Refusal(405, f"{request.url.path} takes {method}, not {request.method}.", {"Allow": method})
        return JSONResponse(await answer(request))
    except Refusal as refusal:
        # What was not read of a body would be taken for the next request
        return JSONResponse({"error": refusal.sentence}, refusal.status, {"Connection": "close", **refusal.headers})
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it


async def _missing(request: Request) -> dict:
    raise Refusal(404, f"There is no {request.url.path}. There are POST {PATH}/classify and GET {PATH}/runs.")


async def _runs(request: Request) -> dict:
    _words(request, ())
    return {"runs": await run_in_threadpool(_list_runs)}


def _list_runs() -> list[dict]:
    return [_row(run) for run in (*store.list_all(), store.load(store.SHIPPED))]


def _row(run: Run) -> dict:
    summary = summaries.make(run)
    facts = {name: summary[name] for name in _FACTS}
    return {**facts, "name": run.label.name, "can_classify": store.model_version(run) is not None}


async def _classify(request: Request) -> dict:
    words = _words(request, ("run", "mirror"))
    mirror = words.get("mirror", "false")
    if mirror not in _BOOLEAN:
        raise Refusal(400, f"mirror = {_quoted(mirror)}: must be true or false.")
    run = await run_in_threadpool(_find, words.get("run"))
    async with body.picture(request) as content:
        return await answering.ask(run, content, _BOOLEAN[mirror])


def _find(id: str | None) -> Run:
    """The run that is to answer; the one that Classify selects where none is named."""
    if id is None:
        return answering.default()
    try:
        run = store.load(id)
    except InputError:  # its sentence is for the command line
        raise Refusal(404, f"There is no run {_quoted(id)} that can be read. GET {PATH}/runs lists the runs.") from None
    if store.model_version(run) is None:
        raise Refusal(409, f"Run {run.id} ({run.state}) has no model to classify with. Choose one that can_classify.")
    return run


def _words(request: Request, allowed: tuple[str, ...]) -> dict[str, str]:
    """The words after the question mark."""
    given = request.query_params.multi_items()
    for name, _ in given:
        if name not in allowed:
            raise Refusal(400, f"There is no parameter {_quoted(name)}. {_listed(allowed)}")
    words = dict(given)
    if len(words) < len(given):
        raise Refusal(400, "A parameter is given twice. Give each once.")
    return words


def _listed(allowed: tuple[str, ...]) -> str:
    return f"There are {' and '.join(allowed)}." if allowed else "There are none."


def _quoted(text: str) -> str:
    return ascii(text if len(text) <= 60 else f"{text[:60]}...")
