"""E16 as people write it: correct in different ways; wrong, with a part of the sentence it deserves."""

import numpy as np

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def index_vector(kernel, recurrent, bias):
    H = recurrent.shape[0]
    order = np.r_[H : 2 * H, 0:H, 2 * H : 3 * H]
    return {
        "weight_ih_l0": kernel[:, order].T,
        "weight_hh_l0": recurrent[:, order].T,
        "bias_ih_l0": bias[0, order],
        "bias_hh_l0": bias[1][order],
    }


def split(kernel, recurrent, bias):
    def convert(array):
        z, r, n = np.split(array, 3, axis=-1)
        return np.concatenate((r, z, n), axis=-1).T

    values = convert(kernel), convert(recurrent), convert(bias[0]), convert(bias[1])
    return dict(zip(NAMES, values, strict=True))


def reshaped(kernel, recurrent, bias):
    """The gates along an axis of their own."""
    out, H = {}, len(recurrent)
    for name, array in zip(NAMES, (kernel, recurrent, *bias), strict=True):
        rows = np.ascontiguousarray(array.T).reshape(3, H, *array.shape[:-1])
        out[name] = rows[[1, 0, 2]].reshape(3 * H, *array.shape[:-1])
    return out


def row_loop(kernel, recurrent, bias):
    units = recurrent.shape[0]
    target = {name: np.empty(a.T.shape) for name, a in zip(NAMES, (kernel, recurrent, *bias), strict=True)}
    for gate_torch, gate_keras in enumerate([1, 0, 2]):
        for u in range(units):
            to, of = gate_torch * units + u, gate_keras * units + u
            target["weight_ih_l0"][to] = kernel[:, of]
            target["weight_hh_l0"][to] = recurrent[:, of]
            target["bias_ih_l0"][to] = bias[0, of]
            target["bias_hh_l0"][to] = bias[1, of]
    return target


def with_torch(kernel, recurrent, bias):
    """PyTorch may be used: its layer takes the weights and gives them back."""
    import torch

    gru = torch.nn.GRU(kernel.shape[0], recurrent.shape[0], dtype=torch.float64)
    gru.load_state_dict(
        {k: torch.from_numpy(v.copy()) for k, v in index_vector(kernel, recurrent, bias).items()}
    )
    return {name: value.numpy() for name, value in gru.state_dict().items()}


CORRECT = [index_vector, split, reshaped, row_loop, with_torch]


def variant(order=(1, 0, 2), transpose=lambda a: a.T, biases=lambda b: (b[0], b[1]), only=NAMES):
    """``split`` with one place changed; the mistake is made in ``only``."""

    def keras_gru_to_torch(kernel, recurrent, bias):
        right = index_vector(kernel, recurrent, bias)
        values = {}
        for name, array in zip(NAMES, (kernel, recurrent, *biases(bias)), strict=True):
            blocks = np.split(array, 3, -1)
            mixed = np.concatenate([blocks[k] for k in order], -1)
            values[name] = transpose(mixed) if mixed.ndim == 2 else mixed
            if name not in only:
                values[name] = right[name]
        return values

    return keras_gru_to_torch


def renamed(kernel, recurrent, bias):
    return {name.removesuffix("_l0"): v for name, v in index_vector(kernel, recurrent, bias).items()}


def both_biases(kernel, recurrent, bias):
    H = len(recurrent)
    order = np.r_[H : 2 * H, 0:H, 2 * H : 3 * H]
    return index_vector(kernel, recurrent, bias) | {"bias_ih_l0": bias[:, order]}


def in_place(kernel, recurrent, bias):
    H = len(recurrent)
    for array in (kernel, recurrent, bias):
        array[:, : 2 * H] = np.roll(array[:, : 2 * H], H, axis=1)
    return dict(zip(NAMES, (kernel.T, recurrent.T, *bias), strict=True))


def swap_without_copy(kernel, recurrent, bias):
    """The classic: the first block is overwritten before it is moved."""
    H = len(recurrent)
    values = {}
    for name, array in zip(NAMES, (kernel, recurrent, *bias), strict=True):
        a = array.T.copy()
        a[:H], a[H : 2 * H] = a[H : 2 * H], a[:H]
        values[name] = a
    return values


def kernels_exchanged(kernel, recurrent, bias):
    values = index_vector(kernel, recurrent, bias)
    values["weight_ih_l0"], values["weight_hh_l0"] = values["weight_hh_l0"], values["weight_ih_l0"]
    return values


WRONG = {
    "gates not reordered": (variant(order=(0, 1, 2)), "Keras stores z,r,h"),
    "kernel not reordered": (variant(order=(0, 1, 2), only=NAMES[:1]), "weight_ih_l0: Keras stores z,r,h"),
    "recurrent not reordered": (
        variant(order=(0, 1, 2), only=NAMES[1:2]),
        "weight_hh_l0: Keras stores z,r,h",
    ),
    "biases not reordered": (variant(order=(0, 1, 2), only=NAMES[2:]), "bias_ih_l0: Keras stores z,r,h"),
    "n first": (variant(order=(2, 1, 0)), "in the order n, r, z"),
    "z and n": (variant(order=(0, 2, 1)), "in the order z, n, r"),
    "biases swapped": (variant(biases=lambda b: (b[1], b[0])), "they are exchanged"),
    "biases added": (variant(biases=lambda b: (b.sum(0), 0 * b[0])), "Do not add the two biases"),
    "biases added twice": (variant(biases=lambda b: (b.sum(0), b.sum(0))), "Do not add the two biases"),
    "second bias 0": (variant(biases=lambda b: (b[0], 0 * b[1])), "bias[1], is missing"),
    "first bias twice": (variant(biases=lambda b: (b[0], b[0])), "holds the bias of the input"),
    "both biases in one": (both_biases, "holds both biases"),
    "reshape": (variant(transpose=lambda a: a.reshape(a.shape[::-1])), "reshape does not transpose"),
    "reshape alone": (
        variant(order=(0, 1, 2), transpose=lambda a: a.reshape(a.shape[::-1])),
        "use .T (and change the order",
    ),
    "not transposed": (variant(transpose=lambda a: a), "(3H, in): transpose."),
    "nothing done": (variant(order=(0, 1, 2), transpose=lambda a: a), "transpose (and change the order"),
    "only the recurrent not transposed": (
        variant(
            transpose=lambda a: np.vstack(np.split(a, 3, 1)) if len(a) * 3 == a.shape[1] else a.T,
            only=NAMES[1:2],
        ),
        "each has to be transposed",
    ),
    "kernels exchanged": (kernels_exchanged, "kernel belongs to the input"),
    "renamed": (renamed, "the dictionary lacks weight_ih_l0"),
    "a tuple": (lambda *a: tuple(index_vector(*a).values()), "a dictionary is asked for"),
    "tensors": (lambda *a: _tensors(index_vector(*a)), "torch.Tensor"),
    "in place": (in_place, "changes its input array"),
    "views overwritten": (swap_without_copy, "a swap of views"),
}


def _tensors(values):
    import torch

    return {name: torch.tensor(value) for name, value in values.items()}
