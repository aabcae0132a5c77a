"""Writes the files of ``dlcourse/conformance/numbers``: what Keras computes for the article's three listings.

Keras is not a dependency of the course; the files are. To make them again, in an environment of its own::

    python -m venv keras-env
    keras-env/bin/pip install "keras==3.15.1" "torch==2.13.0" numpy
    PYTHONPATH=. KERAS_BACKEND=torch keras-env/bin/python tests/golden/make_keras_golden.py

The models are the listings as they are printed, with these differences: 4.2 without dropout (Keras draws
its masks in a way that nobody else can repeat), and 4.3, whose ``layers.Transformer`` does not exist, out of
MultiHeadAttention, LayerNormalization and Dense. Initial weights and batches come from formulas in
``dlcourse.conformance.golden``, so the files hold only what Keras adds: outputs, losses, and weights
after five steps of ``optimizer="adam"``.
"""

import keras
import numpy as np
import torch
from keras import layers

from dlcourse.conformance.golden import FILES, LISTINGS, STEPS, Listing


def cnn(input_shape: tuple[int, int, int]):
    """Listing 4.1."""
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(128, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return model, model.layers


def gru_language_model(vocab_size: int, embedding_dim: int, rnn_units: int, max_length: int):
    """Listing 4.2, with the ``max_length`` that it forgets, and without dropout."""
    model = keras.Sequential(
        [
            keras.Input((max_length,), dtype="int32"),
            layers.Embedding(vocab_size, embedding_dim),
            layers.GRU(rnn_units, return_sequences=True),
            layers.Dense(rnn_units, activation="relu"),
            layers.Dense(vocab_size, activation="softmax"),
        ]
    )
    return model, model.layers


def transformer(vocab_size: int, max_length: int, d_model: int, num_heads: int, num_layers: int, dff: int):
    """Listing 4.3 repaired: positions, a causal mask, residuals and norms, ``num_layers`` that counts."""
    used = []

    def use(layer):
        used.append(layer)
        return layer

    ids = keras.Input((max_length,), dtype="int32")
    x = use(layers.Embedding(vocab_size, d_model))(ids)
    positions = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = x + use(layers.Embedding(max_length, d_model))(positions)
    for _ in range(num_layers):
        attention = use(layers.MultiHeadAttention(num_heads, d_model // num_heads))
        x = use(layers.LayerNormalization(epsilon=1e-5))(x + attention(x, x, use_causal_mask=True))
        hidden = use(layers.Dense(dff, activation="relu"))(x)
        x = x + use(layers.Dense(d_model))(hidden)
        x = use(layers.LayerNormalization(epsilon=1e-5))(x)
    y = use(layers.Dense(vocab_size, activation="softmax"))(x)
    return keras.Model(ids, y), used


def run(listing: Listing, model, used) -> dict[str, np.ndarray]:
    """Start from the formula, train five steps; the arrays of the file."""
    start = listing.weights()
    remaining = iter(start)
    for layer in used:
        layer.set_weights([next(remaining) for _ in layer.get_weights()])
    assert next(remaining, None) is None
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    batches = [listing.batch(step) for step in range(STEPS)]
    found = {"probabilities": model.predict_on_batch(batches[0][0])}
    found["losses"] = np.array([step(model, *batch) for batch in batches], np.float32)
    found["probabilities_after"] = model.predict_on_batch(batches[0][0])
    weights = [w for layer in used for w in layer.get_weights()]
    assert [w.shape for w in weights] == list(listing.shapes)
    return found | {f"weight_{i:02}": w.ravel()[:: listing.every] for i, w in enumerate(weights)}


def step(model, x, y) -> float:
    """The loss of this batch, before the step; without the reset Keras returns the mean over all calls."""
    model.reset_metrics()
    return model.train_on_batch(x, y)


BUILD = {
    "cnn_28": lambda: cnn((28, 28, 1)),
    "cnn_32": lambda: cnn((32, 32, 3)),
    "gru": lambda: gru_language_model(50, 16, 32, 20),
    "transformer": lambda: transformer(50, 20, 32, 4, 2, 64),
}


def main() -> None:
    torch.set_num_threads(1)
    versions = {"keras": keras.__version__, "torch": torch.__version__, "numpy": np.__version__}
    for name, build in BUILD.items():
        arrays = run(LISTINGS[name], *build())
        path = FILES / f"keras_{name}.npz"
        new = path.with_suffix(".tmp.npz")
        np.savez_compressed(new, **arrays, versions=" ".join(f"{k}={v}" for k, v in versions.items()))
        new.replace(path)
        print(f"{path.name}: {path.stat().st_size} bytes, losses {arrays['losses']}")


if __name__ == "__main__":
    main()
