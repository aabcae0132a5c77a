"""The fully connected network that every other architecture is measured against."""

from dlcourse.models.start import start_as_keras


def mlp(nn, *, inputs: int = 784, hidden: tuple[int, ...] = (128,), classes: int = 10, rng=0):
    """Flatten, then Linear and ReLU for each width in ``hidden``, then Linear ``classes``.

    x (N, ...) with ``inputs`` numbers a row -> logits (N, classes). Weights start as in Keras.
    """
    layers = [nn.Flatten()]
    width = inputs
    for units in hidden:
        layers += [nn.Linear(width, units), nn.ReLU()]
        width = units
    return start_as_keras(nn.Sequential(*layers, nn.Linear(width, classes)), rng)
