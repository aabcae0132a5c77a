"""A small vision transformer."""

import numpy as np

from dlcourse.models.assemble import assemble


def vision_transformer(
    nn,
    *,
    in_channels: int = 1,
    size: int = 28,
    patch: int = 7,
    d_model: int = 64,
    num_heads: int = 4,
    num_layers: int = 2,
    dff: int = 128,
    classes: int = 10,
    dropout: float = 0.0,
    rng=0,
):
    """Patches become tokens, pre-norm transformer blocks mix them, their mean is classified.

    x (N, in_channels, size, size) -> logits (N, classes). Raises ``ValueError`` if ``patch`` does not divide
    ``size``. Dosovitskiy et al. 2021, with the mean of the tokens in place of a class token.
    """
    if patch < 1 or size % patch:
        raise ValueError(f"vision_transformer: patch {patch} does not divide size {size}")
    return assemble(
        nn,
        VisionTransformer,
        VisionTransformerBackward,
        image=(in_channels, size, patch),
        d_model=d_model,
        block={"nhead": num_heads, "dim_feedforward": dff, "dropout": dropout, "norm_first": True},
        num_layers=num_layers,
        classes=classes,
        rng=np.random.default_rng(rng),
    )


class VisionTransformer:
    """z = W mean_t LN(blocks(patches + positions))_t + b."""

    def __init__(self, nn, *, image, d_model, block, num_layers, classes, rng):
        super().__init__()
        in_channels, size, patch = image
        self.patches = nn.Conv2d(in_channels, d_model, patch, stride=patch, rng=rng)
        self.positions = nn.PositionalEmbedding((size // patch) ** 2, d_model, rng=rng)
        layers = [nn.TransformerEncoderLayer(d_model, **block, rng=rng) for _ in range(num_layers)]
        self.blocks = nn.TransformerEncoder(layers, nn.LayerNorm(d_model))
        self.output = nn.Linear(d_model, classes, rng=rng)

    def forward(self, x):
        maps = self.patches(x)  # (N, d_model, h, w)
        self._maps = maps.shape
        tokens = maps.reshape(*maps.shape[:2], -1).swapaxes(1, 2)  # (N, h·w, d_model)
        return self.output(self.blocks(self.positions(tokens)).mean(1))


class VisionTransformerBackward:
    def backward(self, dlogits):
        dmean = self.output.backward(dlogits)
        count = self._maps[2] * self._maps[3]
        dtokens = self.positions.backward(
            self.blocks.backward(np.repeat(dmean[:, None] / count, count, axis=1))
        )
        return self.patches.backward(dtokens.swapaxes(1, 2).reshape(self._maps))
