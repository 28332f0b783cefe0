"""Cells of CSV files that people open in a spreadsheet, which takes some texts for formulas.

A file that this application reads back, such as a run's predictions.csv, keeps its texts as they are.
"""

_BEGINNINGS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # of formulas; some spreadsheets read full-width characters like the others
_SEPARATORS = ("\t", "\r", "\n")  # which may begin another cell


def safe(value):
    """The value; a text that a spreadsheet would take for a formula with ' before it, which makes it a text. Numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and _may_be_formula(value) else value


def _may_be_formula(text: str) -> bool:
    return text.startswith(_SEPARATORS) or (text.lstrip().startswith(_BEGINNINGS) and not _is_number(text))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
