"""Whose runs are listed, what each role is offered, and that a server open to all says so."""

import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from catsdogs.data import dataset
from catsdogs.queue import jobs, sweeps
from catsdogs.runs import store
from catsdogs.settings import config as configs
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from catsdogs.sources import intake
from catsdogs.system import access, home, passwords
from catsdogs.system.access import Person
from pages.parts.shared import attempts, entrance
from pages.parts.shared.access_settings import AccessSettings
from tests.images import encoded, noise, photographs
from tests.pages.opening import PAGES, button, checked, end_session, open_page, press, texts
from tests.storing import finished

SESSION = "test session id"  # of Streamlit's test runner
PASSWORDS = {True: passwords.hashed("correct horse")}


pytestmark = pytest.mark.usefixtures("nothing_starts", "the_owner_comes_back")


def opened(name: str, person: Person | None, *selected: store.Run) -> AppTest:
    """The page of a server with passwords, for who gave one."""
    app = AppTest.from_file(str(PAGES / "navigation.py"), default_timeout=60)
    entrance.watch(AccessSettings(passwords=PASSWORDS))
    if person:
        app.session_state["signed_in"] = person
    app.query_params["run"] = [run.id for run in selected]
    return checked(app.switch_page(f"{name}.py").run())


def test_without_a_password_there_is_nothing_but_the_question_for_it():
    for name in ("data", "train", "results", "classify"):
        app = opened(name, None)
        assert [box.label for box in app.text_input] == ["Your name", "Password"] and "Sign in to continue" in texts(app)
        assert [each.label for each in app.button] == ["Sign in"]


def signed_in(app: AppTest, name: str, password: str = "correct horse") -> AppTest:
    """The page after somebody gave a name and a password."""
    for box, text in zip(app.text_input, (name, password), strict=True):
        box.input(text)
    return press(app, "Sign in")


def test_whoever_signs_in_next_at_a_tab_finds_nothing_of_what_was_in_it():
    app = opened("classify", Person("Ada"))
    (hers,) = app.session_state["kept"]["album"].value
    hers.add_bytes("ada-at-home.png", encoded(noise(1), "PNG"))
    app.session_state["network"] = "hers"
    app = press(app, "Sign out")
    assert not hers.folder.exists() and not {"kept", "network", "signed_in"} & set(app.session_state._state.filtered_state)
    app = signed_in(app, "Linus")
    assert "Linus · can train and delete" in texts(app) and "ada-at-home" not in texts(app)


def test_where_people_sign_in_a_run_tells_its_data_set_by_the_name_and_not_by_its_path_on_the_server(tmp_path):
    """Settings, environment and log showed the path to everybody who may look."""
    folder = intake.add_folder(photographs(tmp_path / "photos", {"cats": 5, "dogs": 5}), "Our pets").folder
    run = finished(Config(data=str(folder)))
    model = home.folder() / "pretrained" / "weights.h5"
    store.write_environment(run, {**store.environment(run), "data": str(folder), "data_fingerprint": "f1", "pretrained": str(model)})
    store.note(run, f"Reading {folder} and {model}")

    def shown(app: AppTest) -> str:
        (settings,) = [frame.value["value"] for frame in app.dataframe if "name for --set" in frame.value]
        return "\n".join([*settings, app.json[0].value, *(code.value for code in app.code)])

    for_others, for_the_owner = shown(opened("results", Person("Ada", may_train=False, roots=()), run)), shown(open_alone(run))
    assert for_the_owner.count(str(folder)) == 3 and for_the_owner.count(str(model)) == 2
    assert str(home.folder()) not in for_others and for_others.count("Our pets") == 3 and "pretrained/weights.h5" in for_others


def open_alone(run: store.Run) -> AppTest:
    """The page of a server that one person has for themselves."""
    entrance.watch(AccessSettings())
    return open_page("results", run=run.id)


def test_who_signs_out_can_send_no_zip_file_any_more():
    app = opened("data", Person("Ada"))
    app = checked(app.button_group(key="source").set_value("Upload").run())
    (ticket,) = app.session_state["kept"]["zip_box_ticket"].value
    assert (home.folder() / "uploads" / ticket).exists()
    press(app, "Sign out")
    assert list((home.folder() / "uploads").iterdir()) == []


def test_nothing_is_kept_of_a_session_that_has_ended_and_it_can_send_nothing_any_more():
    opened("data", Person("Ada"))
    assert entrance.may_upload(SESSION)
    end_session()
    assert not entrance.may_upload(SESSION)


def test_a_class_behind_one_address_signs_in_within_a_minute_but_guesses_count(monkeypatch):
    monkeypatch.setattr(type(st.context), "ip_address", "10.0.0.1")  # Streamlit's test runner has another one at each run
    attempts.of_server.cache_clear()
    for number in range(8):
        assert f"Pupil {number} · can train" in texts(signed_in(opened("data", None), f"Pupil {number}"))
    app = opened("data", None)
    for _ in range(5):
        assert signed_in(app, "Mallory", "wrong").error[0].value == "That is not the password."
    assert signed_in(app, "Mallory").error[0].value == "Too many attempts. Wait a minute, then try again."
    attempts.of_server.cache_clear()


@pytest.mark.parametrize("trust_email", [True, False])
def test_an_address_counts_where_the_provider_says_that_it_was_verified(trust_email):
    entrance.watch(AccessSettings(has_provider=True, trust_email=trust_email))
    assert all(entrance.is_vouched_for({"email_verified": said}) for said in (True, "true"))
    assert not any(entrance.is_vouched_for({"email_verified": said}) for said in (False, "false", "no"))
    assert entrance.is_vouched_for({}) == entrance.is_vouched_for({"email_verified": None}) == trust_email


def test_only_my_runs_are_shown_on_request():
    for name, by in (("a", "Ada"), ("b", "Grace"), ("c", "")):
        store.change_label(store.create(Config(), by), name=name)
    app = opened("results", Person("Ada"))
    assert set(app.dataframe[0].value["name"]) == {"a", "b", "c"}
    app = checked(app.checkbox(key="mine").check().run())
    assert list(app.dataframe[0].value["name"]) == ["a"]
    app = checked(app.text_input(key="filter").set_value("rabbit").run())
    assert "No run of yours has 'rabbit' in its name" in texts(app), "none of them was said to be Ada's"
    app = checked(opened("results", Person("Linus")).checkbox(key="mine").check().run())
    assert not app.dataframe and "None of these runs is yours." in texts(app)


def test_whoever_deletes_runs_that_others_started_is_told_so_before():
    runs = [store.create(Config(), by) for by in ("Ada", "Grace", "")]
    assert "**1 of 3** was started by Grace." in texts(opened("results", Person("Ada"), *runs))
    assert "This run was started by Grace." in texts(opened("results", Person("Ada"), runs[1]))
    assert "started by" not in texts(opened("results", Person("Ada"), runs[0], runs[2]))


def test_whoever_cancels_a_sweep_that_others_started_is_told_so_before():
    access.identify_by(lambda: Person("Linus"))
    sweeps.create("rates", [Config(seed=seed) for seed in range(2)])
    assert "**2 of 2** were started by Linus." in texts(opened("train", Person("Ada"))).split("stop the running one?")[1]
    assert "started by" not in texts(opened("train", Person("Linus")))


def test_who_may_only_look_is_offered_nothing_else():
    look = Person("Linus", may_train=False)
    run = finished(Config())
    for name in ("data", "train"):
        app = opened(name, look)
        assert "You can look and classify here, but not train" in texts(app) and "Draw data set" not in [each.label for each in app.button]
    assert button(opened("results", look), "Star").disabled
    access.identify_by(lambda: look)
    with pytest.raises(access.Refused, match="Linus may look and classify"):
        store.change_label(run, name="mine")


@pytest.mark.parametrize("view", ["Runs", "Sweeps", "Repeat the study"])
def test_who_may_only_look_is_not_asked_to_add_or_train_anything_where_there_is_nothing_yet(view):
    app = opened("results", Person("Linus", may_train=False))
    app = checked(app.button_group(key="view").set_value(view).run())
    links = [each.proto.label for each in app.get("page_link")]
    assert re.search(r"No (runs|sweep|data set) yet", texts(app)) and not {"Start one at the end of the form", "Choose a data set"} & {
        *links
    }
    assert "Train a run" not in [each.label for each in app.button]


@pytest.mark.parametrize("is_reachable", [True, False])
def test_a_server_that_others_reach_without_signing_in_says_so(is_reachable):
    entrance.watch(AccessSettings(is_reachable=is_reachable))
    assert (entrance.OPEN_TO_ALL in [each.value for each in open_page("train").error]) == is_reachable


def test_who_was_not_asked_may_open_what_the_settings_say():
    entrance.watch(AccessSettings(is_reachable=True, roots=(Path("/srv/photographs"),)))
    assert access.may_open("/srv/photographs/pets") and not access.may_open("/etc")
    entrance.watch(AccessSettings())
    assert access.may_open("/etc")


def sources(*roots: str) -> AppTest:
    """The Data page of a server that others reach, by these roots."""
    entrance.watch(AccessSettings(is_reachable=True, roots=tuple(map(Path, roots))))
    return open_page("data")


def test_a_folder_on_the_server_is_a_source_only_where_one_may_be_opened(home):
    assert "Folder on the server" not in sources().button_group(key="source").options
    app = checked(sources("/srv/photographs", "/srv/pets").button_group(key="source").set_value("Folder on the server").run())
    assert app.text_input(key="folder_path").placeholder == "/srv/photographs/PetImages"
    assert "A folder below /srv/photographs or /srv/pets." in texts(app)


def taken_by(name: str) -> Path:
    """A data set called Camera that somebody of that name made."""
    access.identify_by(lambda: Person(name))
    folder = intake.create("Camera")
    for seed in range(6):
        intake.extend(folder, ("cats", "dogs")[seed % 2], encoded(noise(seed), "JPEG"))
    dataset.check(folder)
    return folder


def test_each_of_a_class_comes_back_to_photographs_of_their_own_and_those_of_others_say_whose_they_are():
    hers, his = taken_by("Ada"), taken_by("Linus")
    app = opened("data", Person("Ada"))
    assert app.session_state["data_folder"] == hers and "made by" not in texts(app)
    assert opened("train", Person("Ada")).selectbox(key="data_picked").options == ["Camera", "Camera · by Linus"]
    app = opened("data", Person("Grace"))
    assert app.session_state["data_folder"] in (hers, his) and "made by" in texts(app)
    assert press(app, "Delete").warning[0].value.endswith(" made it, not you.")


def test_train_shows_one_s_own_run_first_and_says_whose_the_others_are(tmp_path):
    config = configs.change(presets.config("quick"), data=str(photographs(tmp_path / "photos", {"cats": 12, "dogs": 12})))
    dataset.check(config.data)
    for number, name in enumerate(("Ada", "Linus", "Grace")):
        access.identify_by(lambda name=name: Person(name))
        jobs.create([configs.change(config, seed=number)])
    written = texts(opened("train", Person("Linus")))
    assert "Quick start · seed 1 · by Linus" in written and ":small[**Quick start, seed 1 · by Linus**]" in written
    assert "**2 of 3** were started by Ada and Grace." in written
    assert "Quick start · seed 0 · by Ada" in texts(opened("train", Person("Alan")))
