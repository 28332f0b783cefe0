"""Cats & Dogs Studio. `streamlit run app.py` starts its server."""

import gc
import sys
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from catsdogs.errors import InputError
from catsdogs.system import devices, home, open_files
from pages.parts.api import routes as api
from pages.parts.classify import inbox
from pages.parts.data import receiver
from pages.parts.shared import access_settings, backend, entrance, incoming, polls, replies, uploads

_SWITCH = 0.0005  # seconds, instead of 0.005: a session that sends an element waits for one that computes, up to so long each time


@asynccontextmanager
async def lifespan(app: st.App):
    """Once per server: the process that classifies loads while the browser still opens the first page."""
    if opened.is_reachable and not opened.needs_sign_in:
        print(f"\n  WARNING: {entrance.OPEN_TO_ALL}\n", file=sys.stderr, flush=True)
    backend.start()
    uploads.date()
    polls.leave_out_clicks()
    replies.keep()
    replies.explain()
    gc.freeze()  # what stays needn't be looked through again and again
    sys.setswitchinterval(_SWITCH)
    yield


try:
    devices.backend()  # a wrong one is told now, not by the first run
    home.require()
    opened = access_settings.read()
except InputError as error:
    print(f"catsdogs: {error}", file=sys.stderr)
    sys.exit(2)
entrance.watch(opened)
open_files.allow_many()
routes = incoming.below_base([receiver.route(), inbox.route(), *api.routes()])
app = st.App("pages/navigation.py", lifespan=lifespan, routes=routes, middleware=[Middleware(uploads.Guarded)])
