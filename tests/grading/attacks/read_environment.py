"""Print the environment variables of all processes in sight."""

CELLS = [
    """
import glob, os
print(dict(os.environ))
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
    try:
        print(open(path).read())
    except OSError as problem:
        print(path, problem)
"""
]
