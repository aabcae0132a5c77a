"""Return numbers that no float holds, and text and lists in place of arrays."""

ANSWER = """
count = 0
def conv2d_naive(x, w):
    global count
    count += 1
    return [10**4000, "1" * 9000, [[10**300] * 64] * 64, {str(i): [i] for i in range(64)}, (((((),),),),), float("inf")][count % 6]
"""
