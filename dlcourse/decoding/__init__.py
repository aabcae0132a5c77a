"""From the predictions of a language model to text: sampling, greedy decoding, beam search."""

from dlcourse.decoding.generate import generate
from dlcourse.decoding.sampling import Sampler, greedy, next_token_probs
from dlcourse.decoding.search import beam_search
from dlcourse.decoding.steps import CarriedStep, WholeStep

__all__ = [
    "CarriedStep",
    "Sampler",
    "WholeStep",
    "beam_search",
    "generate",
    "greedy",
    "next_token_probs",
]
