"""The random generators in a network, such as those of dropout and augmentation."""

import keras


def states(model: keras.Model) -> list[keras.Variable]:
    """Their states, which Keras counts among the variables, but doesn't store."""
    stored = {id(variable) for variable in (*model.weights, *model.metrics_variables)}
    return [variable for variable in model.variables if id(variable) not in stored]
