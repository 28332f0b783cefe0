"""What several pages share: frame, names, the chosen data set, charts, undo."""
