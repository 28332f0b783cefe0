"""Data sets that the server has or makes by itself: drawn ones, and folders that lie on its disk."""

import streamlit as st

from catsdogs.drawn import demo
from catsdogs.system import access, paths
from pages.parts.shared import chosen_data, frame, names


def choose_drawn() -> None:
    """Draw how many images of which seed, and draw them."""
    (low, high), (first, last) = demo.COUNT_LIMITS, demo.SEED_LIMITS
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = f"Images ({low} to {high:,})"
        count = st.number_input(label, value=2000, step=500, key="drawn_count", persist_state="session", width=200)
        about = f"{first} to {last}. The same seed draws the same images again, another one draws others."
        seed = st.number_input("Seed", value=0, step=1, key="drawn_seed", persist_state="session", width=140, help=about)
        pressed = st.button("Draw data set", type=chosen_data.emphasis(), icon=":material/brush:", key="draw")
    if pressed:
        with frame.reported():
            chosen_data.choose(chosen_data.draw(int(count), int(seed)))
            st.rerun()  # with this button as it looks beside a data set


def choose_folder() -> None:
    """Ask for the path of a folder, see whether it can be read, and use it where it lies."""
    roots = list(map(str, access.person().roots or ()))
    example = f"{names.shown(roots[0])}/PetImages" if roots else "/home/me/PetImages"
    with st.form("folder", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Folder", placeholder=example, key="folder_path", persist_state="session", width=520)
        pressed = st.form_submit_button("Check and use", type=chosen_data.emphasis(), icon=":material/fact_check:", key="check_and_use")
    allowed = f"A folder below {' or '.join(map(names.plain, roots))}. " if roots else ""
    st.caption(
        f"{allowed}Used in place, not copied. One folder per class, such as `cats/` and `dogs/`, at the top level or inside `train/` "
        "and `validation/`; or files named like `cat.0.jpg` and `dog.0.jpg`."
    )
    if pressed and text.strip():
        with frame.reported(":material/folder_off:"):
            access.require_folder(text.strip())
            folder = paths.resolve(text.strip())
            chosen_data.forget(folder)
            chosen_data.read(folder)  # where it has a problem, the page shows it beside the tree, where it can be corrected
            chosen_data.choose(folder)  # the page checks it next; a click, which interrupts that, has the next run go on with it
            st.rerun()
