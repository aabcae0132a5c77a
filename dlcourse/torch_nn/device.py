"""Which device a model runs on."""

import torch


def pick_device(name: str) -> torch.device:
    """``"cpu"``, ``"cuda"``, ``"mps"``, or ``"auto"``: the fastest of them that this machine has.

    Raises ``ValueError`` for another name, or for a device that is not there.
    """
    here = ["cpu"]
    if torch.backends.mps.is_available():
        here.insert(0, "mps")
    if torch.cuda.is_available():
        here.insert(0, "cuda")
    if name == "auto":
        return torch.device(here[0])
    if name not in here:
        raise ValueError(
            f'device is {name!r}, expected one of {", ".join(here)} (what this machine has) or "auto"'
        )
    return torch.device(name)
