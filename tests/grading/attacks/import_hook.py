"""An import hook that serves false modules to whoever imports later."""

SLOW = True

CELLS = [
    """
import sys, importlib.abc, importlib.machinery, types
class Hook(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("dlcourse", "numpy.testing")):
            return importlib.machinery.ModuleSpec(name, self)
    def create_module(self, spec): return types.ModuleType(spec.name)
    def exec_module(self, module): module.check = print
sys.meta_path.insert(0, Hook())
"""
]
