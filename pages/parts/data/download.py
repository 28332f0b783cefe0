"""Data sets that can be downloaded: what each holds, its licence, its size and about how long it takes."""

from contextlib import ExitStack
from pathlib import Path

import streamlit as st

from catsdogs.sources import catalogue, download, intake
from catsdogs.sources.catalogue import Offer
from pages.parts.shared import chosen_data, frame, names

_SPEED = 5e6  # bytes a second, by which times are told


def show() -> None:
    """Draw a card for each."""
    for offer, column in zip(catalogue.OFFERS, st.columns(len(catalogue.OFFERS)), strict=True):
        with column.container(border=True, height="stretch"):
            _show(offer)


def _show(offer: Offer) -> None:
    st.markdown(f"**{offer.title}**")
    st.markdown(f"{offer.holds}.")
    st.caption(f"Licence: {offer.licence}")
    st.caption(f"{names.size(offer.size)}, {names.forecast(offer.size / _SPEED)} at {_SPEED / 1e6:.0f} MB/s")
    folder, kept = intake.folder_of(offer), download.kept(offer)
    if folder.is_dir():
        if st.button("Use it", key=f"use_{offer.name}", icon=":material/check:"):
            chosen_data.choose(folder)
            st.rerun()
    else:
        label = "Resume download" if kept else "Download"
        look = chosen_data.emphasis() if offer is catalogue.OFFERS[0] else "secondary"
        if st.button(label, key=f"download_{offer.name}", type=look, icon=":material/download:"):
            bring(offer)
    if kept and not download.is_used(offer):
        label, about = f"Delete the downloaded {names.size(kept)}", "What was downloaded so far; no data set is touched"
        look = {"type": "tertiary", "icon": ":material/delete:", "help": about}
        st.button(label, key=f"give_up_{offer.name}", on_click=_give_up, args=(offer,), **look)


def _give_up(offer: Offer) -> None:
    with frame.toasted():
        download.give_up(offer)


def bring(offer: Offer) -> None:
    """Download and unpack the data set, with bars, and work on it; where another session is at it, wait for that one's."""
    folder = intake.folder_of(offer)
    with frame.reported(":material/cloud_off:"):
        with ExitStack() as held:
            with chosen_data.progress(f"Downloading {offer.title}", unit=1e6, suffix=" MB") as report:
                held.enter_context(download.making(offer))
                path = None if folder.is_dir() else download.fetch(offer, report)
            if path:
                _unpack(offer, path, folder)
        chosen_data.adopt(folder)
        st.rerun()


def _unpack(offer: Offer, path: Path, folder: Path) -> None:
    with chosen_data.progress("Unpacking") as report:
        added = intake.add_archive(path, offer.title, report, folder)
        download.forget(offer)  # as the rest, before the bar goes, which a click may interrupt
        chosen_data.forget(folder)  # an earlier one may have lain there
        chosen_data.adopt(folder, added)
