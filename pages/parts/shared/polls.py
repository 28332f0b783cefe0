"""What a page sends when it polls one of its fragments: never a click.

Streamlit's page sends a click a moment later, and whatever else it sends until then has the click in it, too. If a poll was due in that
moment, as on a slow phone, the click was done twice: a run moved by two places.
"""

from functools import wraps

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

_CLICKS = ("trigger_value", "string_trigger_value", "json_trigger_value")


def leave_out_clicks() -> None:
    """From now on, ignore clicks in what a poll sends: they come again by themselves."""
    request = AppSession.request_rerun

    @wraps(request)
    def request_without_clicks(session: AppSession, client_state: ClientState | None) -> None:
        if client_state and client_state.is_auto_rerun:
            states = client_state.widget_states.widgets
            kept = [state for state in states if state.WhichOneof("value") not in _CLICKS]
            del states[:]
            states.extend(kept)
        request(session, client_state)

    AppSession.request_rerun = request_without_clicks
