"""E29 ``evaluate``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import NOT_PYTORCH, Exercise, Misconception, Output, Property, driver
from dlcourse.checks.small_network import (
    CLASSES,
    network,
    prediction,
    random_batches,
    random_state,
    statistics,
    tensors,
)


@driver
def evaluated(evaluate, state, xs, ys, dropout, in_train_mode, seed):
    """loss, accuracy, were graphs built; afterwards: mode, can it learn, weights, running statistics."""
    import torch

    before = torch.is_grad_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model = network(state, dropout).train(in_train_mode)
        graphs = []
        model.register_forward_hook(lambda module, inputs, output: graphs.append(output.requires_grad))
        try:
            value = evaluate(model, tensors(xs, ys))
            learns = torch.is_grad_enabled() == before and all(p.requires_grad for p in model.parameters())
        finally:
            torch.set_grad_enabled(before)
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError("evaluate should return two values: loss, acc")
    loss, accuracy = value
    same_mode = all(module.training == in_train_mode for module in model.modules())
    weights = np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])
    return _plain(loss), _plain(accuracy), any(graphs), same_mode, learns, weights, statistics(model)


def _plain(value):
    return value.detach().numpy() if hasattr(value, "detach") else value


def evaluation(
    rng: np.random.Generator, sizes: tuple[int, ...], dropout: float = 0.0, in_train_mode: bool = False
):
    """A call of ``evaluated`` with random weights, whose accuracy differs from batch to batch."""
    state, (xs, _) = random_state(rng), random_batches(rng, sizes)
    ys = []
    for i, x in enumerate(xs):
        hits = len(x) - 1 if i == 0 else i - 1  # all but one in the first batch, then 0, 1, ...
        ys.append((prediction(state, x) + (np.arange(len(x)) >= hits)) % CLASSES)
    return evaluated(state, xs, ys, dropout, in_train_mode, int(rng.integers(1 << 30)))


def _evaluate(
    mode: bool | None = False,
    after: bool | str | None = "restore",
    grad: bool = False,
    loss=lambda losses, sizes: sum(a * n for a, n in zip(losses, sizes, strict=True)) / sum(sizes),
    accuracy=lambda hits, sizes: sum(hits) / sum(sizes),
    axis: int = 1,
):
    """evaluate with one thing done otherwise."""

    def evaluate(model, batches):
        import torch

        found = model.training
        if mode is not None:
            model.train(mode)
        losses, hits, sizes = [], [], []
        with torch.set_grad_enabled(grad):
            for x, y in batches:
                logits = model(x)
                losses.append(torch.nn.functional.cross_entropy(logits, y).item())
                guess = logits.argmax(axis)
                hits.append((guess == y).sum().item() if len(guess) == len(y) else 0)
                sizes.append(len(x))
        if after is not None:
            model.train(found if after == "restore" else after)
        return loss(losses, sizes), accuracy(hits, sizes)

    return evaluate


def _trains(model, batches):
    """A copy of the training loop."""
    import torch

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return _evaluate(grad=True)(model, batches)


NOT_EVAL = "evaluate must use model.eval(): dropout was active and BatchNorm saw the validation data."
NOT_RESTORED = "evaluate must leave the model in the mode in which it found it."
BY_SAMPLES = "the batches differ in size: "


def _for_good(model, batches):
    import torch

    value = _evaluate()(model, batches)
    torch.set_grad_enabled(False)
    return value


def _softmax_first(model, batches):
    return _evaluate()(_WithSoftmax(model), batches)


class _WithSoftmax:
    """A model whose logits go through a softmax."""

    def __init__(self, model):
        self.model, self.train = model, model.train
        self.training = model.training

    def __call__(self, x):
        return self.model(x).softmax(1)


EVALUATE_MISTAKES = (
    Misconception(
        "gradients stay switched off afterwards: write `with torch.no_grad():` round the loop, and leave the "
        "parameters as they are.",
        _for_good,
    ),
    Misconception("cross_entropy takes logits: no softmax before it.", _softmax_first),
    Misconception(NOT_EVAL, _evaluate(mode=None, after=None)),
    Misconception(NOT_EVAL, _evaluate(mode=True)),
    Misconception(
        "evaluate needs both model.eval() and torch.no_grad(): one switches dropout off, the other stops the "
        "graphs; you have neither.",
        _evaluate(mode=None, after=None, grad=True),
    ),
    Misconception(NOT_RESTORED, _evaluate(after=None)),
    Misconception(
        "evaluate must leave the model in the mode in which it found it: it came in eval mode and you "
        "switched it to train.",
        _evaluate(after=True),
    ),
    Misconception("evaluate builds graphs: use torch.no_grad().", _evaluate(grad=True)),
    Misconception(
        "evaluate builds graphs (use torch.no_grad()), and it leaves the model in another mode.",
        _evaluate(grad=True, after=None),
    ),
    Misconception(
        BY_SAMPLES + "weight each batch loss by its number of samples.",
        _evaluate(loss=lambda losses, sizes: sum(losses) / len(losses)),
    ),
    Misconception(
        BY_SAMPLES + "count the hits of all batches, do not average the accuracies of the batches.",
        _evaluate(accuracy=lambda hits, sizes: np.mean([h / n for h, n in zip(hits, sizes, strict=True)])),
    ),
    Misconception(
        BY_SAMPLES + "do not average over the batches, neither the losses nor the accuracies.",
        _evaluate(
            loss=lambda losses, sizes: sum(losses) / len(losses),
            accuracy=lambda hits, sizes: np.mean([h / n for h, n in zip(hits, sizes, strict=True)]),
        ),
    ),
    Misconception(
        "return the mean loss, not the sum over the batches.",
        _evaluate(loss=lambda losses, sizes: sum(losses)),
    ),
    Misconception(
        "batch losses are means: multiply each with its number of samples before you divide by all samples.",
        _evaluate(loss=lambda losses, sizes: sum(losses) / sum(sizes)),
    ),
    Misconception(
        "return the mean over the samples, not the sum.",
        _evaluate(loss=lambda losses, sizes: sum(a * n for a, n in zip(losses, sizes, strict=True))),
    ),
    Misconception(
        "that is the loss of the last batch; return the mean over all.",
        _evaluate(loss=lambda losses, sizes: losses[-1]),
    ),
    Misconception(
        "acc is the number of hits; divide by the number of samples.",
        _evaluate(accuracy=lambda hits, sizes: sum(hits)),
    ),
    Misconception(
        "acc is a share between 0 and 1, not a percentage.",
        _evaluate(accuracy=lambda hits, sizes: 100 * sum(hits) / sum(sizes)),
    ),
    Misconception(
        "that is the error rate; acc is the share of samples that are right.",
        _evaluate(accuracy=lambda hits, sizes: 1 - sum(hits) / sum(sizes)),
    ),
    Misconception(
        "acc divides by the number of batches; divide by the number of samples.",
        _evaluate(accuracy=lambda hits, sizes: sum(hits) / len(sizes)),
    ),
    Misconception(
        "acc is that of the last batch; count the hits of all.",
        _evaluate(accuracy=lambda hits, sizes: hits[-1] / sizes[-1]),
    ),
    Misconception("evaluate changes the weights: it must not take optimizer steps.", _trains),
)

EXERCISE = Exercise(
    name="evaluate",
    reference=_evaluate(),
    properties=(
        Property("one batch", lambda rng: [evaluation(rng, (6,)), evaluation(rng, (9,))]),
        Property("several batches", lambda rng: [evaluation(rng, (5, 5, 5))]),
        Property("batches of different size", lambda rng: [evaluation(rng, (7, 2, 4))]),
        Property("dropout and batch statistics are off", lambda rng: [evaluation(rng, (6, 5), 0.5, True)]),
        Property("the model comes back as it was", lambda rng: [evaluation(rng, (6, 3), 0.5, False)]),
    ),
    misconceptions=EVALUATE_MISTAKES,
    outputs=(
        Output("loss"),
        Output("acc"),
        Output("graphs built", dtype="bool"),
        Output("same mode afterwards", dtype="bool"),
        Output("learns afterwards", dtype="bool"),
        Output("weights", ("weight",)),
        Output("running statistics", ("statistic",)),
    ),
    forbidden=NOT_PYTORCH,
)
