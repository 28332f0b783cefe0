"""What the dispatcher makes of a Ray cluster, whose head is a server of the tests' own; tests/queue/test_ray_cluster.py has a real one."""

import os
import threading
import time
from types import SimpleNamespace

import pytest

from catsdogs.queue import dispatcher, engine, jobs, ray_jobs
from catsdogs.queue.cluster import Settings
from catsdogs.queue.engine import FILE, Unavailable
from catsdogs.queue.ray_jobs import RayJobs
from catsdogs.runs import heartbeat, liveness, store, trash
from catsdogs.settings.config import Config
from catsdogs.system import clock
from catsdogs.system.shortage import DiskFull
from tests.limits import files_up_to
from tests.queue.answering import TOKEN, Head
from tests.waiting import wait_until
from tests.workers import state


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(ray_jobs, "_ASK_EVERY", 0)
    monkeypatch.setattr(ray_jobs, "_BY_ITSELF", 0)
    monkeypatch.setattr(dispatcher, "_RETRY_AFTER", 0.05)
    monkeypatch.setattr("catsdogs.queue.cluster._AGAIN", 0)
    monkeypatch.setattr(RayJobs, "pause", lambda self: 0.02)


@pytest.fixture
def head(home):
    made = Head()
    choose(home, made)
    yield made
    (home / FILE).unlink(missing_ok=True)
    made.close()


@pytest.fixture
def trains(head):
    return RayJobs(Settings(address=head.address, token=TOKEN))


def choose(home, head: Head, token: str = TOKEN, python: str = "/nowhere/python") -> None:
    (home / FILE).write_text(f'[ray]\naddress = "{head.address}"\ntoken = "{token}"\npython = "{python}"\n')


def make(count: int = 1) -> list:
    return [store.create(Config(data="/photographs", seed=seed)) for seed in range(count)]


def work_off() -> threading.Thread:
    started = threading.Thread(target=dispatcher.dispatch, daemon=True)
    started.start()
    return started


def test_runs_are_submitted_as_far_as_there_is_room_and_in_their_order(head):
    runs = make(4)
    jobs.move(runs[3], -3)
    dispatching = work_off()
    wait_until(lambda: len(head.jobs) == 2 and engine.reported_slots() == 2)
    assert [id.split("-", 1)[1].rsplit("-", 1)[0] for id in head.jobs] == [runs[3].id, runs[0].id]
    for run in (runs[1], runs[2], runs[0], runs[3]):  # first those that would take a place that becomes free
        jobs.stop(run)
    dispatching.join()
    assert len(head.jobs) == 2 and {job["status"] for job in head.jobs.values()} == {"STOPPED"}, "cancelled, they don't begin"


def test_a_dispatcher_that_is_started_anew_finds_its_jobs_and_submits_none_twice(head, trains):
    first, second, third = make(3)
    waiting = trains.submit(first)
    with liveness.claim(second.folder, trains.submit(second).id):
        store.write_status(second, "running", phase="training")
        record = ray_jobs._write_record(third, store.status_version(third))  # killed as it was submitted
        later = RayJobs(Settings(address=head.address, token=TOKEN))
        found = later.take_over()
        assert {job.run.id: job.id for job in found} == {job.run.id: job.id for job in (waiting, *trains._jobs.values())}
        assert later.free() == 0 and [later.state(job) for job in found] == [None, None]
        assert later.submit(third).id == record["id"], "Ray knows by the name that it is the same one"
    assert len(head.jobs) == 3


def test_while_all_is_well_ray_is_not_asked(head, trains):
    [run] = make()
    job = trains.submit(run)
    with liveness.claim(run.folder, job.id):
        store.write_status(run, "running", phase="training")
        head.asked.clear()
        assert trains.state(job) is None and head.asked == []


@pytest.mark.parametrize("knows", ["that it has died", "nothing"])
def test_a_run_whose_node_died_is_interrupted_as_soon_as_ray_knows(head, trains, knows):
    [run] = make()
    job = trains.submit(run)
    with liveness.claim(run.folder, job.id):
        store.write_status(run, "running", phase="training")
        then = clock.now() - heartbeat.DEAD_AFTER / 2
        os.utime(run.folder / heartbeat.NAME, (then, then))
        assert trains.state(job) is None and state(run) == "running", "it is only late"
        if knows == "nothing":
            del head.jobs[job.id]
        else:
            head.end(job.id, "FAILED", error="JOB_SUPERVISOR_ACTOR_DIED", message="The actor died.\nWhy.")
        end = trains.state(job)
        assert end.status is None and state(run) == "interrupted"
    jobs_before = len(head.jobs)
    store.write_status(run, "queued")
    trains.submit(run)
    assert len(head.jobs) == jobs_before + 1, "resumed, as another job"


def test_a_run_is_not_resumed_while_its_earlier_job_may_still_write(head, trains, monkeypatch):
    [run] = make()
    job = trains.submit(run)
    heartbeat.begin(run.folder, job.id)
    store.write_status(run, "running", phase="training")
    store.write_status(run, "queued")
    assert trains.state(job) is None
    assert not heartbeat.beat(run.folder, job.id) and head.jobs[job.id]["status"] == "PENDING", "it is to notice that by itself"
    monkeypatch.setattr(ray_jobs, "_KILL_AFTER", 0)
    with pytest.raises(Unavailable, match="begins once its earlier job on the Ray cluster, which was asked to stop, has ended"):
        RayJobs(Settings(address=head.address, token=TOKEN)).submit(run)
    assert head.jobs[job.id]["status"] == "STOPPED"
    RayJobs(Settings(address=head.address, token=TOKEN)).submit(run)
    assert len(head.jobs) == 2


def test_a_job_that_is_lost_before_it_begins_is_submitted_again_but_not_for_ever(head):
    [run] = make()
    dispatching = work_off()
    for number in (1, 2, 3):
        wait_until(lambda: len(head.jobs) == number)  # noqa: B023
        head.end(list(head.jobs)[-1], "FAILED", error="JOB_SUPERVISOR_ACTOR_DIED", message="The actor died.\nWhy.")
    wait_until(lambda: state(run) != "queued")
    dispatching.join()
    assert state(run) == "failed" and store.load(run.id).status["error"] == "The Ray cluster could not begin it: The actor died."


@pytest.mark.parametrize("sees", [True, False])
def test_what_a_node_lacks_is_in_the_log_of_the_run(home, head, sees):
    [run] = make()
    head.runs = True
    if not sees:
        head.sees = str(home), "/nowhere"
    dispatcher.dispatch()
    assert state(run) == "failed" and "before it began. The log has the details." in store.load(run.id).status["error"]
    log = run.log_path.read_text()
    assert "Job entrypoint command failed." in log and "Traceback" not in log
    assert ("/nowhere/python" if sees else "/nowhere/runs") in log


def test_a_run_that_is_deleted_while_its_job_waits_is_stopped(head, monkeypatch):
    monkeypatch.setattr(ray_jobs, "_GONE_AFTER", 0)
    [run] = make()
    dispatching = work_off()
    wait_until(lambda: head.jobs)
    jobs.stop(run)
    trash.put(run)
    dispatching.join()
    assert [job["status"] for job in head.jobs.values()] == ["STOPPED"] and store.list_all() == []


def test_a_job_is_not_stopped_where_its_run_can_not_be_read_for_a_moment(head, trains, monkeypatch):
    """As on a file server that is away: its worker may reach it."""
    [run] = make()
    job = trains.submit(run)
    with liveness.claim(run.folder, job.id):
        store.write_status(run, "running", phase="training")
        away = run.folder.rename(run.folder.with_name(".away"))
        assert trains.state(job) is None and head.jobs[job.id]["status"] == "PENDING"
        away.rename(run.folder)
        assert trains.state(job) is None
    away = run.folder.rename(away)
    monkeypatch.setattr(ray_jobs, "_GONE_AFTER", 0)
    assert trains.state(job) is None and head.jobs[job.id]["status"] == "STOPPED"
    away.rename(run.folder)


@pytest.mark.parametrize("why", ["refused", "unreachable", "misspelt"])
def test_while_the_cluster_can_not_be_used_runs_wait_and_it_is_tried_again(home, head, capsys, why):
    [run] = make()
    if why == "unreachable":
        head.answer = "break"
    elif why == "refused":
        choose(home, head, token="another")
    else:
        (home / FILE).write_text("[ray]\n")
    dispatching = work_off()
    said = {"refused": "refuses the token", "unreachable": "can't be reached", "misspelt": "lacks address"}[why]
    wait_until(lambda: said in engine.problem())
    assert state(run) == "queued" and not head.jobs
    head.answer = None
    choose(home, head)
    wait_until(lambda: head.jobs and not engine.problem())
    jobs.stop(run)
    dispatching.join()
    printed = capsys.readouterr()
    assert printed.out.count(said) == 1 and TOKEN not in printed.out and "Traceback" not in printed.err


def test_on_a_full_disk_runs_wait_for_the_cluster_and_begin_once_there_is_room(head, monkeypatch):
    [run], waited = make(), threading.Event()
    monkeypatch.setattr(dispatcher, "time", SimpleNamespace(sleep=lambda seconds: waited.set() or time.sleep(seconds)))
    with files_up_to(20):
        dispatching = work_off()
        wait_until(lambda: waited.is_set() or not dispatching.is_alive())
        assert dispatching.is_alive() and not head.jobs
    wait_until(lambda: head.jobs)
    jobs.stop(run)
    dispatching.join()


def test_a_job_that_is_lost_while_the_disk_is_full_is_asked_for_again(head, trains):
    [run] = make()
    job = trains.submit(run)
    head.end(job.id, "FAILED", error="JOB_SUPERVISOR_ACTOR_DIED", message="The actor died.")
    with files_up_to(20), pytest.raises(DiskFull):
        trains.state(job)
    assert trains.state(job).status is None and trains.submit(run).id != job.id


def test_a_token_that_changes_is_followed_though_runs_are_trained_and_another_address_is_not(home, head):
    [first] = make()
    trains = RayJobs(Settings(address=head.address, token="an-earlier-one"))
    with pytest.raises(Unavailable, match="refuses the token"):
        RayJobs(Settings(address=head.address, token="an-earlier-one")).submit(first)
    assert trains.free() == 2, "by the token that the file has now"
    job = trains.submit(first)
    (home / FILE).write_text('[ray]\naddress = "http://elsewhere:8265"\n')
    with pytest.raises(Unavailable, match="Runs wait until those on the Ray cluster at http://127"):
        trains.free()
    assert trains.state(job) is None, "it is followed where it is"
    (home / FILE).write_text("[ray]\n")
    with pytest.raises(Unavailable, match=r"engine\.toml lacks address"):
        trains.free()


def test_without_the_file_what_was_said_of_a_cluster_holds_no_longer(home, head):
    engine.report(3, "It can't be reached.")
    assert (engine.reported_slots(), engine.problem()) == (3, "It can't be reached.")
    (home / FILE).unlink()
    assert (engine.reported_slots(), engine.problem()) == (0, "")
