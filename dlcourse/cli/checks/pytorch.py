"""PyTorch: whole, one installation, the build that fits this machine?"""

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

from dlcourse.cli.checks import Check, Installed, installed_version, pip_install


def nvidia_driver() -> bool:
    """Is an NVIDIA driver on this machine?"""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def check_torch(installed: Installed = installed_version, driver=nvidia_driver) -> Iterator[Check]:
    version = installed("torch")
    if version is None:
        yield Check("note", "torch device: none, numpy_nn works without torch")
        return
    again = pip_install("--force-reinstall", "--no-deps", f"torch=={version.split('+')[0]}")
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: one of its libraries is missing or damaged
        yield Check("mend", f"torch {version} cannot be imported: {error}", again)
        return
    if torch.__version__ != version:
        told = f"torch: its files are {torch.__version__} and its installation is recorded as {version}"
        yield Check("mend", f"{told}: one was laid over the other", again)
        return
    with warnings.catch_warnings():  # torch warns about a driver that is too old: the line below says it
        warnings.simplefilter("ignore")
        cuda = torch.cuda.is_available()
    yield from check_build(version, torch.version.cuda, cuda, driver())
    yield _device(cuda)


def check_build(version: str, built_for: str | None, usable: bool, driver: bool) -> Iterator[Check]:
    """``built_for``: the CUDA version of this build, ``None`` for a CPU build."""
    if built_for and not usable:
        why = (
            "the NVIDIA driver of this machine is too old for it or may not be used"
            if driver
            else "this machine has no NVIDIA driver"
        )
        yield Check(
            "note",
            f"torch {version} is a build for CUDA {built_for} and {why}: it computes on the CPU. "
            "The CPU build is smaller; add its option from PyTorch's install page:",
            pip_install("--force-reinstall", f"torch=={version.split('+')[0]}"),
        )
    elif driver and not built_for:
        yield Check(
            "note",
            f"torch {version} is a build without CUDA and this machine has an NVIDIA driver: the GPU stays "
            "idle. To use it, add the option for CUDA from PyTorch's install page:",
            pip_install("--force-reinstall", f"torch=={version.split('+')[0]}"),
        )


def _device(cuda: bool) -> Check:
    import torch

    from dlcourse.torch_nn.device import pick_device

    device = pick_device("auto")
    name = f" ({torch.cuda.get_device_name()})" if cuda else ""
    return Check("ok", f"torch device: {device.type}{name}; threads on the CPU: {torch.get_num_threads()}")
