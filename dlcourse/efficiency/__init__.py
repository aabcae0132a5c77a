"""What a model costs and what it can do without: receptive field, counts, quantisation, pruning."""

from dlcourse.efficiency.counts import Row, Summary, summary
from dlcourse.efficiency.prune import prune, prune_state, sparsity
from dlcourse.efficiency.quantization import Quantized, quantize, quantize_state
from dlcourse.efficiency.receptive_field import ReceptiveField, receptive_field, windows_of

__all__ = [
    "Quantized",
    "ReceptiveField",
    "Row",
    "Summary",
    "prune",
    "prune_state",
    "quantize",
    "quantize_state",
    "receptive_field",
    "sparsity",
    "summary",
    "windows_of",
]
