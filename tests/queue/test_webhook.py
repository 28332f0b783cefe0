"""A webhook is told that a run has ended, however that went, and whatever the webhook does."""

from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from catsdogs.queue import dispatcher, jobs, webhook
from catsdogs.runs import heartbeat, liveness, store
from catsdogs.settings.config import Config
from tests import storing
from tests.queue.listening import Listener
from tests.queue.test_dispatcher import BREAK_WORKERS, KILL_WORKERS

NOT_TOLD = "the webhook was not told that this run has ended: "


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(webhook, "_PAUSES", (0, 0.01, 0.01))
    monkeypatch.setattr(webhook, "_TIMEOUT", 0.3)
    monkeypatch.setattr(webhook, "_sending", [])


@pytest.fixture
def listener(home):
    made = Listener()
    (home / webhook.FILE).write_text(f'webhook = "{made.url}"\n')
    yield made
    made.close()


def tell(run) -> str:
    """The run's log after it was told."""
    webhook.tell(run)
    webhook.finish()
    return run.log_path.read_text() if run.log_path.exists() else ""


def test_what_is_told_says_how_the_run_ended(listener):
    run = storing.finished(Config(preset="study-adam", seed=3))
    store.change_label(run, name="Ours <!channel> & @everyone")
    assert tell(run) == ""
    [heard] = listener.heard
    assert heard == {
        "text": "Ours &lt;!channel&gt; &amp; @\u200beveryone is finished: 80.0% validation accuracy.",
        "name": "Ours <!channel> & @everyone",
        "by": "",
        "id": run.id,
        "state": "finished",
        "epochs": run.config.epochs,
        "epochs_done": 2,
        "train_accuracy": 0.8,
        "val_accuracy": 0.8,
        "test_accuracy": 0.8,
        "minutes": 1.0,
        "error": None,
    }


def test_a_name_is_told_in_one_line(listener):
    run = store.create(Config(), by="Eve\nAda")
    store.write_status(run, "stopped")
    store.change_label(run, name="Mine\nTheirs has failed.\x1b[2K\u202e")
    assert tell(store.load(run.id)) == "" and listener.heard[0]["text"] == r"Mine\nTheirs has failed.\x1b[2K\u202e was stopped."
    assert (listener.heard[0]["name"], listener.heard[0]["by"]) == (r"Mine\nTheirs has failed.\x1b[2K\u202e", r"Eve\nAda")


@pytest.mark.parametrize(("reason", "ending"), [("pruned", "was pruned."), ("out of time", "is out of time.")])
def test_a_run_that_a_search_stopped_is_said_to_be_that(reason, ending, listener):
    run = store.create(Config())
    store.write_status(run, "stopped", reason=reason)
    assert tell(store.load(run.id)) == "" and listener.heard[0]["text"] == f"Custom, seed 0 {ending}"


@pytest.mark.parametrize(("answers", "attempts"), [([500, "break"], 3), (["slow"], 2), ([429], 2), ([], 1)], ids=str)
def test_a_webhook_that_fails_at_first_is_asked_again(answers, attempts, listener):
    listener.answers += answers
    assert tell(storing.finished(Config())) == "" and len(listener.heard) == attempts


@pytest.mark.parametrize(
    ("answer", "attempts", "why"),
    [
        (500, 3, "it answers 500"),
        ("break", 3, "the connection failed or broke off"),
        ("slow", 3, "there was no answer within 0.3 seconds"),
        (404, 1, "it answers 404"),
    ],
    ids=str,
)
def test_one_that_goes_on_failing_is_given_up_and_the_log_says_so_without_the_address(answer, attempts, why, listener):
    listener.answers += [answer] * 5
    assert tell(storing.finished(Config())) == f"{NOT_TOLD}{why}\n" and len(listener.heard) == attempts


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_redirect_is_not_followed(elsewhere, listener):
    other = Listener()
    listener.answers.append(other.url if elsewhere else "/hooks/new")
    assert "it answers 307, a redirect, and these are not followed" in tell(storing.finished(Config()))
    other.close()
    assert (other.heard, len(listener.heard)) == ([], 1)


@pytest.mark.parametrize(
    "text", ["", "webhook = 5", 'webhook = "ftp://x/secret-part"', 'webhook = "https://[secret-part"', "web", "\udcff"]
)
def test_a_bad_address_is_said_in_the_log_and_not_repeated_there(text, home):
    (home / webhook.FILE).write_bytes(text.encode(errors="surrogateescape"))
    assert (
        tell(storing.finished(Config()))
        == f'{NOT_TOLD}notify.toml has to hold the line webhook = "https://…", with the address in quotes\n'
    )


def test_nobody_listens(home):
    (home / webhook.FILE).write_text('webhook = "http://127.0.0.1:9/secret-part"')
    assert tell(storing.finished(Config())) == f"{NOT_TOLD}the connection failed or broke off\n"


def test_nothing_is_sent_where_nothing_is_configured_nor_of_a_run_that_goes_on(home, listener):
    tell(storing.trained(storing.epoch(1)))
    (home / webhook.FILE).unlink()
    tell(storing.finished(Config()))
    assert listener.heard == []


def test_the_dispatcher_tells_of_runs_that_fail_and_is_not_held_up(listener, tmp_path, monkeypatch):
    listener.answers += ["slow"] * 2
    runs = [store.create(Config(data=str(tmp_path / "nowhere"), seed=seed), "Ada") for seed in range(2)]
    (tmp_path / "sitecustomize.py").write_text(BREAK_WORKERS.format(started=str(tmp_path / "started")))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    dispatcher.dispatch()
    heard = {each["id"]: each for each in listener.heard}
    assert set(heard) == {run.id for run in runs} and len(listener.heard) == 4, "each once more after the timeout"
    for run in runs:
        message = heard[run.id]
        assert (message["state"], message["by"], message["val_accuracy"]) == ("failed", "Ada", None) and "status 7" in message["error"]
        assert message["text"] == f"Custom, seed {run.config.seed} has failed." and webhook.FILE not in run.log_path.read_text()


def test_the_dispatcher_tells_of_a_run_that_was_interrupted(listener, tmp_path, monkeypatch):
    store.create(Config(data=str(tmp_path)))
    (tmp_path / "sitecustomize.py").write_text(KILL_WORKERS.format(is_counted=False, counts=""))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    dispatcher.dispatch()
    assert [message["state"] for message in listener.heard] == ["interrupted"] and jobs.queue() == []


def test_whoever_waited_for_a_worker_whose_dispatcher_was_killed_tells_how_it_ended(listener, monkeypatch):
    run, elsewhere = store.create(Config()), store.create(Config())
    heartbeat.begin(elsewhere.folder, "job")  # of a cluster: it may go on meanwhile
    with ExitStack() as held:
        held.enter_context(liveness.claim(run.folder))
        for each in (run, elsewhere):
            store.write_status(each, "running")
        monkeypatch.setattr(dispatcher, "time", SimpleNamespace(sleep=lambda seconds: held.close()))
        with dispatcher.turn(print):
            pass
    webhook.finish()
    assert [(message["id"], message["state"]) for message in listener.heard] == [(run.id, "interrupted")]
