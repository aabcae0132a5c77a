"""Data sets that need no download: out of packages that pip installs, cached, split, with data sheets."""

from dlcourse.data.dataset import Dataset, Split
from dlcourse.data.datasheet import datasheet, datasheets, print_datasheet
from dlcourse.data.mnist import load_mnist

__all__ = ["Dataset", "Split", "datasheet", "datasheets", "load_mnist", "print_datasheet"]
