"""Look for sockets of the system and the session (D-Bus, Docker, X11), by path and by abstract name."""

CELLS = [
    """
import glob, os, socket
names = ["/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/private", "\\0/tmp/.X11-unix/X0", "\\0/tmp/dbus-x", *glob.glob("/run/user/*/bus"), *glob.glob("/tmp/.X11-unix/*"), *glob.glob("/tmp/**/socket", recursive=True), *glob.glob("/tmp/*/*.sock")]
for name in names:
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(name)
            print("LEAK connected to", repr(name))
    except OSError as problem:
        print(repr(name), problem)
"""
]
ANSWER = """
def conv2d_naive(x, w):
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = (x[i : i + w.shape[0], j : j + w.shape[1]] * w).sum()
    return y
"""
SCORE = 4
