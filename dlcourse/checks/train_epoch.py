"""E29 ``train_epoch``: what is asked for, and the mistakes people make."""

import numpy as np

from dlcourse.checks import NOT_PYTORCH, Exercise, Misconception, Output, Property, driver
from dlcourse.checks.small_network import network, random_batches, random_state, statistics, tensors

NO_LIMIT = 1e6
ORDER = (
    "nothing is learned: the order is zero_grad, backward, clip, step (a zero_grad between backward and "
    "step, or a step before backward, uses empty gradients; without a step nothing moves)."
)


@driver
def one_epoch(train_epoch, state, xs, ys, max_norm, dropout, in_eval_mode, seed):
    """loss, does it still hang on a graph, all weights, the running statistics."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # the same dropout masks for everybody
        model = network(state, dropout).train(not in_eval_mode)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.5)
        loss = train_epoch(model, optimizer, tensors(xs, ys), max_norm)
    graph = bool(getattr(loss, "requires_grad", False))
    if isinstance(loss, torch.Tensor):
        loss = loss.detach().numpy()
    weights = np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])
    return loss, graph, weights, statistics(model)


def epoch(
    rng: np.random.Generator,
    sizes: tuple[int, ...] = (5, 3),
    max_norm: float = NO_LIMIT,
    dropout: float = 0.0,
    in_eval_mode: bool = False,
):
    """A call of ``one_epoch`` with random weights and batches."""
    return one_epoch(
        random_state(rng),
        *random_batches(rng, sizes),
        max_norm,
        dropout,
        in_eval_mode,
        int(rng.integers(1 << 30)),
    )


def _epoch(*steps: str, mode: bool | None = True, clip="clip_grad_norm_", total=None):
    """train_epoch as the sequence of ``steps`` for each batch, "zero backward clip step" if it is right."""

    def train_epoch(model, opt, batches, max_norm):
        import torch

        if mode is not None:
            model.train(mode)
        losses, sizes = [], []
        for x, y in batches:
            loss = torch.nn.functional.cross_entropy(model(x), y)
            for step in steps:
                if step == "zero":
                    opt.zero_grad()
                elif step == "backward":
                    loss.backward()
                elif step == "clip":
                    getattr(torch.nn.utils, clip)(model.parameters(), max_norm)
                elif step == "step":
                    opt.step()
            losses.append(loss if total is _with_graph else loss.item())
            sizes.append(len(x))
        return (total or _mean)(losses, sizes)

    return train_epoch


def _mean(losses, sizes):
    return sum(loss * n for loss, n in zip(losses, sizes, strict=True)) / sum(sizes)


def _with_graph(losses, sizes):
    return _mean(losses, sizes)


RIGHT = ("zero", "backward", "clip", "step")


def _one_step_at_the_end(model, opt, batches, max_norm):
    import torch

    model.train()
    loss = _epoch("backward")(model, opt, batches, max_norm)
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    opt.step()
    return loss


def _clips_each(model, opt, batches, max_norm):
    import torch

    def clip(parameters, most):
        for p in parameters:
            torch.nn.utils.clip_grad_norm_([p], most)

    model.train()
    losses, sizes = [], []
    for x, y in batches:
        loss = torch.nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        clip(model.parameters(), max_norm)
        opt.step()
        losses.append(loss.item())
        sizes.append(len(x))
    return _mean(losses, sizes)


def _softmax_first(model, opt, batches, max_norm):
    import torch

    model.train()
    losses, sizes = [], []
    for x, y in batches:
        loss = torch.nn.functional.cross_entropy(model(x).softmax(1), y)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        opt.step()
        losses.append(loss.item())
        sizes.append(len(x))
    return _mean(losses, sizes)


def _after_the_step(model, opt, batches, max_norm):
    import torch

    model.train()
    losses, sizes = [], []
    for batch in batches:
        _epoch(*RIGHT)(model, opt, [batch], max_norm)
        with torch.no_grad():
            losses.append(torch.nn.functional.cross_entropy(model(batch[0]), batch[1]).item())
        sizes.append(len(batch[0]))
    return _mean(losses, sizes)


def _loss(function):
    return _epoch(*RIGHT, total=function)


EPOCH_MISTAKES = (
    Misconception("cross_entropy takes logits: no softmax before it.", _softmax_first),
    Misconception(
        "each loss is that before the step of its batch; yours is computed after it.", _after_the_step
    ),
    Misconception(
        "gradients of earlier batches are never cleared (zero_grad).", _epoch("backward", "clip", "step")
    ),
    Misconception(ORDER, _epoch("backward", "zero", "step")),
    Misconception(ORDER, _epoch("zero", "step", "backward", "clip")),
    Misconception(
        "train_epoch must switch to model.train(): after an evaluation dropout and batch statistics would "
        "stay off.",
        _epoch(*RIGHT, mode=None),
    ),
    Misconception("you train in evaluation mode: call model.train() first.", _epoch(*RIGHT, mode=False)),
    Misconception("accumulate loss.item(): adding tensors keeps every graph in memory.", _loss(_with_graph)),
    Misconception("the gradients are not clipped before the step.", _epoch("zero", "backward", "step")),
    Misconception(
        "you clip values (clip_grad_value_): the norm of all gradients together is limited.",
        _epoch(*RIGHT, clip="clip_grad_value_"),
    ),
    Misconception(
        "each parameter is clipped on its own: one common factor keeps the direction.", _clips_each
    ),
    Misconception(
        "one step is made at the end of the epoch: make one for every batch.", _one_step_at_the_end
    ),
    Misconception(
        "the batches differ in size: weight each batch loss by its number of samples.",
        _loss(lambda losses, sizes: sum(losses) / len(losses)),
    ),
    Misconception(
        "return the mean loss, not the sum over the batches.", _loss(lambda losses, sizes: sum(losses))
    ),
    Misconception(
        "return the mean over the samples, not the sum.",
        _loss(lambda losses, sizes: sum(a * n for a, n in zip(losses, sizes, strict=True))),
    ),
    Misconception(
        "batch losses are means: multiply each with its number of samples before you divide by all samples.",
        _loss(lambda losses, sizes: sum(losses) / sum(sizes)),
    ),
    Misconception(
        "that is the loss of the last batch; return the mean over all.",
        _loss(lambda losses, sizes: losses[-1]),
    ),
    Misconception(
        "that is the loss of the first batch; return the mean over all.",
        _loss(lambda losses, sizes: losses[0]),
    ),
)

EXERCISE = Exercise(
    name="train_epoch",
    reference=_epoch(*RIGHT),
    properties=(
        Property("one batch: the weights after it", lambda rng: [epoch(rng, (5,))]),
        Property("several batches", lambda rng: [epoch(rng, (4, 4, 4))]),
        Property("batches of different size: the loss", lambda rng: [epoch(rng, (7, 2, 4))]),
        Property("clipping by the norm", lambda rng: [epoch(rng, (5, 3), max_norm=0.05)]),
        Property(
            "after an evaluation (the model comes in eval mode), with dropout",
            lambda rng: [epoch(rng, (6, 4), dropout=0.5, in_eval_mode=True)],
        ),
    ),
    misconceptions=EPOCH_MISTAKES,
    outputs=(
        Output("loss"),
        Output("graph", dtype="bool"),
        Output("weights", ("weight",)),
        Output("running statistics", ("statistic",)),
    ),
    forbidden=NOT_PYTORCH,
    rtol=1e-5,
    atol=1e-6,
)
