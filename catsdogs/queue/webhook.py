"""Tells a program elsewhere that a run has ended: a POST to the webhook that `notify.toml` in the home folder names.

The process that noticed the end sends it, from a thread: a run is neither delayed nor failed by it, and its log says what did not work.
The address is a secret, and so in no message. docs/formats.md describes what is sent.
"""

import threading
import time
import tomllib
from contextlib import suppress
from html import escape
from urllib.parse import urlsplit

from catsdogs.analysis import summaries
from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from catsdogs.settings import presets
from catsdogs.system import files, home, words

FILE = "notify.toml"
_PAUSES = (0, 2, 10)  # seconds before each attempt
_TIMEOUT = 5  # seconds without a sign
_PATIENCE = 30  # seconds for all that a process which is about to end still has to send
_AGAIN = (408, 429)  # answers after which another attempt is worth it, besides those from 500 on
_sending: list[threading.Thread] = []


def tell(run: Run) -> None:
    """Begin to send how the run ended, if it has and a webhook is configured."""
    with suppress(InputError):  # deleted or damaged since
        ended = store.load(run.id)
        if ended.state in store.ENDED and files.is_there(home.folder() / FILE):
            _sending[:] = [thread for thread in _sending if thread.is_alive()]
            _sending.append(threading.Thread(target=_send, args=(ended,), daemon=True))
            _sending[-1].start()


def finish() -> None:
    """Wait until everything is sent or given up, for half a minute at most. To be called before the process ends."""
    deadline = time.monotonic() + _PATIENCE
    for thread in _sending:
        thread.join(max(0, deadline - time.monotonic()))


def content(run: Run) -> dict:
    """What is sent of a run that has ended; accuracies are shares, None where they are not known."""
    row = summaries.make(run)
    name = words.printable(run.label.name or f"{presets.title(run.config)}, seed {run.config.seed}")  # no second line that looks like ours
    # A name must not call everybody: Slack reads <!channel>, other chat rooms @everyone, which a zero-width space takes apart.
    quiet = escape(name, quote=False).replace("@", "@\N{ZERO WIDTH SPACE}")
    known = f": {row['val_accuracy']:.1%} validation accuracy" if row["val_accuracy"] is not None else ""
    kept = ("id", "state", "epochs", "epochs_done", "train_accuracy", "val_accuracy", "test_accuracy", "minutes", "error")
    verb = {"failed": "has", "finished": "is", store.OUT_OF_TIME: "is"}.get(run.ending, "was")
    text = f"{quiet} {verb} {run.ending}{known}."
    return {"text": text, "name": name, "by": words.printable(run.by), **{each: row[each] for each in kept}}


def _send(run: Run) -> None:
    try:
        address, sent = _address(), content(run)
    except InputError as error:
        return _note(run, str(error))
    for pause in _PAUSES:
        time.sleep(pause)
        problem, is_final = _attempt(address, sent)
        if not problem:
            return
        if is_final:
            break
    _note(run, problem)


def _attempt(address: str, sent: dict) -> tuple[str, bool]:
    """What did not work, "" if it did, and whether another attempt is pointless."""
    import requests  # takes 0.1 s

    try:
        # a redirect could lead to a host that was never configured; of the answer's body nothing is read, however long it is
        with requests.post(address, json=sent, timeout=_TIMEOUT, allow_redirects=False, stream=True) as answer:
            status = answer.status_code
    except requests.Timeout:
        return f"there was no answer within {_TIMEOUT} seconds", False
    except (requests.RequestException, ValueError):  # whose text has the address
        return "the connection failed or broke off", False
    if status < 300:
        return "", True
    if status < 400:
        return f"it answers {status}, a redirect, and these are not followed: give the address that it leads to", True
    return f"it answers {status}", status < 500 and status not in _AGAIN


def _address() -> str:
    """Raises InputError where the file has none that could be one."""
    path = home.folder() / FILE
    try:
        given = tomllib.loads(files.read(path).decode()).get("webhook")
        parts = urlsplit(given) if isinstance(given, str) else None
    except ValueError:  # neither UTF-8 nor TOML; or brackets around what is no address of a host
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f'{FILE} has to hold the line webhook = "https://…", with the address in quotes')
    return given


def _note(run: Run, problem: str) -> None:
    store.note(run, f"the webhook was not told that this run has ended: {problem}\n")
