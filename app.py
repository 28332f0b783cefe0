"""Cats & Dogs Studio. Page set-up and navigation, nothing else; `streamlit run app.py` starts it."""

from pages.parts import frame

frame.open_app().run()
