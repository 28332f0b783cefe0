"""The page that stands in front of all others where people have to sign in, and the line above them that says who did."""

import streamlit as st

from catsdogs.errors import InputError
from catsdogs.system import passwords
from pages.parts.shared import attempts, entrance, names, uploads


def require() -> None:
    """Let in who may; everybody else sees how to sign in, and nothing more. Also say who is in, or that anybody can come in."""
    if not entrance.settings().needs_sign_in:
        if entrance.settings().is_reachable:
            st.error(entrance.OPEN_TO_ALL, icon=":material/lock_open:")
        return
    who = entrance.person()
    if who is None:
        _ask()
        st.stop()
    if who.may_train:
        entrance.allow_uploads()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", key="person"):
        role = "can train and delete" if who.may_train else "can look and classify"
        st.caption(f":material/person: {names.plain(who.name)} · {role}", width="content")
        if st.button("Sign out", type="tertiary", key="sign_out"):
            uploads.forget()
            entrance.leave()


def _ask() -> None:
    st.title("Cats & Dogs Studio", anchor=False)
    st.markdown("Sign in to continue. Whoever runs this server can tell you how.")
    if entrance.settings().has_provider:
        if st.user.is_logged_in:
            name = names.plain(str(st.user.get("email") or "This account"))
            why = "is not among those who may use this server"
            if not entrance.is_vouched_for(st.user):
                why = "can't be let in: the provider doesn't say that this address was verified (docs/access.md)"
            st.error(f"{name} {why}. Ask whoever runs this server.", icon=":material/block:")
            if st.button("Sign out", key="sign_out"):
                st.logout()
        elif st.button("Sign in with your account", type="primary", icon=":material/login:"):
            st.login()
        elif st.query_params:  # the provider leads back to the first page
            st.caption("You followed a link: open it again once you have signed in.")
    if entrance.settings().passwords:
        _ask_password()


def _ask_password() -> None:
    with st.form("password", width=420):
        name = st.text_input("Your name", max_chars=40, help="So that you find your runs again; others see it, too.").strip()
        given = st.text_input("Password", type="password", max_chars=200)
        pressed = st.form_submit_button("Sign in", type="primary", icon=":material/login:")
    if not pressed:
        return
    if not name:
        st.error("Enter your name, too.", icon=":material/error:")
        return
    opened = []  # whether each of the passwords that this one is allows to train

    def is_right() -> bool:
        opened.extend(may_train for may_train, kept in entrance.settings().passwords.items() if passwords.is_right(given, kept))
        return bool(opened)

    try:
        is_let_in = attempts.of_server().judge(st.context.ip_address or "this machine", is_right)
    except attempts.TooMany:
        st.error("Too many attempts. Wait a minute, then try again.", icon=":material/timer:")
    except InputError as error:
        st.error(names.said(error), icon=":material/error:")
    else:
        if is_let_in:
            entrance.admit(name, max(opened))
            st.rerun()
        st.error("That is not the password.", icon=":material/error:")
