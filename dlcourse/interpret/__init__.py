"""Why did the model say that? Gradients, occlusion and attention, and a measure of how far they agree."""

from dlcourse.interpret.attention import attention_maps
from dlcourse.interpret.gradient import (
    ClassScore,
    completeness_gap,
    input_x_gradient,
    integrated_gradients,
    saliency,
)
from dlcourse.interpret.occlusion import occlusion, occlusion_map
from dlcourse.interpret.rank import ranks, spearman

__all__ = [
    "ClassScore",
    "attention_maps",
    "completeness_gap",
    "input_x_gradient",
    "integrated_gradients",
    "occlusion",
    "occlusion_map",
    "ranks",
    "saliency",
    "spearman",
]
