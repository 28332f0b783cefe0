"""What holds for the whole: who imports whom, and what a page must not load."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
MODULES = sorted(path.stem for path in (PROJECT / "catsdogs").glob("*.py") if path.stem not in ("__init__", "__main__"))
PAGES = sorted(path for path in (PROJECT / "pages").glob("*.py") if path.stem != "navigation")


def run(code: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)


def imported(module: str) -> set[str]:
    """The modules of the library that a module's text imports, wherever in it."""
    tree = ast.parse((PROJECT / "catsdogs" / f"{module}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "catsdogs":
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("catsdogs."):
            found.add(node.module.split(".")[1])
    return found


def test_the_library_never_imports_streamlit():
    every = "; ".join(f"import catsdogs.{module}" for module in MODULES)
    ended = run(f"import sys; {every}; sys.exit('streamlit' in sys.modules)")
    assert ended.returncode == 0, ended.stderr


def test_imports_of_the_library_run_one_way():
    graph = {module: imported(module) & set(MODULES) for module in MODULES}
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError


def test_the_library_never_imports_a_page():
    for module in MODULES:
        assert "pages" not in imported(module)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_opens_without_loading_keras(page):
    ended = run(
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file('pages/navigation.py', default_timeout=60).run().switch_page('{page.name}').run()\n"
        "assert not app.exception, app.exception\n"
        "assert app.title, 'the page drew nothing'\n"
        "loaded = {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    assert ended.returncode == 0, ended.stderr
