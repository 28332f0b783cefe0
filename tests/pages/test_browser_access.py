"""Access to a real server: sign-in at a real provider or by password, and forged requests."""

import http.client
import json
import urllib.parse
from functools import partial

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from catsdogs.runs import trash
from catsdogs.settings.config import Config
from catsdogs.system import access, passwords
from pages.parts.data import receiver
from tests.browsing import free_port, serve
from tests.pages.provider import CLIENT, SECRET, provide
from tests.pages.test_uploads import Session
from tests.storing import finished
from tests.waiting import wait_until

PASSWORD = "correct horse"
TOKEN = "battery staple"


@pytest.fixture(scope="module")
def provider():
    with provide() as running:
        yield running


@pytest.fixture(scope="module")
def served(provider, tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("access"), free_port()
    (folder / "secrets.toml").write_text(f"""
[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "a long random string that nobody knows"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider.address}/.well-known/openid-configuration"
[access]
train = ["ada@school.example"]
look = ["*@school.example"]
train_password = "{passwords.hashed(PASSWORD)}"
api_token = "{passwords.hashed(TOKEN)}"
[limits]
data_gb = 0.01
""")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMLIT_SECRETS_FILES", str(folder / "secrets.toml"))
        with serve(folder / "home", port, classifies=False) as address:
            yield address.replace("127.0.0.1", "localhost"), folder / "home"


def sign_in(page, server, path="train"):
    page.goto(f"{server}/{path}")
    page.get_by_role("button", name="Sign in with your account").click()


def sign_out(page):
    with page.expect_response(lambda answer: "logout" in answer.url):
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in with your account")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_people_sign_in_at_the_provider_with_the_role_that_they_have(page, server, provider):
    page.goto(f"{server}/results?view=Sweeps")
    expect(page.get_by_text("You followed a link: open it again once you have signed in.")).to_be_visible()
    sign_in(page, server)
    expect(page.get_by_text("ada@\u2060school.example · can train and delete")).to_be_visible()
    expect(page.get_by_role("button", name="Draw data set")).to_be_visible()
    expect(page.locator("a[href^=mailto]")).to_have_count(0)
    sign_out(page)

    provider.email = "grace@school.example"
    sign_in(page, server)
    expect(page.get_by_text("grace@\u2060school.example · can look and classify")).to_be_visible()
    page.goto(f"{server}/train")
    expect(page.get_by_text("but not train, add photographs or delete")).to_be_visible()
    expect(page.get_by_role("button", name="Draw data set")).to_have_count(0)
    sign_out(page)

    provider.email = "mallory@elsewhere.example"
    sign_in(page, server)
    expect(page.get_by_text("is not among those who may use this server")).to_be_visible()
    expect(page.get_by_role("heading", name="Train")).to_have_count(0)
    sign_out(page)

    provider.email = "ada@school.example"
    for said in ("false", None):  # as Cognito and Apple write it; as Microsoft doesn't
        provider.is_verified = said
        sign_in(page, server)
        expect(page.get_by_text("the provider doesn't say that this address was verified")).to_be_visible()
        sign_out(page)
    provider.is_verified = True


def test_a_password_lets_in_and_guessing_ends_soon(page, server):
    page.goto(f"{server}/train")
    for _ in range(4):
        attempt(page, "wrong")
        expect(page.get_by_text("That is not the password.")).to_be_visible()
    attempt(page, PASSWORD)
    expect(page.get_by_text("Linus · can train and delete")).to_be_visible()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    page.reload()
    attempt(page, "wrong")
    expect(page.get_by_text("That is not the password.")).to_be_visible()
    attempt(page, PASSWORD)
    expect(page.get_by_text("Too many attempts.")).to_be_visible()


def attempt(page, password):
    page.get_by_role("textbox", name="Your name").fill("Linus")
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    page.wait_for_timeout(500)


def test_a_program_comes_in_by_its_token_and_guessing_ends_soon(server):
    place = urllib.parse.urlparse(server)

    def status(**headers):
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        connection.request("GET", "/api/runs", headers=headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        assert ("runs" in said) == (answer.status == 200)
        return answer.status

    right, wrong = {"Authorization": f"Bearer {TOKEN}"}, {"Authorization": "Bearer wrong"}
    assert (status(), status(Authorization=f"Basic {TOKEN}")) == (401, 401)
    assert [status(**wrong) for _ in range(4)] == [401] * 4
    assert status(**right) == 200
    assert [status(**wrong) for _ in range(2)] == [401, 429]
    assert status(**right) == 200, "who has the token isn't locked out"


def test_who_has_not_signed_in_can_not_have_the_server_forget_what_others_may_undo(server):
    def ask(connection, **message):
        """Send it, and wait until the page has been drawn anew."""
        if message:
            connection.send(BackMsg(**message).SerializeToString())
        connection.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        while ForwardMsg.FromString(connection.recv()).WhichOneof("type") != "script_finished":
            pass

    with connect(f"{server.replace('http', 'ws')}/_stcore/stream", subprotocols=["streamlit"]) as connection:
        ask(connection)
        trash.put(run := finished(Config()))
        ask(connection, clear_cache=True)
        ask(connection)
    assert trash.restore(run.id) == run


def test_who_may_train_can_send_a_file_to_a_page(page, server, provider):
    provider.email = "ada@school.example"
    sign_in(page, server)
    page.get_by_role("link", name="Results", exact=True).click()
    page.get_by_role("button", name="Import runs").click()
    page.locator("input[type=file]").set_input_files({"name": "a.zip", "mimeType": "application/zip", "buffer": b"nothing"})
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("a.zip is not a ZIP file")).to_be_visible()
    sign_out(page)


def test_who_has_not_signed_in_can_not_fill_the_memory_with_files(server):
    with connect(f"{server.replace('http', 'ws')}/_stcore/stream", subprotocols=["streamlit"]) as connection:
        assert Session(server, connection).send("one") == 403


@pytest.mark.parametrize("path", ["/receive/{ticket}", "/pictures/anything"])
@pytest.mark.parametrize("header", [("Origin", "http://evil.example"), ("Origin", "null"), ("Host", "evil.example"), ("Host", "")])
def test_a_request_of_another_site_is_refused(path, header, server):
    folder = receiver.home.subfolder("uploads")
    (folder / ("a" * 48)).touch()
    place = urllib.parse.urlparse(server)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.request("PUT", path.format(ticket="a" * 48), b"x", {"Host": place.netloc, **dict([header])})
    assert connection.getresponse().status == 403
    assert [file.name for file in folder.iterdir()] == ["a" * 48]


def test_more_than_one_person_may_have_is_refused_before_it_comes_whatever_tabs_send_at_once(server, monkeypatch):
    monkeypatch.setattr(access, "_identify", [lambda: access.Person("Ada")])
    first, second, third = (receiver.open_ticket() for _ in range(3))
    monkeypatch.setattr(access, "_identify", [lambda: access.Person("Grace")])
    other = receiver.open_ticket()
    place, send = urllib.parse.urlparse(server), partial(send_to, server)

    status, said = send(first, 11 * 10**6)
    assert status == 413 and said.startswith(
        "The file takes 11 MB, and of the 10 MB that one person may have here, you have 10 MB left. Send a smaller"
    )
    assert send(first, 6 * 10**6) == (204, "")
    status, said = send(second, 6 * 10**6)
    assert status == 413 and "you have 4 MB left" in said
    assert send(other, 6 * 10**6) == (204, ""), "somebody else's"
    receiver.close_ticket(first)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.request("PUT", f"{receiver.PATH}/{second}", bytes(10), {"Content-Length": str(6 * 10**6)})
    coming = receiver.received(second).with_name(f".{second}.partial")
    wait_until(coming.exists)
    connection.close()
    wait_until(lambda: not coming.exists())
    receiver._write(first, receiver._Ticket("Ada", 6 * 10**6))  # it and the file beside it are what a killed server leaves
    receiver._beside(first, ".partial").touch()
    assert send(third, 6 * 10**6) == (204, "")
    for ticket in (first, second, third, other):
        receiver.close_ticket(ticket)


def test_what_was_sent_to_a_page_that_was_reloaded_since_does_not_count_but_what_another_tab_has_sent_does(page, server, provider):
    provider.email = "ada@school.example"
    sign_in(page, server, "data")
    first = ticket_of(page)
    page.get_by_role("link", name="Train", exact=True).click()  # where nothing unpacks what comes
    assert send_to(server, first, 6 * 10**6) == (204, "")
    other = page.context.new_page()
    other.goto(f"{server}/data")
    second = ticket_of(other)
    status, said = send_to(server, second, 6 * 10**6)
    assert status == 413 and "What you have sent in another tab takes 6 MB until it is a data set: finish that first" in said
    page.reload()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    assert send_to(server, second, 6 * 10**6) == (204, "")
    assert not receiver.received(first).exists()
    other.close()
    sign_out(page)


def ticket_of(page) -> str:
    """That of the box for ZIP files on the page Data, which has just been opened."""
    before = tickets()
    page.get_by_role("radio", name="Upload").click()
    wait_until(lambda: page.wait_for_timeout(100) or tickets() - before)
    (ticket,) = tickets() - before
    return ticket


def tickets() -> set[str]:
    return {path.name for path in receiver.home.subfolder("uploads").glob("*") if len(path.name) == 48}


def send_to(server, ticket: str, size: int) -> tuple[int, str]:
    place = urllib.parse.urlparse(server)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.request("PUT", f"{receiver.PATH}/{ticket}", bytes(size))
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.parametrize("ticket", ["../../etc/passwd", "%2e%2e%2fqueue", "b" * 48])
def test_a_ticket_that_was_not_given_out_is_refused(ticket, server):
    place = urllib.parse.urlparse(server)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.request("PUT", f"{receiver.PATH}/{ticket}", b"x")
    assert connection.getresponse().status in (400, 403, 404, 405)
