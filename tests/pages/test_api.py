"""The API, as programs call it, and whether docs/openapi.json says what it does."""

import http.client
import json
import select
import socket
import threading
from contextlib import ExitStack
from pathlib import Path

import jsonschema
import pytest
import uvicorn
from starlette.applications import Starlette

from catsdogs.analysis import neither
from catsdogs.inference import classifier
from catsdogs.networks import registry
from catsdogs.runs import store, temperature
from catsdogs.settings.config import Config
from pages.parts.api import body, routes
from tests.images import encoded, noise
from tests.storing import finished
from tests.waiting import wait_until

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
PICTURE = encoded(noise(1, (90, 60)), "JPEG")
FORM = "multipart/form-data; boundary=xyz"


@pytest.fixture(scope="module")
def address():
    """Of a server in this process."""
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes.routes()), port=0, log_level="error"))
    serving = threading.Thread(target=server.run)
    serving.start()
    wait_until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    serving.join()


def call(address, method: str, path: str, content=None, **headers: str) -> tuple[int, dict]:
    """Status and JSON, which must be what the document says of them."""
    connection = http.client.HTTPConnection(*address, timeout=120)
    connection.request(method, path, content, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    said = json.loads(answer.read() or "{}")
    described = DOCUMENT["paths"].get(path.partition("?")[0], {}).get(method.lower())
    if described and answer.status != 405:
        (content,) = described["responses"][str(answer.status)]["content"].values()
        jsonschema.validate(said, {**content["schema"], "components": DOCUMENT["components"]}, jsonschema.Draft202012Validator)
    return answer.status, said


def form(*parts: tuple[str, bytes]) -> bytes:
    """A body of these parts, each the rest of its Content-Disposition and its content."""
    lines = [b"--xyz\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in parts]
    return b"".join(lines) + b"--xyz--\r\n"


def test_a_picture_gets_the_answer_of_the_page(address):
    run = store.load(store.SHIPPED)
    (said,) = classifier.classify(classifier.load(run), [("", PICTURE)], temperature=temperature.load(run).value)
    status, answer = call(address, "POST", "/api/classify", PICTURE)
    assert (status, answer["label"], answer["neither"], answer["network"]) == (200, said.label, said.neither, "shipped")
    assert answer["probability"] == pytest.approx(said.probability, abs=1e-5)
    status, same = call(
        address, "POST", "/api/classify?run=shipped", form(('name="picture"; filename="a.jpg"', PICTURE)), Content_Type=FORM
    )
    assert status == 200 and same["probability"] == pytest.approx(answer["probability"], abs=1e-5)
    status, mirrored = call(address, "POST", "/api/classify?mirror=true", PICTURE, Content_Type="image/jpeg")
    assert status == 200 and abs(mirrored["probability"] - answer["probability"]) > 1e-5


def test_a_network_that_has_answered_can_tell_what_is_neither_as_soon_as_that_is_known(address):
    run = finished(Config(model="dense", dense_units=8, target_size=32, precision="float32"))
    registry.build(run.config).save(run.model_path)
    assert call(address, "POST", f"/api/classify?run={run.id}", PICTURE)[1]["neither"] is None
    neither.save(run, {"weights": [0.0] * 8, "limit": -1.0, "turned_away": 0.01})
    assert call(address, "POST", f"/api/classify?run={run.id}", PICTURE)[1]["neither"] is True


def test_many_at_once_get_their_own_answers(address):
    pictures = [encoded(noise(seed, (90, 60), high=30 + 5 * seed), "PNG") for seed in range(40)]
    alone = [call(address, "POST", "/api/classify", picture)[1] for picture in pictures[::8]]
    answers = {}
    threads = [
        threading.Thread(target=lambda row=row: answers.update({row: call(address, "POST", "/api/classify", pictures[row])}))
        for row in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in answers.values()} == {200}
    for row, said in zip(range(0, 40, 8), alone, strict=True):
        assert answers[row][1]["probability"] == pytest.approx(said["probability"], abs=1e-4)
    assert len({answer["probability"] for _, answer in answers.values()}) > 30


def test_runs_are_listed_with_the_bundled_one(address):
    run = finished(Config(epochs=2), right=80)
    store.change_label(run, name="mine")
    status, said = call(address, "GET", "/api/runs")
    assert status == 200 and [each["id"] for each in said["runs"]] == [run.id, "shipped"]
    assert (said["runs"][0]["name"], said["runs"][0]["test_accuracy"], said["runs"][0]["can_classify"]) == ("mine", 0.8, False)
    assert said["runs"][1]["can_classify"]


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status", "words"),
    [
        ("POST", "classify", b"", {}, 400, "There is no picture"),
        ("POST", "classify", b"Dear cat,", {}, 422, "not an image"),
        ("POST", "classify", PICTURE[:500], {}, 422, ""),
        ("POST", "classify?run=nobody", PICTURE, {}, 404, "no run 'nobody'"),
        ("POST", "classify?run=../shipped", PICTURE, {}, 404, "no run '../shipped'"),
        ("POST", "classify?run=a&run=b", PICTURE, {}, 400, "given twice"),
        ("POST", "classify?mirror=1", PICTURE, {}, 400, "mirror = '1': must be true or false"),
        ("POST", "classify?size=3", PICTURE, {}, 400, "no parameter 'size'"),
        ("POST", "classify", PICTURE, {"Content_Type": "multipart/form-data"}, 400, "not a multipart/form-data body with one file"),
        ("POST", "classify", b"nonsense", {"Content_Type": FORM}, 400, "not a multipart/form-data body"),
        ("POST", "classify", form(('name="picture"', b"text")), {"Content_Type": FORM}, 400, "There is no picture"),
        ("POST", "classify", form(*[('name="p"; filename="a"', PICTURE)] * 2), {"Content_Type": FORM}, 400, "with one file"),
        ("POST", "classify", PICTURE, {"Content_Length": "30000000"}, 413, "larger than 20 MB"),
        ("POST", "classify", PICTURE, {"Origin": "http://elsewhere.example"}, 403, "another site"),
        ("POST", "classify", PICTURE, {"Origin": "http://["}, 403, "another site"),
        ("GET", "classify", None, {}, 405, "takes POST, not GET"),
        ("DELETE", "runs", None, {}, 405, "takes GET, not DELETE"),
        ("GET", "runs?state=failed", None, {}, 400, "no parameter 'state'"),
        ("GET", "nothing", None, {}, 404, "There is no /api/nothing"),
    ],
    ids=range(19),
)
def test_what_is_malformed_is_refused_with_a_sentence(address, method, path, content, headers, status, words):
    found, said = call(address, method, f"/api/{path}", content, **headers)
    assert found == status and words in said["error"] and said["error"].endswith((".", "?"))


def test_a_run_without_a_model_that_can_be_read_can_not_answer(address):
    run = finished(Config())
    status, said = call(address, "POST", f"/api/classify?run={run.id}", PICTURE)
    assert status == 409 and "has no model" in said["error"]
    run.model_path.write_text("damaged")
    status, said = call(address, "POST", f"/api/classify?run={run.id}", PICTURE)
    assert status == 503 and "can't be read" in said["error"]


def test_a_body_of_unknown_length_is_read_up_to_the_limit(address):
    def endless():
        for _ in range(body.MAX_BYTES // 10**6 + 1):
            yield bytes(10**6)

    assert call(address, "POST", "/api/classify", endless())[0] == 413


def test_uploads_that_hardly_arrive_keep_nobody_waiting(address):
    with ExitStack() as opened:
        slow = [opened.enter_context(socket.create_connection(address)) for _ in range(100)]
        for each in slow:
            each.sendall(b"POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nslow")
        assert call(address, "POST", "/api/classify", PICTURE)[0] == 200
        assert not select.select(slow, [], [], 0)[0]  # none of them has been answered, or given up


def test_pictures_that_do_not_fit_into_memory_are_refused_until_others_are_answered(address, monkeypatch):
    large = PICTURE + bytes(10**6)  # a JPEG file may go on after its end
    assert call(address, "POST", "/api/classify", large)[0] == 200
    monkeypatch.setattr(body, "_MEMORY", len(large) - 1)
    status, said = call(address, "POST", "/api/classify", large)
    assert status == 503 and "again in a while" in said["error"]
    monkeypatch.setattr(body, "_MEMORY", len(large))
    assert [call(address, "POST", "/api/classify", large)[0] for _ in range(3)] == [200, 200, 200]


def test_the_document_has_every_path_and_limit():
    own = {route.path for route in routes.routes() if "{" not in route.path}
    assert set(DOCUMENT["paths"]) == own
    jsonschema.Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"]["Answer"])
    assert f"At most {body.MAX_BYTES // 10**6} MB" in DOCUMENT["paths"]["/api/classify"]["post"]["requestBody"]["description"]
