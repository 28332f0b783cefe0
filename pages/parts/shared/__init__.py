"""What several pages share: the frame, names, the chosen data set, a run's outcome, charts, Keras, undo."""
