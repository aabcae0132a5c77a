"""What was measured on, and an environment that does not slow one side down."""

import datetime
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import psutil

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
# Settings of a machine that choose a slower kernel or other blocks than the library would.
STEERING = ("OPENBLAS_", "MKL_", "DNNL_", "ONEDNN_", "ATEN_CPU_CAPABILITY", "NPY_DISABLE_CPU", "MALLOC_")


def clean_environment(threads: int = 1) -> dict[str, str]:
    """This environment with ``threads`` threads, and nothing that steers the numerical libraries."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
    return kept | dict.fromkeys(THREADS, str(threads)) | {"DLCOURSE_QUIET": "1", "PYTHONHASHSEED": "0"}


def facts() -> dict:
    """Date, processor, kernels of the BLAS libraries, versions, and how busy the machine is just now."""
    import numpy  # loaded so that threadpoolctl finds their libraries
    import threadpoolctl
    import torch

    pools = threadpoolctl.threadpool_info()
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "cpu": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "load": [round(value, 1) for value in os.getloadavg()],
        "blas": sorted(
            f"{pool['internal_api']} {pool['version']} {pool['architecture']}"
            for pool in pools
            if pool["user_api"] == "blas"
        ),
        "torch_cpu": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"numpy": numpy.__version__, "torch": torch.__version__, "dlcourse": version("dlcourse")},
    }


def _processor() -> str:
    """Name of the processor, with the widest vector instructions it offers."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine()
    lines = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in lines.items()}
    widest = [name for name in ("avx512f", "avx2") if name in fields.get("flags", "").split()]
    place = (
        f"family {fields['cpu family']}, model {fields['model']}" if "cpu family" in fields else sys.platform
    )
    return ", ".join([fields.get("model name", platform.machine()), place, *widest[:1]])
