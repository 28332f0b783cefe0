"""Cats & Dogs Studio. `streamlit run app.py` starts its server."""

import gc
import sys
from contextlib import asynccontextmanager

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.system import devices
from pages.parts.api import routes as api
from pages.parts.classify import inbox
from pages.parts.data import receiver
from pages.parts.shared import backend, entrance


@asynccontextmanager
async def lifespan(app: st.App):
    """Once per server: the process that classifies loads while the browser still opens the first page."""
    entrance.watch()
    entrance.limits()  # bad ones are to be noticed now, and not by the first visitor
    if entrance.is_reachable() and not entrance.needs_sign_in():
        print(f"\n  WARNING: {entrance.OPEN_DOOR}\n", file=sys.stderr, flush=True)
    backend.start()
    gc.freeze()  # Streamlit collects after every run of a page: not what stays, which takes 0.1 s
    yield


try:
    devices.backend()  # a wrong one is told now, not by the first run
except InputError as error:
    sys.exit(f"catsdogs: {error}")
app = st.App("pages/navigation.py", lifespan=lifespan, routes=[receiver.route(), inbox.route(), *api.routes()])
