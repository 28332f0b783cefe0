"""The run folder: what is kept on disk of a run, and who is working on it."""

from catsdogs.runs.store import Label, Run

__all__ = ["Label", "Run"]
