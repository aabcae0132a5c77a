"""Parameters and multiply-accumulates of every kind of layer, by their formulas, for both backends."""

import numpy as np
import pytest

from dlcourse import models
from dlcourse.backend import backend
from dlcourse.efficiency import summary

PAIR = ("numpy", "torch")


@pytest.mark.parametrize("name", PAIR)
def test_counts_of_the_article_cnn(name):
    table = summary(models.cnn(backend(name)), np.zeros((1, 1, 28, 28), np.float32))
    assert (table.parameters, table.macs) == (163_850, 3_159_168)
    rows = {row.name: row for row in table.rows}
    assert (rows["0"].parameters, rows["0"].macs) == (320, 26 * 26 * 32 * 9)
    assert rows["3"].shape == (1, 64, 11, 11)
    assert (rows["12"].parameters, rows["12"].macs) == (5130, 5120)
    assert rows["2"].macs == rows["2"].parameters == 0


def test_the_table_is_the_same_for_both_backends():
    texts = [str(summary(models.cnn(backend(name)), np.zeros((1, 1, 28, 28), np.float32))) for name in PAIR]
    assert texts[0] == texts[1]
    assert texts[0].splitlines()[-1].split() == ["total", "163,850", "3,159,168"]


@pytest.mark.parametrize("name", PAIR)
def test_groups_batches_and_shared_parameters(name):
    nn = backend(name)
    conv = nn.Conv2d(4, 6, 3, groups=2)
    assert summary(conv, np.zeros((1, 4, 5, 5), np.float32)).macs == 3 * 3 * 6 * 2 * 9
    shared = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    second = list(shared.children())[1] if name == "torch" else shared[1]
    second.weight = (shared[0]).weight
    table = summary(shared, np.zeros((5, 3), np.float32))
    assert [row.parameters for row in table.rows] == [12, 3]
    assert table.macs == 2 * 5 * 9


@pytest.mark.parametrize("name", PAIR)
@pytest.mark.parametrize(("kind", "gates"), [("RNN", 1), ("LSTM", 4), ("GRU", 3)])
def test_a_recurrent_layer_uses_every_weight_once_a_step(name, kind, gates):
    layer = getattr(backend(name), kind)(5, 4, num_layers=2, bidirectional=True)
    (row,) = summary(layer, np.zeros((2, 7, 5), np.float32)).rows
    weights = gates * 4 * 2 * ((5 + 4) + (8 + 4))  # two directions; the second layer reads 2·4 numbers
    assert row.macs == 2 * 7 * weights
    assert row.parameters == weights + 2 * 2 * 2 * gates * 4
    assert row.shape == (2, 7, 8)


@pytest.mark.parametrize("name", PAIR)
def test_a_transformer_block_by_its_formula(name):
    d, dff, T, B = 8, 20, 5, 3
    nn = backend(name)
    layers = [nn.TransformerEncoderLayer(d, 2, dff) for _ in range(2)]
    table = summary(nn.TransformerEncoder(layers), np.zeros((B, T, d), np.float32), causal=True)
    block = 4 * d * d + 4 * d + 2 * d * dff + dff + d + 4 * d  # attention, feed-forward, two norms
    assert table.parameters == 2 * block
    assert table.macs == 2 * B * T * (4 * d * d + 2 * T * d + 2 * d * dff)
    assert [row.kind for row in table.rows if row.macs] == ["MultiheadAttention", "Linear", "Linear"] * 2


@pytest.mark.parametrize("name", PAIR)
def test_cross_attention_counts_both_lengths(name):
    d, T, S = 8, 5, 7
    layer = backend(name).MultiheadAttention(d, 2)
    x, memory = np.zeros((1, T, d), np.float32), np.zeros((1, S, d), np.float32)
    table = summary(layer, x, memory, memory, mask=np.ones((1, T, S), bool))
    assert table.macs == 2 * T * d * d + 2 * S * d * d + 2 * T * S * d


def test_a_layer_that_was_not_called_is_shown_so():
    class Half(backend("numpy").Module):
        def __init__(self):
            self.used, self.idle = (backend("numpy").Linear(2, 2) for _ in range(2))

        def forward(self, x):
            return self.used(x)

    table = summary(Half(), np.zeros((1, 2), np.float32))
    assert [(row.name, row.shape, row.macs) for row in table.rows] == [("used", (1, 2), 4), ("idle", None, 0)]
    assert "not called" in str(table)
