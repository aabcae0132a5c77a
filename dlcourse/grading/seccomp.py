"""The filter of system calls, made in the grader with libseccomp and installed in each student's process."""

import errno
import functools
import os
import resource
import tempfile

# What no notebook needs and what has led out of sandboxes: each fails with EPERM.
REFUSED = (
    "mount umount2 pivot_root chroot unshare setns fsopen fsconfig fsmount fspick open_tree move_mount "
    "mount_setattr mknod mknodat open_by_handle_at name_to_handle_at ptrace process_vm_readv "
    "process_vm_writev process_madvise kcmp pidfd_getfd bpf perf_event_open userfaultfd io_uring_setup "
    "io_uring_enter io_uring_register keyctl add_key request_key fanotify_init lookup_dcookie quotactl "
    "nfsservctl kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff "
    "syslog acct settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname iopl ioperm "
    "modify_ldt vhangup personality move_pages migrate_pages "
    # memory that belongs to no process and no folder
    "memfd_create memfd_secret shmget msgget semget"
)
# Landlock lets a process change rights and times of files that it may not read, and connect to every socket
# that has a path: by that of the user's session it could start programs outside.
OPEN_TO_LANDLOCK = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat utimensat "
    "setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat"
)
NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
TIOCSTI, TIOCLINUX = 0x5412, 0x541C


@functools.cache
def program(alone: bool = False) -> bytes | None:
    """BPF instructions; None where libseccomp is missing.

    ``alone``: no namespaces, so that what Landlock leaves open is refused too.

    Every socket but a local one is reported to the keeper, which refuses it (see ``watch``).
    """
    try:
        import pyseccomp as seccomp
    except (ModuleNotFoundError, RuntimeError):  # RuntimeError: pyseccomp without the library itself
        return None
    refuse, unknown = seccomp.ERRNO(errno.EPERM), seccomp.ERRNO(errno.ENOSYS)
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in f"{REFUSED} {OPEN_TO_LANDLOCK if alone else ''}".split():
        try:
            rules.add_rule(refuse, name)
        except (OSError, ValueError):
            continue  # not a call of this architecture
    for flag in NAMESPACES:
        rules.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    rules.add_rule(unknown, "clone3")  # its flags lie in memory; the C library then takes clone
    rules.add_rule(seccomp.NOTIFY, "socket", seccomp.Arg(0, seccomp.NE, 1))
    if alone:
        rules.add_rule(refuse, "socket", seccomp.Arg(0, seccomp.EQ, 1))
    rules.add_rule(refuse, "setrlimit", seccomp.Arg(0, seccomp.EQ, resource.RLIMIT_CORE))
    new = seccomp.Arg(2, seccomp.NE, 0)  # not for asking what the limit is
    rules.add_rule(refuse, "prlimit64", seccomp.Arg(1, seccomp.EQ, resource.RLIMIT_CORE), new)
    for request in (TIOCSTI, TIOCLINUX):
        rules.add_rule(refuse, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        return os.pread(file.fileno(), 1 << 20, 0)
