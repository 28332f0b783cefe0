"""A sample of what `benchmarks/damage.py` tries: pages and commands where every file of a workspace is damaged, all at once."""

import pytest

from catsdogs.__main__ import main
from catsdogs.runs import store
from tests import breaking, workspace
from tests.pages.opening import open_page

DAMAGES = {name: breaking.ALL[name] for name in ("cut in half", "a folder", "on a broken disk")}


@pytest.fixture
def place(nothing_starts):
    return workspace.make()


def damage(place, kind, *folders, but=()):
    """All files in these folders, or in all others but these."""
    for path in place.files:
        if (path.parts[0] in folders) if folders else (path.parts[0] not in but):
            DAMAGES[kind](place.home / path)


def told(app) -> str:
    return "\n".join(element.value for element in (*app.warning, *app.error))


@pytest.mark.parametrize("kind", DAMAGES)
def test_pages_and_commands_work_where_all_lists_and_caches_are_damaged(kind, place, capsys):
    damage(place, kind, but=("data", "runs", "corrections"))
    found = told(open_page("data"))
    assert "folders.json" in found and "queue.json" in found and place.trained in {run.id for run in store.list_all()}
    assert main(["data", str(place.data)]) == 0
    for name, query in (("train", {"run": place.trained}), ("results", {"run": place.measured}), ("classify", {})):
        assert not open_page(name, **query).error
    for words in (["runs"], ["code", place.trained]):
        assert main(words) == 0
    assert main(["sweep", "--name", "rates"]) == 2  # it is not known any more, which is said in a line
    assert "There is no sweep" in capsys.readouterr().err


@pytest.mark.parametrize("kind", DAMAGES)
def test_pages_and_commands_work_where_all_of_the_runs_is_damaged(kind, place, capsys):
    damage(place, kind, "runs")
    for name in ("data", "train", "results", "classify"):
        assert not open_page(name).error
    assert store.list_all() == [] and len(store.list_unreadable()) == len(place.others) + 2
    assert main(["runs"]) == 0
    capsys.readouterr()
    assert main(["code", place.trained]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("kind", ["cut in half", "a folder"])
def test_pages_and_commands_say_so_where_corrections_cannot_be_read(kind, place, capsys):
    damage(place, kind, "corrections")
    for name in ("data", "train"):
        assert "The corrections of" in told(open_page(name))
    assert main(["data", str(place.data)]) == 2 and "Delete" in capsys.readouterr().err
