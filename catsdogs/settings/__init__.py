"""What a run is asked to do: its settings, presets, and the plan of its epochs."""
