"""Small colour images: patches of six free photographs, to be told apart."""

import numpy as np

from dlcourse.data.dataset import Dataset, Split, require_package

PHOTOS = {
    "astronaut": "astronaut",
    "cat": "chelsea",
    "coffee": "coffee",
    "galaxies": "hubble_deep_field",
    "retina": "retina",
    "rocket": "rocket",
}
SIZE = 32


def load_patches(seed: int = 0, split=(1200, 300, 300)) -> Dataset:
    """Patches of 32×32 pixels; the class is the photograph that a patch comes from.

    ``x`` (N, 3, 32, 32) float32 in [0, 1], ``y`` (N,) int64, equally many of each class (``split`` is rounded
    down to a multiple of six). The left 60 % of a photograph are for training, the next 20 % for validation,
    the right 20 % for the test: no pixel is in two parts, and no patch occurs twice.
    Raises ``ModuleNotFoundError`` with the pip command without scikit-image.
    """
    if len(split) != 3 or min(split) < len(PHOTOS):
        raise ValueError(f"load_patches: split {split}, expected three numbers of at least {len(PHOTOS)}")
    photos = require_package("skimage.data", "scikit-image", "load_patches")
    rng = np.random.default_rng(seed)
    parts, seen = ([], [], []), set()
    for name in PHOTOS.values():
        photo = getattr(photos, name)()
        edges = np.array([0, 0.6, 0.8, 1]) * photo.shape[1]
        for part, rows, left, right in zip(
            parts, split, edges[:-1].astype(int), edges[1:].astype(int), strict=True
        ):
            part.append(_patches(photo[:, left:right], rows // len(PHOTOS), seen, rng))
    return Dataset(*(_shuffled(part, rng) for part in parts), tuple(PHOTOS))


def _patches(band: np.ndarray, count: int, seen: set[bytes], rng: np.random.Generator) -> np.ndarray:
    """``count`` patches at random places of ``band`` (H, W, 3), none of them in ``seen`` (where they are then
    added) -> (count, 3, 32, 32)."""
    height, width = band.shape[0] - SIZE + 1, band.shape[1] - SIZE + 1
    found = []
    for place in rng.permutation(height * width):
        i, j = divmod(int(place), width)
        patch = band[i : i + SIZE, j : j + SIZE]
        if patch.tobytes() not in seen:  # black corners look the same in every part
            seen.add(patch.tobytes())
            found.append(patch)
        if len(found) == count:
            return np.stack(found).transpose(0, 3, 1, 2)
    raise ValueError(
        f"load_patches: {count} patches of a photograph, but it has only {len(found)} different ones"
    )


def _shuffled(patches: list[np.ndarray], rng: np.random.Generator) -> Split:
    x = np.concatenate(patches).astype(np.float32) / 255
    y = np.repeat(np.arange(len(patches)), [len(p) for p in patches])
    order = rng.permutation(len(y))
    return Split(x[order], y[order])
