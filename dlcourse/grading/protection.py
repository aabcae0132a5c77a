"""What stands between a submission and this machine, in words: for `--dry-run` and `dlcourse doctor`."""

import os

from dlcourse.grading.cgroup import hosts

ROOT = "another user for each submission"
USER = "a user namespace for each submission; the user is the grader's"


def protections(level: str) -> list[str]:
    """A line for each layer that is in force at this level of isolation (see ``sandbox.isolation``)."""
    if level == "none":
        return [
            "nothing: a submission runs with your rights; only time and the memory of a process are limited"
        ]
    user = ROOT if os.geteuid() == 0 else USER
    if level == "bubblewrap":
        lines = [
            f"bubblewrap: own processes, own network without a way out, the system read-only; {user}",
            "seccomp: a filter of system calls; attempts to reach a network are reported",
        ]
    else:
        lines = [
            "Landlock: no file but Python's and its own folder, no TCP, no signals to other processes; "
            + (ROOT if os.geteuid() == 0 else "the user is the grader's"),
            "seccomp: a filter of system calls, no sockets; attempts to reach a network are reported",
            "not limited: the space that its files take; it shares the table of processes",
        ]
    groups = hosts()
    if groups:
        version = 2 if "unified" in groups else 1
        lines.append(f"memory and processes of a submission: control groups, version {version}")
    else:
        lines.append(
            "memory and processes of a submission: watched ten times a second (no control group may be made "
            "here; `systemd-run --user --scope -p Delegate=yes dlcourse grade ...` gives one)"
        )
    return lines
