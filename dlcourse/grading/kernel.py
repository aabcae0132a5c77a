"""System calls that Python 3.11 has no functions for: namespaces, mounts, capabilities, seccomp, landlock.

Used in the process that becomes a student's; it knows nothing of grading and needs only the C library.
"""

import ctypes
import errno
import fcntl
import os
import struct
import sys

NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    *(0x20000, 0x2000000, 0x4000000, 0x8000000),
    *(0x10000000, 0x20000000, 0x40000000),
)
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
DETACH = 2
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_SUBREAPER = 1, 24, 38, 22, 36
SECCOMP = {"x86_64": 317, "aarch64": 277}
PR_SET_DUMPABLE = 4
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    texts = [t.encode() if t is not None else None for t in (source, target, kind)]
    data = options.encode() if options else None
    _checked(_libc.mount(*texts, ctypes.c_ulong(flags), data), f"mount {target}")


def unmount(target: str) -> None:
    _checked(_libc.umount2(target.encode(), DETACH), f"unmount {target}")


def prctl(option: int, value: int = 0) -> None:
    _checked(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def bound_capabilities() -> None:
    """No program that is executed later can bring a capability."""
    for capability in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break  # the last one that this kernel knows


def drop_capabilities() -> None:
    """No capability is left, and no new privilege comes by executing something."""
    header, nothing = struct.pack("Ii", 0x20080522, 0), bytes(24)
    _checked(_libc.capset(header, nothing), "capset")
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def load_seccomp(program: bytes) -> int | None:
    """Install a filter of BPF instructions; needs ``PR_SET_NO_NEW_PRIVS``.

    Returns a descriptor at which another process hears of calls that the filter reports (see ``heard_call``).
    None where this kernel gives none: such calls then fail with ENOSYS.
    """
    body = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(body))
    buffer = ctypes.create_string_buffer(head, len(head))
    if (number := SECCOMP.get(os.uname().machine)) is not None:
        listener = _libc.syscall(number, 1, 8, ctypes.byref(buffer))  # SET_MODE_FILTER, NEW_LISTENER
        if listener >= 0:
            return listener
    _checked(_libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(buffer), 0, 0), "seccomp")
    return None


def refuse_heard_call(listener: int) -> int | None:
    """Take one reported call, let it fail with EPERM, return its first argument; None if it is gone.

    Only numbers in registers are read: nothing that the caller could change meanwhile.
    """
    call = bytearray(80)  # struct seccomp_notif: id, pid, flags, number, architecture, address, arguments
    try:
        fcntl.ioctl(listener, 0xC0502100, call)
        (identity,) = struct.unpack_from("Q", call)
        fcntl.ioctl(listener, 0xC0182101, struct.pack("QqiI", identity, 0, -errno.EPERM, 0))
    except OSError:  # its process was killed while it waited
        return None
    return struct.unpack_from("Q", call, 32)[0]


def landlock_version() -> int:
    """The version of landlock in this kernel, 0 if there is none. 6 also stops TCP and signals."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _libc.syscall(LANDLOCK_CREATE, None, 0, 1))


def landlock(readable: list[str], writable: list[str]) -> None:
    """From now on: only these folders and files, no TCP, no signals to processes outside. Needs version 6."""
    everything, read = (1 << 16) - 1, 1 | 4 | 8  # execute, read file, read folder
    only_file = 1 | 2 | 4 | 1 << 14 | 1 << 15  # rights that make sense on what is no folder
    attributes = struct.pack("QQQ", everything, 3, 3)
    rules = _checked(_libc.syscall(LANDLOCK_CREATE, attributes, len(attributes), 0), "landlock")
    for paths, rights in ((readable, read), (writable, everything)):
        for path in paths:
            if not os.path.exists(path):
                continue
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = rights if os.path.isdir(path) else rights & only_file
            rule = struct.pack("=Qi", allowed, fd)
            _checked(_libc.syscall(LANDLOCK_ADD, rules, 1, rule, 0), f"landlock {path}")
            os.close(fd)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    _checked(_libc.syscall(LANDLOCK_RESTRICT, rules, 0), "landlock")
    os.close(rules)
