"""Who may come in, in real configuration files: what they say, and that a mistake never lets everybody in."""

import os
import re
import subprocess
import sys

import pytest
from streamlit import config
from streamlit.runtime.secrets import Secrets

from catsdogs.errors import InputError
from catsdogs.system import passwords
from catsdogs.system.access import Limits
from pages.parts.shared import access_settings, entrance
from pages.parts.shared.access_settings import AccessSettings
from tests.browsing import PROJECT, free_port
from tests.pages.opening import open_page, texts

HASH = passwords.hashed("correct horse")
PROVIDER = '[auth]\nclient_id = "studio"\n'


@pytest.fixture
def told(monkeypatch, tmp_path):
    """Write the secrets; without a text, there is no file."""
    path = tmp_path / "secrets.toml"
    kept = {name: config.get_option(name) for name in ("secrets.files", "server.address", "server.allowedHosts")}
    config.set_option("secrets.files", [str(path)])
    monkeypatch.setattr(access_settings.st, "secrets", Secrets())
    yield lambda text: path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for name, value in kept.items():
        config.set_option(name, value)


def test_without_a_file_only_this_machine_comes_in_and_is_the_owner(told):
    assert access_settings.read() == AccessSettings() and not access_settings.read().needs_sign_in


def test_the_sections_are_read(told, tmp_path):
    told(f"""{PROVIDER}
[access]
train = ["Ada@School.example"]
look = ["*@school.example"]
trust_email = true
roots = ["{tmp_path}"]
look_password = "{HASH}"
api_token = "{HASH}"
[limits]
runs = 3
data_gb = 0.5
""")
    assert access_settings.read() == AccessSettings(
        has_provider=True,
        train=("ada@school.example",),
        look=("*@school.example",),
        trust_email=True,
        passwords={False: HASH},
        api_token=HASH,
        roots=(tmp_path,),
        limits=Limits(3, 500_000_000),
    )


@pytest.mark.parametrize(
    "text",
    [
        "[access",
        b"[access]\ntrain_password = '\xff'",
        "access = 5",
        "[access]\npassword = 'correct horse'",
        "[access]\ntrain_password = 'correct horse'",
        "[access]\ntrain_password = ''",
        f"[access]\napi_token = '{HASH}'",
        "[access]\ntrain = ['ada@school.example']",
        f"{PROVIDER}[access]\ntrain = 'ada@school.example'",
        "[access]\nroots = '/srv'",
        "[access]\nroots = [5]",
        f"{PROVIDER}[access]\ntrust_email = 'whose'",
    ],
)
def test_a_mistake_is_named_and_no_password_with_it(text, told):
    told(text)
    with pytest.raises(InputError, match="The sec") as error:
        access_settings.read()
    assert "correct horse" not in str(error.value) and "\n" not in str(error.value)


def test_a_file_that_may_not_be_read_is_a_mistake(told, tmp_path):
    (tmp_path / "secrets.toml").mkdir()
    with pytest.raises(InputError, match="The secrets can't be read: .*Is a directory"):
        access_settings.read()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[limits]\nruns = 0", "[limits] of the secrets has runs = 0; it must be a whole number from 1."),
        ("[limits]\nruns = 'many'", "[limits] of the secrets has runs = 'many'; it must be a whole number from 1."),
        ("[limits]\ndata_gb = -1", "[limits] of the secrets has data_gb = -1; it must be a number of GB above 0."),
        ("[limits]\nfree_gb = nan", "[limits] of the secrets has free_gb = nan; it must be a number of GB from 0."),
        ("[limits]\nrun = 5", "[limits] of the secrets has 'run'; allowed are runs, data_gb, free_gb."),
        ("limits = 5", "[limits] of the secrets has no settings; allowed are runs, data_gb, free_gb."),
        ("[access]\nroots = [5]", "[access] of the secrets has a mistake in roots; it must be a list of strings."),
        ("[access]\ntrust_email = 'whose'", "[access] of the secrets has a mistake in trust_email; it must be true or false."),
        ("[access]\ntrain_password = 'dog'", "a mistake in train_password; it must be a hash that `python -m catsdogs password` prints."),
    ],
)
def test_a_mistake_is_told_in_our_words_with_what_is_allowed(text, message, told):
    told(text)
    with pytest.raises(InputError, match=f"{re.escape(message)}$"):
        access_settings.read()


@pytest.mark.parametrize(("address", "hosts", "is_reachable"), [
    ("127.0.0.1", ["localhost"], False),
    ("0.0.0.0", ["localhost"], True),
    ("", [], True),
    ("127.0.0.1", ["studio.example"], True),
    ("::1", [], False),
])  # fmt: skip
def test_others_reach_a_server_by_its_address_or_by_a_name(address, hosts, is_reachable, told):
    config.set_option("server.address", address or None)
    config.set_option("server.allowedHosts", hosts)
    assert access_settings.read().is_reachable == is_reachable


def test_pages_that_are_started_without_the_application_ask_for_the_password_too(told, monkeypatch, the_owner_comes_back):
    told(f"[access]\nlook_password = '{HASH}'")
    monkeypatch.setattr(entrance, "_watched", [])
    assert "Sign in to continue" in texts(open_page("train"))


def test_a_server_with_a_mistake_in_its_secrets_does_not_start(tmp_path):
    path = tmp_path / "secrets.toml"
    path.write_text("[access]\nlook_pasword = 'correct horse'")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(free_port()), "--secrets.files", str(path)]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2 and "Traceback" not in ended.stderr
    assert "catsdogs: The section [access] of the secrets has 'look_pasword'; allowed are roots, train," in ended.stderr


@pytest.mark.parametrize(("home", "said"), [("/proc/cats-and-dogs", "can't be the home folder: "), ("notes.txt", "file exists")])
def test_a_server_without_a_home_folder_that_it_can_write_to_does_not_start(home, said, tmp_path):
    (tmp_path / "notes.txt").write_text("not a folder")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(free_port())]
    surroundings = {**os.environ, "CATSDOGS_HOME": str(tmp_path / home)}
    ended = subprocess.run(command, cwd=PROJECT, env=surroundings, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2 and "Traceback" not in ended.stderr
    assert said in ended.stderr and "Set CATSDOGS_HOME to a folder that can be written to." in ended.stderr
