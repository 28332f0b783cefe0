"""The file that names a Ray cluster, and what is asked of the cluster: each answer is understood, or said in a sentence."""

import pytest

from catsdogs.errors import InputError
from catsdogs.queue import cluster
from catsdogs.queue.cluster import Cluster, Settings
from catsdogs.queue.engine import FILE, Unavailable
from tests import breaking
from tests.queue.answering import TOKEN, Head

ADDRESS = 'address = "http://head:8265"\n'


@pytest.fixture
def head():
    made = Head()
    yield made
    made.close()


@pytest.fixture
def asked(head, monkeypatch):
    monkeypatch.setattr(cluster, "_TIMEOUT", 0.3)
    return Cluster(Settings(address=head.address, token=TOKEN, cpus=2, gpus=0.5))


def write(home, text: str) -> None:
    (home / FILE).write_text(text, encoding="utf-8")


def test_without_the_file_this_machine_trains(home):
    assert cluster.settings() is None


def test_the_file_is_read_again_when_it_has_changed(home):
    write(home, "[ray]\n" + ADDRESS)
    assert cluster.settings() == Settings(address="http://head:8265")
    write(home, f'[ray]\n{ADDRESS}token = "s3cret"\ncpus = 4\ngpus = 1\nat_once = 3\npython = "/opt/python"\npixels = "/fast"\n')
    assert cluster.settings() == Settings(
        address="http://head:8265", token="s3cret", cpus=4, gpus=1.0, at_once=3, python="/opt/python", pixels="/fast"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[ray]\n", "engine.toml lacks address in [ray]; it must be where"),
        ('[ray]\naddress = "head:8265"\n', "engine.toml has address = 'head:8265' in [ray]; it must be where"),
        ('[ray]\naddress = "http://head:99999"\n', "engine.toml has address = 'http://head:99999'"),
        ('[ray]\naddress = "http://head/api"\n', "engine.toml has address = 'http://head/api'"),
        (f"[ray]\n{ADDRESS}cpus = 0\n", "engine.toml has cpus = 0 in [ray]; it must be a whole number from 1."),
        (f"[ray]\n{ADDRESS}gpus = 2\n", "engine.toml has gpus = 2 in [ray]; it must be a number from 0 to 1"),
        (f"[ray]\n{ADDRESS}at_once = 1.5\n", "engine.toml has at_once = 1.5 in [ray]; it must be a whole number from 1."),
        (f'[ray]\n{ADDRESS}pixels = "here"\n', "engine.toml has pixels = 'here' in [ray]; it must be a folder"),
        (f"[ray]\n{ADDRESS}cpu = 1\n", "engine.toml has 'cpu' in [ray]; allowed are address, token, cpus"),
        ("", "engine.toml lacks the section [ray]. Fill it in, or delete the file to train on this machine."),
        ("[slurm]\n", "engine.toml has 'slurm'; only the section [ray] is allowed."),
        ("ray = 3\n", "engine.toml has 'ray'; only the section [ray] is allowed."),
        ("[ray\n", "engine.toml can't be read: "),
    ],
)
def test_what_can_not_be_used_is_named_with_file_key_and_what_is_allowed(home, text, said):
    write(home, text)
    with pytest.raises(InputError) as raised:
        cluster.settings()
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize("token", ['"two words"', '"ä-s3cret"', '""', "12345"])
def test_a_bad_token_is_refused_without_being_shown(home, token):
    write(home, f"[ray]\n{ADDRESS}token = {token}\n")
    with pytest.raises(InputError, match="has a token that is none") as raised:
        cluster.settings()
    assert token.strip('"') not in str(raised.value) or token == '""'


@pytest.mark.parametrize("kind", ["a folder", "a link to itself"])
def test_what_is_no_file_is_refused(home, kind):
    breaking.PLACES[kind](home / FILE)
    with pytest.raises(InputError, match=r"engine\.toml is"):
        cluster.settings()


def test_a_job_is_submitted_followed_and_stopped(asked, head):
    asked.submit("a", "true")
    asked.submit("a", "true")  # as after an answer that got lost
    assert head.jobs["a"]["asked"]["entrypoint_num_cpus"] == 2 and head.jobs["a"]["asked"]["entrypoint_num_gpus"] == 0.5
    assert asked.job("a").is_waiting and not asked.job("a").has_ended
    asked.stop("a")
    assert asked.job("a").has_ended and "Runtime env" in asked.log("a")
    assert asked.job("b") is None and asked.log("b") == ""


def test_there_is_room_where_a_node_has_both_processors_and_a_gpu(asked, head):
    head.nodes = [{"CPU": 16.0, "GPU": 2.0}, {"CPU": 5.0, "GPU": 4.0}, {"CPU": 64.0}]
    assert asked.room() == 4 + 2
    head.nodes = [{"CPU": 1.0, "GPU": 4.0}]
    with pytest.raises(Unavailable, match="has no node with 2 CPUs and 0.5 GPU, which engine.toml gives each run"):
        asked.room()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (401, "refuses the token in engine.toml (it answers 401)"),
        (403, "refuses the token in engine.toml (it answers 403)"),
        (404, "answers 404 with something that Ray does not say: <h1>nonsense</h1>"),
        (500, "answers 500 with something that Ray does not say: <h1>nonsense</h1>"),
        (307, "answers 307, a redirect, and these are not followed"),
        ("slow", "has not answered within 0.3 seconds"),
        ("break", "can't be reached"),
        ("<h1>a router</h1>", "answers 200 with something that Ray does not say"),
        ('"ok"', "answers 200 with something that Ray does not say"),
        ("[[]]", "answers 200 with something that Ray does not say"),
        ('{"data": {"result": {"result": [{"state": "ALIVE", "resources_total": null}]}}}', "answers 200 with something that Ray does not"),
    ],
    ids=str,
)
def test_what_a_cluster_does_not_answer_is_said_in_a_sentence_without_the_token(asked, head, answer, why):
    head.answer = answer
    with pytest.raises(Unavailable) as raised:
        asked.room()
    assert str(raised.value).startswith(f"The Ray cluster at {head.address} {why}")
    assert TOKEN not in str(raised.value)
    with pytest.raises(Unavailable):
        asked.job("a")
    assert len(head.asked) == 1, "it is left alone for a while"


def test_a_cluster_that_asks_for_a_token_is_not_called_broken(head):
    with pytest.raises(Unavailable, match=r"asks for a token \(it answers 401\), and engine.toml has none"):
        Cluster(Settings(address=head.address)).room()


@pytest.mark.parametrize("name", ["ray..local", "head" * 20])
def test_a_cluster_whose_name_can_be_none_can_not_be_reached(name):
    with pytest.raises(Unavailable, match="can't be reached"):
        Cluster(Settings(address=f"http://{name}:8265")).room()


def test_a_cluster_that_is_not_there_can_not_be_reached(head):
    head.close()
    with pytest.raises(Unavailable, match="can't be reached"):
        Cluster(Settings(address=head.address)).room()
