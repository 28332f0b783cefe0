from catsdogs.runs import history, store
from catsdogs.settings.config import Config
from tests.storing import epoch, trained


def test_the_history_is_read_epoch_by_epoch():
    run = store.create(Config())
    for number in (1, 2):
        history.append(run, epoch(number))
    assert history.load(run) == [epoch(1), epoch(2)]
    assert history.epochs_done(run) == 2


def test_a_half_written_last_line_of_the_history_is_ignored():
    run = trained(epoch(1), epoch(2))
    with (run.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 3, "loss": 0.')
    assert history.load(run) == [epoch(1), epoch(2)]
    assert history.epochs_done(run) == 2


def test_a_replaced_history_continues_after_its_epochs():
    run = trained(epoch(1), epoch(2), epoch(3))
    with (run.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 4, "lo')
    history.replace(run, [epoch(1), epoch(2)])
    assert history.load(run) == [epoch(1), epoch(2)]
    history.append(run, epoch(3, loss=0.1))
    assert history.load(run) == [epoch(1), epoch(2), epoch(3, loss=0.1)]


def test_a_history_is_replaced_by_a_longer_one_or_by_nothing():
    run = trained(epoch(1))
    history.replace(run, [epoch(1), epoch(2)])
    assert history.load(run) == [epoch(1), epoch(2)]
    history.replace(run, [])
    assert history.load(run) == []
    history.replace(store.create(Config()), [])
