"""Browser notifications that a run has ended: the button that asks for permission, and the messages, while the page is open.

`bell.js` is the browser's side; whether to notify is up to it, as only the browser knows what it was allowed to do.
"""

import streamlit as st

from catsdogs.analysis import summaries
from catsdogs.errors import InputError
from catsdogs.runs import Run, store
from catsdogs.system import access
from pages.parts.shared import component, names

_WATCHED, _NEWS = "bell_watched", "bell_news"  # in the session: ids of runs that had not ended when last seen; what is told of others
_MOST = 20  # that are told, the newest last
_LONGEST = 200  # characters of an error


def show(shown: Run | None) -> None:
    """Draw the button while a run waits or trains that is shown here or was started by whoever looks; tell which of these have ended."""
    catch_up(shown, store.list_all())
    watched, news = st.session_state[_WATCHED], st.session_state[_NEWS]
    if watched or news:
        component.load(__file__)(key="bell", data={"news": news, "can_ask": bool(watched)})


def catch_up(shown: Run | None, runs: list[Run]) -> bool:
    """Note which of the watched runs have ended, of all; whether there is something new to tell, which `show` then does."""
    stored = {run.id: run for run in runs}
    ended = [stored[id] for id in st.session_state.get(_WATCHED, ()) if id in stored and stored[id].state in store.ENDED]
    me = access.person().name
    mine = {run.id for run in stored.values() if run.state in store.WAITING and (run.by == me or (shown and run.id == shown.id))}
    st.session_state[_WATCHED] = mine
    st.session_state[_NEWS] = (st.session_state.get(_NEWS, []) + [_notice(run) for run in ended])[-_MOST:]
    return bool(ended)


def _notice(run: Run) -> dict[str, str]:
    """A run as the notification has it; `key` is another one whenever the run has ended again."""
    try:
        accuracy = summaries.make(run)["val_accuracy"]
    except InputError:  # deleted a moment ago
        accuracy = None
    parts = [run.ending.capitalize()]
    if accuracy is not None:
        parts.append(f"{accuracy:.1%} validation accuracy")
    if error := run.status.get("error"):
        parts.append(names.shown(names.told(error))[:_LONGEST])
    version = "-".join(map(str, store.status_version(run) or ()))
    return {"key": f"{run.id}-{version}", "title": names.with_seed(run), "body": " · ".join(parts)}
