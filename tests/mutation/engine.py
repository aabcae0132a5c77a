"""A second copy of ``dlcourse`` in memory, with one fault in it."""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from pathlib import Path

import dlcourse
from mutation import Fault

FOLDER = Path(dlcourse.__file__).parent / "numpy_nn"


def source(file: str) -> str:
    return (FOLDER / file).read_text(encoding="utf-8")


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, fault: Fault):
        super().__init__(fullname, str(FOLDER / fault.file))
        self.fault = fault

    def get_code(self, fullname: str):
        text = source(self.fault.file).replace(self.fault.old, self.fault.new)
        return compile(text, f"<{self.fault.file} with a fault>", "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, fault: Fault):
        self.fullname = f"dlcourse.numpy_nn.{fault.file.removesuffix('.py')}"
        self.fault = fault

    def find_spec(self, fullname, path, target=None):
        if fullname == self.fullname:
            return importlib.util.spec_from_loader(fullname, _Loader(fullname, self.fault))
        return None


def _loaded() -> dict:
    return {name: m for name, m in sys.modules.items() if name.split(".")[0] == "dlcourse"}


@contextlib.contextmanager
def faulty(fault: Fault):
    """Inside the ``with``, ``import dlcourse...`` gets the copy, in which torch_nn, too, uses what it shares
    with the faulty file; afterwards everything is as it was."""
    real, finder = _loaded(), _Finder(fault)
    for name in real:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in _loaded():
            del sys.modules[name]
        sys.modules.update(real)
