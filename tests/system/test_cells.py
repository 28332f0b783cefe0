"""What people put into names is never a formula in a spreadsheet."""

import pytest

from catsdogs.system import cells


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://x")',
        "+1+cmd",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\uff1d1+1",
        "-",
        "=",
        "-cat",
    ],
)
def test_a_text_that_would_be_a_formula_is_marked_as_text(text):
    assert cells.safe(text) == f"'{text}"


@pytest.mark.parametrize("value", ["cat.jpg", "", "a=b", "-1", "+1.5e3", "-0.25", "'=1", "(=1)", 1, -0.5, None, True])
def test_all_else_and_numbers_stay_as_they_are(value):
    assert cells.safe(value) is value
