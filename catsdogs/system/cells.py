"""Cells of CSV files for spreadsheets, which take some texts for formulas.

Files that this application reads itself, such as a run's predictions.csv, keep their texts as they are.
"""

_BEGINNINGS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # of formulas; some spreadsheets read full-width characters like the others
_SEPARATORS = ("\t", "\r", "\n")  # which may begin another cell


def safe(value):
    """The value, with ' before a text that a spreadsheet would take for a formula, so that it stays a text. Numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and _may_be_formula(value) else value


def _may_be_formula(text: str) -> bool:
    return text.startswith(_SEPARATORS) or (text.lstrip().startswith(_BEGINNINGS) and not _is_number(text))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
