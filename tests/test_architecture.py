"""The order of the packages: who may import whom, and what a page must not load."""

import ast
import graphlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
PAGES = sorted(path for path in (PROJECT / "pages").glob("*.py") if path.stem != "navigation")
DOCUMENT = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
# Each package, and those that it may import beside itself and `errors`: the first and the last column of the document's table.
MAY_IMPORT = {name: set(allowed.replace("`", "").split()) for name, allowed in re.findall(r"^\| `(\w+)` \|.*\|([^|]*)\|$", DOCUMENT, re.M)}


def modules(package: str) -> list[Path]:
    """The files of a package of the library, of `pages`, or of a module that stands by itself."""
    folder = PROJECT / "pages" if package == "pages" else PROJECT / "catsdogs" / package
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def imported(text: str) -> set[str]:
    """The first two parts of every module that a text imports, at its top or inside a function: {"catsdogs.runs", "keras"}."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return {".".join(name.split(".")[:2]) if name.startswith("catsdogs") else name.split(".")[0] for name in found}


def forbidden(package: str, text: str) -> set[str]:
    """What this text of a package imports, of the library, of `pages` and of Streamlit, and may not."""
    allowed = {f"catsdogs.{name}" for name in (package, "errors", *MAY_IMPORT[package])}
    own = {"pages", "streamlit"} if package == "pages" else set()
    return {name for name in imported(text) if name.split(".")[0] in ("catsdogs", "pages", "streamlit")} - allowed - own


def test_every_package_has_its_place_in_the_order():
    packages = {path.parent.name for path in (PROJECT / "catsdogs").glob("*/__init__.py")}
    assert packages | {"__main__", "pages"} == set(MAY_IMPORT)
    for place, allowed in enumerate(MAY_IMPORT.values()):
        assert allowed <= set(list(MAY_IMPORT)[:place]), "an import that runs back up"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_its_place_allows(package):
    for path in modules(package):
        assert not forbidden(package, path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    "text",
    [
        "import catsdogs.training.trainer",
        "from catsdogs import training",
        "from catsdogs.training import trainer as t",
        "from catsdogs.training.trainer import train",
        "def later():\n    from catsdogs.training import trainer",
        "import pages.parts.frame",
        "from pages.parts.shared import frame",
        "if True:\n    import streamlit as st",
    ],
)
def test_the_rule_sees_every_kind_of_import(text):
    assert forbidden("runs", text)
    assert not forbidden("runs", "from catsdogs.runs import store\nfrom catsdogs.system import files\nimport keras")


def modules_imported(text: str) -> set[str]:
    """The full names of what a text imports, modules and names in them alike: {"catsdogs.runs", "catsdogs.runs.store"}."""
    nodes = list(ast.walk(ast.parse(text)))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    sources = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    return plain | {node.module for node in sources} | {f"{node.module}.{name.name}" for node in sources for name in node.names}


def circles(texts: dict[str, str]) -> list[str]:
    """The modules of a circle of imports, by the text of each module; the packages that hold them aside."""
    packages = {name.rpartition(".")[0] for name in texts}
    names = set(texts) - packages
    try:
        graphlib.TopologicalSorter({name: modules_imported(texts[name]) & names - {name} for name in names}).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def test_no_module_needs_one_that_needs_it():
    texts = {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path.read_text(encoding="utf-8")
        for package in MAY_IMPORT
        for path in modules(package)
    }
    assert circles({"a.b": "from a import c", "a.c": "def later():\n    from a.b import d"})
    assert not circles({"a.b": "from a import c", "a.c": "import a.d", "a.d": ""})
    found = circles(texts)
    assert not found, " imports ".join(found)


def test_only_the_process_of_a_search_loads_optuna():
    found = {path.stem for package in MAY_IMPORT for path in modules(package) if "optuna" in imported(path.read_text(encoding="utf-8"))}
    assert found == {"proposals", "searching"}


OPEN_EACH = """
import json, sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("pages/navigation.py", default_timeout=60).run()
for page in sys.argv[1:]:
    app.switch_page(page).run()
    loaded = {"tensorflow", "keras", "jax", "torch", "optuna"} & set(sys.modules)
    print(json.dumps([[error.value for error in app.exception], len(app.title), sorted(loaded)]))
"""


@pytest.fixture(scope="module")
def opened():
    """What each page shows of exceptions and titles, and the backends that are loaded then, or Optuna, all in a process of their own."""
    names = [page.name for page in PAGES]
    ended = subprocess.run([sys.executable, "-c", OPEN_EACH, *names], cwd=PROJECT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return dict(zip(names, map(json.loads, ended.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_opens_without_loading_keras_or_optuna(page, opened):
    exceptions, titles, loaded = opened[page.name]
    assert not exceptions and titles, "the page drew nothing"
    assert not loaded


def test_no_click_on_a_download_draws_the_page_anew():
    """It would offer another file, and the one that was asked for would no longer be found."""
    calls = [(path, node) for path in modules("pages") for node in ast.walk(ast.parse(path.read_text())) if is_download(node)]
    assert len(calls) >= 6
    for path, call in calls:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        assert "on_click" in given and ast.literal_eval(given["on_click"]) == "ignore", f"{path}:{call.lineno}"


def is_download(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "download_button"
