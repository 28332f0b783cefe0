"""The style sheet beside the theme, whose colours it can't refer to and has to repeat."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent


def test_the_style_sheet_has_the_colours_of_the_theme():
    theme = tomllib.loads((PROJECT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
    pairs = set(zip(theme["light"].values(), theme["dark"].values(), strict=True))
    css = (PROJECT / "pages/parts/shared/style.css").read_text(encoding="utf-8")
    repeated = re.findall(r"light-dark\((#\w{6}), (#\w{6})\)", css)
    assert len(repeated) >= 2 and set(repeated) <= pairs
