"""Classify: pictures in, answers out, by any stored run, beside another one where that is wanted."""

import streamlit as st

from catsdogs.runs import store
from pages.parts.classify import answers, asking, examples, inbox, keeping, networks, picture_box
from pages.parts.shared import backend, frame, unreadable

frame.heading("Classify", "Cat or dog? Try a network on pictures that it has never seen, one or a thousand.")
album = inbox.album()
is_sending = picture_box.show(album)
run, other = networks.choose()
is_begun = bool(album.pictures or album.left_out or is_sending)
with st.container(horizontal=True, vertical_alignment="center"):
    asking.choose_mirror()
    if is_begun:
        st.space("stretch")
        keeping.offer_clear()
unreadable.mention()
for chosen in filter(None, (run, other)):
    backend.prepare(chosen.id, store.answer_version(chosen))
if is_begun:
    answers.show(run, other, album, is_sending)
    networks.explain(run)
else:
    networks.explain(run)
    examples.show(run, album)
