"""The configuration of a run: its settings, presets, and the plan of its epochs."""

from catsdogs.settings.config import Config

__all__ = ["Config"]
