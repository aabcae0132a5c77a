"""Data sets that need no download, each with a data sheet: out of installed packages, or part of this one."""

from dlcourse.data.dataset import Dataset, Split
from dlcourse.data.datasheet import datasheet, datasheets, print_datasheet
from dlcourse.data.dates import load_dates
from dlcourse.data.mnist import load_mnist
from dlcourse.data.patches import load_patches
from dlcourse.data.text import load_english, load_names, load_phrases
from dlcourse.data.vocabulary import Vocabulary

__all__ = [
    "Dataset",
    "Split",
    "Vocabulary",
    "datasheet",
    "datasheets",
    "load_dates",
    "load_english",
    "load_mnist",
    "load_names",
    "load_patches",
    "load_phrases",
    "print_datasheet",
]
