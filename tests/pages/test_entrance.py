"""What the door shows: whose runs are listed, what each role is offered, and that an open door is told."""

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.system import access
from catsdogs.system.access import Person
from pages.parts.shared import entrance
from tests.pages.opening import PAGES, button, checked, open_page, texts
from tests.storing import finished

PASSWORDS = {"train_password": access.hashed("correct horse")}


@pytest.fixture(autouse=True)
def the_owner_comes_back(nothing_starts):
    yield
    access.identify_by(lambda: access.OWNER)


def opened(name: str, person: Person | None) -> AppTest:
    """The page of a server with passwords, for who gave one."""
    app = AppTest.from_file(str(PAGES / "navigation.py"), default_timeout=60)
    app.secrets["access"] = PASSWORDS
    if person:
        app.session_state["signed_in"] = person
    return checked(app.switch_page(f"{name}.py").run())


def test_without_a_password_there_is_nothing_but_the_question_for_it():
    for name in ("data", "train", "results", "classify"):
        app = opened(name, None)
        assert [box.label for box in app.text_input] == ["Your name", "Password"] and "Sign in to continue" in texts(app)
        assert [each.label for each in app.button] == ["Sign in"]


def test_only_my_runs_are_shown_on_request():
    for name, by in (("a", "Ada"), ("b", "Grace"), ("c", "")):
        store.change_label(store.create(Config(), by), name=name)
    app = opened("results", Person("Ada"))
    assert set(app.dataframe[0].value["name"]) == {"a", "b", "c"}
    app = checked(app.checkbox(key="mine").check().run())
    assert list(app.dataframe[0].value["name"]) == ["a"]
    app = checked(opened("results", Person("Linus")).checkbox(key="mine").check().run())
    assert not app.dataframe and "None of these runs is yours." in texts(app)


def test_who_may_only_look_is_offered_nothing_else():
    look = Person("Linus", may_train=False)
    run = finished(Config())
    for name in ("data", "train"):
        assert "You can look and classify here." in texts(opened(name, look))
    app = opened("results", look)
    assert button(app, "Star").disabled and "Draw it" not in [each.label for each in app.button]
    access.identify_by(lambda: look)
    with pytest.raises(access.Refused, match="Linus may look and classify"):
        store.change_label(run, name="mine")


@pytest.mark.parametrize(("address", "hosts", "is_told"), [
    ("127.0.0.1", ["localhost"], False),
    ("0.0.0.0", ["localhost"], True),
    ("", [], True),
    ("127.0.0.1", ["studio.example"], True),
    ("::1", [], False),
])  # fmt: skip
def test_a_server_that_others_reach_without_signing_in_says_so(address, hosts, is_told):
    kept = {name: config.get_option(name) for name in ("server.address", "server.allowedHosts")}
    try:
        config.set_option("server.address", address or None)
        config.set_option("server.allowedHosts", hosts)
        told = [each.value for each in open_page("train").error]
    finally:
        for name, value in kept.items():
            config.set_option(name, value)
    assert (entrance.OPEN_DOOR in told) == is_told
