"""Where the time of the CNN's training step goes in NumPy: each layer forward and backward."""

import time
from collections import defaultdict
from statistics import median

from dlcourse import numpy_nn
from dlcourse.data import load_mnist
from dlcourse.models import cnn


def step_profile(batch: int = 128, steps: int = 30) -> list[dict]:
    """Median CPU seconds of each part of the step, in the order of the network."""
    x, y = load_mnist().train
    model, loss = cnn(numpy_nn), numpy_nn.CrossEntropyLoss()
    adam = numpy_nn.Adam(model.parameters())
    times: dict[tuple, list] = defaultdict(list)

    def timed(part, function, *inputs):
        start = time.process_time()
        result = function(*inputs)
        times[part].append(time.process_time() - start)
        return result

    for k in range(steps):
        rows = slice(k * batch % (len(y) - batch), None)
        h, target = x[rows][:batch], y[rows][:batch]
        for i, layer in enumerate(model.layers):
            h = timed((i, layer, "forward"), layer, h)
        timed((len(model), loss, "forward"), loss, h, target)
        model.zero_grad()
        dh = timed((len(model), loss, "backward"), loss.backward)
        for i in reversed(range(len(model))):
            backward = model[i].backward if i else model[i].backward_parameters
            dh = timed((i, model[i], "backward"), backward, dh)
        timed((len(model) + 1, adam, "update"), adam.step)
    return [
        {"layer": type(layer).__name__, "place": i, "part": part, "cpu": median(seconds)}
        for (i, layer, part), seconds in sorted(
            times.items(), key=lambda item: (item[0][0], item[0][2] != "forward")
        )
    ]
