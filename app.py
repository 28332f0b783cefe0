"""Cats & Dogs Studio. `streamlit run app.py` starts its server."""

import streamlit as st

app = st.App("pages/navigation.py")
