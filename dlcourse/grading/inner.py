"""The inner sandbox: what a process does to itself before it becomes a student's."""

import os
import resource
import shutil
from pathlib import Path

from dlcourse.grading import kernel


def new_namespaces() -> None:
    """The next child gets its own processes, mounts, network, host name and shared memory.

    Without root that takes a user namespace, in which this process then has the rights to mount.
    """
    flags = kernel.NEWNS | kernel.NEWPID | kernel.NEWIPC | kernel.NEWNET | kernel.NEWUTS
    if os.geteuid() == 0:
        kernel.unshare(flags)
        return
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(flags | kernel.NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path("/proc/self", name).write_text(text)


def private_folders(python: list[str], scratch: int) -> None:
    """Scratch space, processes and shared memory of its own; what Python needs below /tmp stays in sight."""
    kernel.mount("none", "/", None, kernel.REC | kernel.PRIVATE)
    below = [folder for folder in python if folder.startswith("/tmp/")]
    if below:
        kernel.mount("/tmp", "/mnt", None, kernel.BIND | kernel.REC)
    kernel.mount(
        "scratch", "/tmp", "tmpfs", kernel.NOSUID | kernel.NODEV, f"size={scratch},nr_inodes=20000,mode=1777"
    )
    for folder in below:
        os.makedirs(folder, 0o755)
        kernel.mount(f"/mnt{folder.removeprefix('/tmp')}", folder, None, kernel.BIND | kernel.REC)
    if below:
        kernel.unmount("/mnt")
    os.mkdir("/tmp/.shm")
    os.chmod("/tmp/.shm", 0o1777)
    kernel.mount("/tmp/.shm", "/dev/shm", None, kernel.BIND)
    closed = kernel.NOSUID | kernel.NODEV | kernel.NOEXEC
    kernel.mount("none", "/dev/pts", "tmpfs", closed | kernel.RDONLY, "size=4k,mode=555")
    try:
        kernel.mount("proc", "/proc", "proc", closed)
    except PermissionError:  # without root, where parts of /proc are covered: then there is none at all
        kernel.mount("none", "/proc", "tmpfs", closed | kernel.RDONLY, "size=4k,mode=555")


def copy_files(source: int, target: str) -> None:
    for folder, folders, names, fd in os.fwalk(".", dir_fd=source):
        for name in folders:
            os.makedirs(os.path.join(target, folder, name), 0o755, exist_ok=True)
        for name in names:
            if not (folder == "." and name.endswith(".ipynb")):
                with (
                    os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=fd), "rb") as one,
                    open(os.path.join(target, folder, name), "wb") as other,
                ):
                    shutil.copyfileobj(one, other)


def confine(request: dict, settings: dict, home: str) -> int | None:
    """Another user, no capability, no new privilege, a filter of system calls; for good.

    Returns the descriptor at which the filter reports, if it does."""
    if settings["level"] != "none":
        kernel.bound_capabilities()
        # 1: no file, and no program of the system that collects dumps. The filter keeps it at that.
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    if request["uid"]:
        os.setgroups([])
        os.setresgid(request["uid"], request["uid"], request["uid"])
        os.setresuid(request["uid"], request["uid"], request["uid"])
    if settings["level"] == "none":
        return None
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # the keeper may ask how much memory it uses
    if settings["level"] == "landlock":
        devices = [f"/dev/{name}" for name in ("null", "zero", "random", "urandom")]
        kernel.landlock([*settings["folders"], *settings["system"], *devices], [home, "/dev/null"])
    return kernel.load_seccomp(bytes.fromhex(settings["seccomp"])) if settings["seccomp"] else None
