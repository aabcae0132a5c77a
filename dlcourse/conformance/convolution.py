"""Cases of convolution: H ≠ W, odd kernels, every option."""

from dlcourse.conformance.compare import Case


def _case(name: str, shape: tuple, *arguments, **options) -> Case:
    return Case(
        f"Conv2d, {name}",
        lambda nn, rng: nn.Conv2d(*arguments, **options, rng=rng),
        lambda rng: (rng.standard_normal(shape),),
    )


CASES = [
    _case("3x3", (2, 3, 7, 6), 3, 4, 3),
    _case("one channel, one image", (1, 1, 5, 9), 1, 2, 3),
    _case("2x3 kernel, no bias", (3, 2, 6, 8), 2, 5, (2, 3), bias=False),
    _case("1x1 kernel", (2, 4, 3, 5), 4, 3, 1),
    _case("stride 2", (2, 3, 8, 7), 3, 4, 3, stride=2),
    _case("stride larger than the kernel", (2, 3, 9, 11), 3, 2, 2, stride=(3, 4)),
    _case("padding (1, 2)", (2, 3, 5, 4), 3, 4, (3, 5), padding=(1, 2)),
    _case("padding same, even kernel", (2, 3, 5, 6), 3, 4, (4, 3), padding="same"),
    _case("padding same, dilation 2", (2, 3, 7, 6), 3, 4, (2, 3), padding="same", dilation=2),
    _case("dilation (2, 3)", (2, 3, 9, 10), 3, 4, (3, 2), dilation=(2, 3)),
    _case("groups 2", (2, 4, 6, 5), 4, 6, 3, groups=2),
    _case("depthwise, padded, stride 2", (2, 3, 7, 6), 3, 6, 3, groups=3, padding=1, stride=2),
    _case("stride, padding, dilation, groups", (3, 4, 11, 9), 4, 4, (3, 2), (2, 3), (2, 1), (2, 2), 2),
    _case("more images than one chunk", (70, 8, 20, 21), 8, 3, 3, padding=1),
    Case(
        "Conv2d, two after each other",
        lambda nn, rng: nn.Sequential(
            nn.Conv2d(2, 3, 3, padding=1, rng=rng), nn.Conv2d(3, 2, (2, 3), rng=rng)
        ),
        lambda rng: (rng.standard_normal((2, 2, 6, 7)),),
    ),
]
