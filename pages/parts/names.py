"""What things are called on a page."""

from catsdogs.runs import Run

_CHOICES = {"conv2d": "Conv2D", "dense": "Dense", "sgd": "SGD", "adam": "Adam", "rmsprop": "RMSprop", "adamw": "AdamW", None: "auto"}


def choice(value) -> str:
    """A value of a setting, as people write it."""
    return _CHOICES.get(value, str(value))


def run(stored: Run) -> str:
    """A run by its network, optimizer, size and batch."""
    config = stored.config
    return f"{choice(config.model)} · {choice(config.optimizer)} · {config.target_size} px · batch {config.batch_size}"
