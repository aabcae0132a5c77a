"""Put a false module in the place of numpy for all that follows."""

SLOW = True

CELLS = [
    """
import sys, types
for name in list(sys.modules):
    if name.split(".")[0] in ("numpy", "dlcourse"):
        sys.modules[name] = types.ModuleType(name)
sys.modules["numpy"].ndarray = object
"""
]
