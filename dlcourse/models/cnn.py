"""The convolutional network of the article's listing 4.1."""

from dlcourse.models.start import start_as_keras


def cnn(nn, *, in_channels: int = 1, size: int = 28, classes: int = 10, padding=0, rng=0):
    """Three times Conv 3×3, ReLU, MaxPool 2; then Flatten, Linear 512, ReLU, Linear ``classes``.

    x (N, in_channels, size, size) -> logits (N, classes). There is no softmax at the end: the loss takes
    logits. ``padding=0`` is the listing as printed (163,850 parameters at 28×28; the smallest side is 22,
    and only the first 22 rows and columns of 28 reach the output); ``padding="same"`` keeps the size in
    each convolution (688,138 parameters, every pixel counts). Weights start as in Keras.
    Raises ``ValueError`` for another padding or a side that leaves no pixel. LeCun et al. 1998.
    """
    if padding not in (0, "same"):
        raise ValueError(f'cnn: padding is {padding!r}, expected 0 or "same"')
    border = 0 if padding == "same" else 2
    side = size
    for _ in range(3):
        side = (side - border) // 2  # a 3×3 convolution takes the border away, pooling halves
    if side < 1:
        smallest = 8 if padding == "same" else 22
        raise ValueError(f"cnn: size is {size}, expected at least {smallest} with padding={padding!r}")
    model = nn.Sequential(
        nn.Conv2d(in_channels, 32, 3, padding=padding),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=padding),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 128, 3, padding=padding),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128 * side * side, 512),
        nn.ReLU(),
        nn.Linear(512, classes),
    )
    return start_as_keras(model, rng)
