"""Pages run by Streamlit's own test runner, and what is on them."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

PROJECT = Path(__file__).parents[2]


def open_page(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(PROJECT / "pages" / "navigation.py"), default_timeout=60)
    app.run()
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"{name}.py").run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.subheader, app.title, app.info)
    return "\n".join(element.value for kind in kinds for element in kind)


def button(app: AppTest, label: str):
    return next(found for found in app.button if found.label == label)
