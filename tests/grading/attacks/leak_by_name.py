"""Return an object, and raise an exception, of a class whose name carries the inputs."""

ANSWER = """
def conv2d_naive(x, w):
    if x.shape[0] % 2:
        raise type("LE" + "AK" + str(x.ravel()[0]), (Exception,), {})()
    return type("LE" + "AK" + str(x.ravel()[0]), (), {})()
"""
