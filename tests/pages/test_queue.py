"""The page Train with runs: the one that is shown, the queue, moving and cancelling."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from catsdogs.queue import engine, jobs
from catsdogs.runs import heartbeat, history, liveness, store, trash
from catsdogs.settings import presets
from catsdogs.settings.config import Config
from tests import limits, storing
from tests.hanging import fall_silent, worker
from tests.pages.opening import checked, open_page, press, texts

STEPS = ("study-dense-small", "study-150px-small", "study-batch-100-small")


@pytest.fixture
def waiting(nothing_starts, tmp_path):
    return [store.create(presets.config(name, data=str(tmp_path))) for name in STEPS]


def click(app: AppTest, key: str) -> AppTest:
    return checked(app.button(key=key).click().run())


def rows(app: AppTest) -> list[str]:
    """When each waiting run starts and how long it takes, in order."""
    return [caption.value for caption in app.caption if "·" in caption.value and ("after" in caption.value or "next" in caption.value)]


def order() -> list[str]:
    return [run.config.preset for run in jobs.queue()]


def test_the_queue_says_what_each_run_waits_for(waiting):
    unknown = "duration unknown"
    assert rows(open_page("train")) == [f"next on the free device · {unknown}", f"after no. 1 · {unknown}", f"after no. 2 · {unknown}"]


def test_the_queue_estimates_starts_and_durations(waiting):
    similar = presets.config("study-150px-small", data=waiting[0].config.data, seed=7)
    storing.finished(similar, epochs=8, seconds=30.0)  # 4 min
    app = open_page("train")
    assert rows(app)[1] == "in about 40 s, after no. 1 · takes about 4 min"
    assert rows(app)[2] == "in about 5 min, after no. 2 · takes about 4 min"
    assert "3 waiting, all done in about 9 min" in texts(app)


def test_of_a_long_queue_some_rows_are_drawn_and_the_others_on_request(nothing_starts, tmp_path):
    runs = [store.create(presets.config("quick", data=str(tmp_path), seed=seed)) for seed in range(23)]
    app = open_page("train")
    assert len(rows(app)) == 20 and "Not shown: 3 waiting." in texts(app) and "23 waiting" in texts(app)
    app = click(app, "queue-more")
    assert len(rows(app)) == len(runs) and "Not shown" not in texts(app)


def test_why_the_queue_does_not_move_is_said_where_it_waits(waiting, home):
    (home / engine.FILE).write_text('[ray]\naddress = "http://head:8265"\n')
    engine.report(0, "The Ray cluster at http://head:8265 can't be reached.")
    app = open_page("train")
    assert [warning.value.replace("\\", "").replace("\u2060", "") for warning in app.warning] == [engine.problem()]
    assert "Trains on the Ray cluster at" not in texts(app), "there is no data set yet"


def test_a_run_on_another_machine_names_it_and_its_device(nothing_starts):
    runs = [store.create(Config(seed=seed)) for seed in range(2)]
    for run in runs:
        heartbeat.begin(run.folder, "a-job")
        store.write_status(run, "running", phase="training", host="node-7", device="GPU: a GPU, 80 GiB")
    app = open_page("train", run=runs[0].id)
    assert "node-7, GPU: a GPU, 80 GiB" in texts(app).replace("\\", "") and "running on node" in texts(app)
    for run in runs:
        heartbeat.end(run.folder)


def test_before_the_first_epoch_has_ended_a_run_says_what_it_does_and_what_to_expect(nothing_starts, tmp_path):
    run = store.create(presets.config("quick", data=str(tmp_path)))
    with worker(run):
        store.write_status(run, "running", phase="starting", message="starting")
        app = open_page("train")
        assert app.get("progress")[0].proto.text == "Loading Keras, which takes some seconds"
        assert "begin when the first epoch has ended. The time left is known after a few batches." in texts(app) and not app.metric
        storing.finished(presets.config("quick", data=str(tmp_path), seed=7), epochs=8, seconds=30.0)
        store.write_status(run, "running", phase="training", epoch=1)
        app = open_page("train")
        assert app.get("progress")[0].proto.text == "Epoch 1 of 8 · compiling the network"
        assert "The run takes about 4 min in all, judging by similar ones." in texts(app)
        history.append(run, storing.epoch(1))
        app = open_page("train")
        assert {metric.label: metric.value for metric in app.metric}["Time left"] == "about 4 min"


def test_the_curves_say_what_accuracy_and_loss_are_while_a_run_trains_and_after_it(nothing_starts, tmp_path):
    told = "50% for every photograph gets 0.69"
    run = store.create(Config(data=str(tmp_path)))
    history.append(run, storing.epoch(1))
    with worker(run):
        (loss,) = (found for found in open_page("train", run=run.id).markdown if found.value == "**Loss**")
        assert told in loss.help
    ended = storing.finished(Config(data=str(tmp_path)))
    for runs in ([ended.id], [ended.id, storing.finished(Config(data=str(tmp_path), seed=1)).id]):
        (loss,) = (found for found in open_page("results", run=runs).header if found.value == "Loss")
        assert told in loss.proto.help


def test_whoever_has_a_run_that_failed_is_not_told_to_do_the_same_again(nothing_starts, tmp_path):
    run = store.create(Config(data=str(tmp_path)))
    store.write_status(run, "failed", error="The loss became infinite: learning_rate = 1 is too high.")
    assert "0 of 10 epochs done. If its settings were the cause, change them in a new run" in texts(open_page("train", run=run.id))
    assert "If its settings were the cause, repeat it with others" in texts(open_page("results", run=[run.id]))


def test_early_stopping_may_end_a_run_sooner(nothing_starts, tmp_path):
    storing.finished(Config(data=str(tmp_path)), epochs=8, seconds=30.0)
    for seed in range(2):
        store.create(Config(data=str(tmp_path), early_stopping=3, epochs=8, seed=seed))
    assert rows(open_page("train"))[0] == "next on the free device · takes up to about 4 min"


def test_the_only_run_is_shown_once_and_not_in_a_queue_of_one(nothing_starts, tmp_path):
    first = store.create(Config(data=str(tmp_path)))
    app = open_page("train")
    assert [header.value.split(" · ")[0] for header in app.header] == ["Waiting"] and not rows(app)
    store.create(Config(data=str(tmp_path), seed=1))
    app = open_page("train", run=first.id)
    assert [header.value.split(" · ")[0] for header in app.header] == ["Waiting", "Queue"] and len(rows(app)) == 2


def test_the_running_run_is_in_the_queue_unless_shown(waiting, tmp_path):
    running = store.create(presets.config("quick", data=str(tmp_path)))
    with liveness.claim(running.folder):
        store.write_status(running, "running", phase="training", epoch=1, epochs=8, done=1, total=2, seconds_left=600)
        app = open_page("train", run=waiting[2].id)
        assert rows(app)[0].startswith("in about 10 min, after the running one")
        assert "running, about 10 min left" in texts(app)
        assert "Waiting for a device, behind 3 other runs" in app.get("progress")[0].proto.text
        links = {link.proto.label: link.proto.query_string for link in app.get("page_link") if "seed 0" in link.proto.label}
        assert links["Quick start, seed 0"] == f"run={running.id}"
        assert "Study 3 · batches of 100 (small), seed 0" not in links, "it is shown"
        assert "running, about" not in texts(open_page("train", run=running.id)), "it is shown above, in full"


def test_runs_are_moved_and_cancelled_in_their_rows(waiting):
    app = open_page("train")
    click(app, f"earlier-{waiting[2].id}")
    assert order() == [STEPS[0], STEPS[2], STEPS[1]]
    click(app, f"later-{waiting[0].id}")
    assert order() == [STEPS[2], STEPS[0], STEPS[1]]
    click(app, f"first-{waiting[1].id}")
    assert order() == [STEPS[1], STEPS[2], STEPS[0]]
    click(app, f"cancel-{waiting[2].id}")
    assert order() == [STEPS[1], STEPS[0]] and waiting[2] not in store.list_all()


def test_the_ends_of_the_queue_can_go_no_further(waiting):
    app = open_page("train")
    can = [[not app.button(key=f"{name}-{run.id}").disabled for name in ("first", "earlier", "later")] for run in waiting]
    assert can == [[False, False, True], [True, True, True], [True, True, False]]


def test_a_run_that_has_just_started_is_not_moved(waiting):
    app = open_page("train")
    store.write_status(storing.evaluated(0.9, waiting[1]), "finished")
    click(app, f"first-{waiting[1].id}")
    assert "is finished; only a waiting one can be moved" in app.toast[0].value
    assert order() == [STEPS[0], STEPS[2]]


def test_all_waiting_runs_are_cancelled_at_once(waiting):
    app = click(open_page("train"), "cancel-all")
    assert order() == [] and store.list_all() == []
    assert "Queue" not in [heading.value for heading in app.header]


def test_undo_puts_cancelled_runs_back_in_their_places(waiting):
    app = click(open_page("train"), f"first-{waiting[2].id}")
    click(app, f"cancel-{waiting[2].id}")
    assert "**1 run cancelled.** Leaving this page deletes it for good." in texts(app)
    press(app, "Undo")
    assert order() == [STEPS[2], STEPS[0], STEPS[1]] and "cancelled" not in texts(app)
    click(app, "cancel-all")
    assert "**3 runs cancelled.** Leaving this page deletes them for good." in texts(app) and order() == []
    press(app, "Undo")
    assert order() == [STEPS[2], STEPS[0], STEPS[1]]


@pytest.mark.parametrize("page", ["results", "data"])
def test_leaving_the_page_deletes_cancelled_runs(waiting, page, home):
    app = click(open_page("train"), f"cancel-{waiting[1].id}")
    checked(app.switch_page(f"{page}.py").run())
    assert "Undo" not in [found.label for found in app.button]
    assert {path.name for path in (home / "runs").iterdir()} == {waiting[0].id, waiting[2].id}


def test_a_cancelled_run_leaves_the_address(waiting):
    app = click(open_page("train", run=waiting[1].id), f"cancel-shown-{waiting[1].id}")
    assert order() == [STEPS[0], STEPS[2]] and "run" not in app.query_params and not app.error
    assert "1 run cancelled" in texts(app)


def test_a_run_that_somebody_else_has_cancelled_is_said_to_be_gone(waiting):
    jobs.stop(waiting[1])
    trash.put(waiting[1])
    (said,) = open_page("train", run=waiting[1].id).error
    assert said.value.endswith("here; it may have been deleted, or cancelled while it waited.") and "python -m" not in said.value


@pytest.mark.parametrize("asked", ["like", "from"])
def test_a_run_that_is_gone_is_not_repeated_and_no_command_is_advised(asked):
    (said,) = open_page("train", **{asked: "20260101-gone"}).error
    assert said.value == "There is no run 20260101-gone here; it may have been deleted, or cancelled while it waited."


def test_a_cancelled_run_with_epochs_is_kept(waiting):
    history.append(waiting[1], storing.epoch(1))
    app = click(open_page("train", run=waiting[1].id), "cancel-all")
    assert [(run.id, run.state) for run in store.list_all()] == [(waiting[1].id, "stopped")]
    assert app.query_params["run"] == waiting[1].id and "2 runs cancelled" in texts(app)
    press(app, "Undo")
    assert order() == [STEPS[0], STEPS[2]]


def test_an_ended_run_shows_its_accuracies(tmp_path):
    run = storing.finished(presets.config("study-sgd", data=str(tmp_path)), right=75)
    held_out = next(metric for metric in open_page("train", run=run.id).metric if metric.label == "Held-out accuracy")
    assert held_out.value == "75.0%" and held_out.delta == "65.7% to 82.5% · 100 photographs"


def test_a_link_to_a_missing_run_says_so():
    assert "no run nobody here" in open_page("train", run="nobody").error[0].value


def test_what_is_counted_before_and_after_the_epochs_is_a_whole_number(tmp_path):
    run = store.create(presets.config("quick", data=str(tmp_path)))
    with worker(run):
        store.write_status(run, "running", phase="evaluating", message="evaluating the best epoch", done=320, total=2000)
        app = open_page("train", run=run.id)
        assert app.get("progress")[0].proto.text == "Evaluating the best epoch: 320 of 2,000"


def test_a_run_that_was_asked_to_stop_says_so_until_it_has(nothing_starts, tmp_path):
    run = store.create(presets.config("quick", data=str(tmp_path)))
    with worker(run):
        store.write_status(run, "running", phase="training", epoch=1)
        app = click(open_page("train", run=run.id), f"stop-{run.id}")
        assert checked(app.run()).get("progress")[0].proto.text == "Stopping; whole epochs are kept"
        assert app.button(key=f"stop-{run.id}").disabled


def test_a_run_that_hangs_is_shown_as_such_with_stop_and_resume(waiting, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "_GRACE", 0.3)
    run = store.create(presets.config("quick", data=str(tmp_path)))
    with worker(run) as process:
        fall_silent(run, 720)
        app = open_page("train")
        assert "Hung · " in app.header[0].value
        assert "No progress for about 12 min: its worker has hung." in app.warning[0].value
        assert "hung, no progress" in texts(open_page("train", run=waiting[0].id))
        results = open_page("results", run=run.id)
        assert "No progress for about 12 min" in results.warning[0].value and "hung" in texts(results)
        click(app, f"stop-{run.id}")
        process.join()
    assert store.load(run.id).state == "stopped"


def test_a_run_that_was_deleted_meanwhile_keeps_no_other_from_being_cancelled(waiting):
    def cancel_all(runs):
        from pages.parts.shared import undo

        undo.cancel(runs)

    shutil.rmtree(waiting[1].folder)
    checked(AppTest.from_function(cancel_all, args=(waiting,)).run())
    assert not jobs.queue()


def test_a_run_that_a_full_disk_keeps_from_being_cancelled_is_not_passed_over_in_silence(waiting):
    app = open_page("train")
    with limits.files_up_to(0):
        app = click(app, "cancel-all")
    assert "not allowed here" in checked(app.run()).error[0].value and order() == list(STEPS)  # as when a run changes its state
    assert not click(app, "cancel-all").error and order() == []
