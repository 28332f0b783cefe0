"""What a run is asked to do: its settings, presets, and the plan of its epochs."""

from catsdogs.settings.config import Config

__all__ = ["Config"]
