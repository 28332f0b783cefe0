"""What the door shows: whose runs are listed, what each role is offered, and that an open door is told."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from catsdogs.runs import store
from catsdogs.settings.config import Config
from catsdogs.system import access
from catsdogs.system.access import Person
from pages.parts.shared import entrance
from pages.parts.shared.door import Door
from tests.pages.opening import PAGES, button, checked, open_page, texts
from tests.storing import finished

PASSWORDS = {True: access.hashed("correct horse")}


pytestmark = pytest.mark.usefixtures("nothing_starts", "the_owner_comes_back")


def opened(name: str, person: Person | None) -> AppTest:
    """The page of a server with passwords, for who gave one."""
    app = AppTest.from_file(str(PAGES / "navigation.py"), default_timeout=60)
    entrance.watch(Door(passwords=PASSWORDS))
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


@pytest.mark.parametrize("is_reachable", [True, False])
def test_a_server_that_others_reach_without_signing_in_says_so(is_reachable):
    entrance.watch(Door(is_reachable=is_reachable))
    assert (entrance.OPEN_DOOR in [each.value for each in open_page("train").error]) == is_reachable


def test_who_was_not_asked_may_open_what_the_door_says():
    entrance.watch(Door(is_reachable=True, roots=(Path("/srv/photographs"),)))
    assert access.may_open("/srv/photographs/pets") and not access.may_open("/etc")
    entrance.watch(Door())
    assert access.may_open("/etc")
