"""A run in one line, and which one is the best."""

from catsdogs.analysis import summaries
from catsdogs.runs import store
from catsdogs.settings.config import Config
from tests.storing import always_dog, epoch, evaluated, trained


def test_before_the_evaluation_accuracies_are_the_best_epochs():
    run = trained(epoch(1), epoch(2, val_loss=0.4, accuracy=0.7, val_accuracy=0.65), epoch(3))
    summary = summaries.make(run)
    assert (summary["best_epoch"], summary["epochs_done"], summary["epochs"]) == (2, 3, 10)
    assert (summary["train_accuracy"], summary["val_accuracy"], summary["test_accuracy"]) == (0.7, 0.65, None)
    assert summary["minutes"] == 1.5
    assert (summary["id"], summary["state"], summary["preset"], summary["error"]) == (run.id, "queued", "custom", None)


def test_without_an_epoch_there_are_no_accuracies():
    summary = summaries.make(store.create(Config()))
    assert [summary[name] for name in ("best_epoch", "train_accuracy", "val_accuracy", "test_accuracy")] == [None] * 4
    assert (summary["epochs_done"], summary["minutes"]) == (0, 0)


def test_an_epoch_without_a_loss_is_never_the_best_one():
    assert summaries.make(trained(epoch(1, val_loss=None)))["best_epoch"] is None
    assert summaries.make(trained(epoch(1, val_loss=None), epoch(2, val_loss=0.9)))["best_epoch"] == 2


def test_the_best_epoch_is_one_of_the_last_stage():
    grows = Config(model="resnet", first_size=64, target_size=128, epochs=6)
    losses = (0.5, 0.2, 0.4, 0.6, 0.9, 0.8)
    histories = [[epoch(number, val_loss=loss) for number, loss in enumerate(losses[:done], 1)] for done in range(1, 7)]
    assert [summaries.make(trained(*past, config=grows))["best_epoch"] for past in histories] == [1, 2, 3, 3, 5, 6]


def test_after_the_evaluation_accuracies_are_its():
    run = evaluated(0.9, trained(epoch(1)))
    summary = summaries.make(run)
    assert (summary["train_accuracy"], summary["val_accuracy"], summary["test_accuracy"]) == (0.99, 0.95, 0.9)
    assert summary["best_epoch"] == 1


def test_the_error_of_a_failed_run_is_in_its_summary():
    run = store.create(Config())
    store.write_status(run, "failed", error="The disk is full.")
    assert summaries.make(store.load(run.id))["error"] == "The disk is full."


def test_a_summary_says_where_always_answering_the_larger_class_is_as_good():
    summary = summaries.make(always_dog(Config()))
    assert (summary["balanced_accuracy"], summary["larger_class_share"]) == (0.5, 300 / 304)
    assert summary["caution"] == "no better than always answering dog (98.7%)"
    assert summaries.make(evaluated(0.9, trained(epoch(1))))["caution"] == summaries.make(trained(epoch(1)))["caution"] == ""
