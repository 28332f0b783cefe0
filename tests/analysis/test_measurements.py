from dataclasses import replace

import pytest

from catsdogs.analysis import learned, measurements
from catsdogs.errors import InputError
from catsdogs.runs import history, store, trash
from catsdogs.settings.config import Config
from catsdogs.system import notices
from tests import storing
from tests.breaking import say


def test_what_was_measured_is_read_as_it_was_saved():
    run = storing.measured(storing.finished(Config()), right=950)
    (found,) = measurements.load(run)
    assert (found.accuracy, found.fingerprint, found.class_names, len(found.photographs)) == (0.95, "f1", ("cats", "dogs"), 1000)
    measurements.save(run, found)
    assert measurements.load(run) == (found,) and (run.folder / "measured-f1.json").exists()


def test_names_that_are_no_unicode_are_read_as_they_were():
    run = storing.measured(storing.finished(Config()), right=2, count=2)
    (found,) = measurements.load(run)
    path = b"cats/K\xe4tzchen.jpg".decode(errors="surrogateescape")
    photographs = (found.photographs[0]._replace(path=path),)
    measurements.save(run, replace(found, photographs=photographs))
    assert measurements.find(run, "f1").photographs == photographs


def test_each_data_set_has_its_own_and_a_newer_one_takes_the_place_of_an_older():
    run = storing.finished(Config())
    for fingerprint, right in (("f1", 900), ("f2", 800), ("f1", 950)):
        storing.measured(run, right, fingerprint=fingerprint)
    assert {one.fingerprint: one.accuracy for one in measurements.load(run)} == {"f1": 0.95, "f2": 0.8}
    assert measurements.find(run, "f3") is None


def test_that_of_an_earlier_model_of_a_resumed_run_does_not_count():
    run = storing.measured(storing.trained(storing.epoch(1, val_loss=0.6)), right=900)
    assert measurements.load(run)
    history.append(run, storing.epoch(2, val_loss=0.4))
    assert not measurements.load(run)


def test_those_of_the_bundled_run_are_kept_in_the_home_folder(shipped, home):
    before = sorted(shipped.iterdir())
    storing.measured(store.load(store.SHIPPED), right=900)
    assert [one.accuracy for one in measurements.load(store.load(store.SHIPPED))] == [0.9]
    assert {*shipped.iterdir()} - {*before} <= {shipped / "model.keras"} and (home / store.SHIPPED / "measured-f1.json").exists()


def test_of_a_run_that_somebody_has_deleted_while_it_was_measured_that_is_said():
    run = storing.measured(storing.finished(Config()), 900)
    (found,) = measurements.load(run)
    trash.put(run)
    with pytest.raises(InputError, match=f"Run {run.id} was deleted while it was measured."):
        measurements.save(run, found)


def test_what_is_left_out_is_told_with_the_reasons():
    run = storing.measured(storing.finished(Config()), right=2, count=2)
    (found,) = measurements.load(run)
    assert found.omission == "none"
    found = replace(found, left_out={learned.CHOSE_THE_EPOCH: 30, learned.TRAINED_ON: 1400})
    assert found.omission == "1,430 (1,400 trained on, 30 chose the epoch)"
    assert replace(found, is_overlap_known=False).omission.endswith("; what it learned from is not known here")


@pytest.mark.parametrize(
    "damage", [b"", b"[1]", b"{}", b"\x00\xff", b'"accuracy": 0.9', b'{"photographs": 3}', None], ids=lambda damage: str(damage)[:20]
)
def test_a_damaged_one_is_as_good_as_none_and_can_be_replaced(damage):
    run = storing.measured(storing.finished(Config()), right=900)
    path = run.folder / "measured-f1.json"
    path.write_bytes(damage if damage is not None else path.read_bytes().replace(b'"accuracy": 0.9', b'"accuracy": "good"'))
    assert measurements.load(run) == ()
    storing.measured(run, right=800)
    assert measurements.load(run)[0].accuracy == 0.8


@pytest.mark.parametrize(
    "damage",
    [
        say(measured="yesterday"),  # which a page shows as a time
        say(confusion=[[0, 0], [0, 0]]),
        say(accuracy=7),
        say(photographs__cats={"cats/1.jpg": 10**400}),
        say(photographs={"cats": {}, "dogs": {}}),
        say(data=None),
        say(photographs={"cats": {"../a.jpg": 0.1}, "dogs": {"dogs/b.jpg": 0.9}}),
        say(photographs={"cats": {"cats/a.jpg": 0.1}, "dogs": {"/etc/b.jpg": 0.9}}),
    ],
)
def test_one_that_says_what_cannot_be_is_set_aside_and_told(damage):
    run = storing.measured(storing.finished(Config()), right=900)
    damage(run.folder / "measured-f1.json")
    assert measurements.load(run) == ()
    (notice,) = notices.take()
    assert "measured-f1.json" in notice and (run.folder / "measured-f1.json.unreadable-1").exists()
    assert measurements.load(run) == () and notices.take() == []
