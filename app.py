"""Cats & Dogs Studio. `streamlit run app.py` starts its server."""

from contextlib import asynccontextmanager

import streamlit as st

from pages.parts.api import routes as api
from pages.parts.classify import inbox
from pages.parts.data import receiver
from pages.parts.shared import backend


@asynccontextmanager
async def lifespan(app: st.App):
    """Once per server: the process that classifies loads while the browser still opens the first page."""
    backend.start()
    yield


app = st.App("pages/navigation.py", lifespan=lifespan, routes=[receiver.route(), inbox.route(), *api.routes()])
