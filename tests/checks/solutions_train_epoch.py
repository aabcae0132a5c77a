"""E29 train_epoch as people write it: correct in different ways; wrong, with a part of its sentence."""

import torch
import torch.nn.functional as F
from torch.nn.utils import clip_grad_norm_


def by_hand(model, opt, batches, max_norm):
    """Clips by hand; the loss as log-softmax; gradients cleared at the end."""
    model.train()
    losses = []
    for x, y in batches:
        log_p = torch.log_softmax(model(x), dim=1)
        loss = -log_p[torch.arange(len(y)), y].mean()
        loss.backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        norm = torch.sqrt(sum((g**2).sum() for g in gradients))
        if norm > max_norm:
            for g in gradients:
                g.mul_(max_norm / norm)
        opt.step()
        opt.zero_grad()
        losses += [loss.item()] * len(y)
    return sum(losses) / len(losses)


def with_a_criterion(model, opt, batches, max_norm):
    criterion = torch.nn.CrossEntropyLoss(reduction="sum")
    model.train(True)
    running = torch.zeros(())
    for inputs, labels in batches:
        opt.zero_grad(set_to_none=False)
        loss = criterion(model(inputs), labels)
        (loss / inputs.shape[0]).backward()
        torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm=max_norm)
        opt.step()
        running = running + loss.detach()
    return running / sum(len(labels) for _, labels in batches)


def with_a_closure(model, opt, batches, max_norm: float) -> float:
    model.train()
    total = count = 0
    for x, y in batches:

        def closure(x=x, y=y):
            opt.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            clip_grad_norm_(model.parameters(), max_norm)
            return loss

        total += float(opt.step(closure)) * y.numel()
        count += y.numel()
    return total / count


CORRECT = [by_hand, with_a_criterion, with_a_closure]


def _written(do, mode="train", mean=None):
    def train_epoch(model, opt, batches, max_norm):
        if mode:
            getattr(model, mode)()
        losses, sizes = [], []
        for x, y in batches:
            loss = F.cross_entropy(model(x), y)
            do(model, opt, loss, max_norm)
            losses.append(loss.item())
            sizes.append(len(y))
        if mean:
            return mean(losses, sizes)
        return sum(a * n for a, n in zip(losses, sizes, strict=True)) / sum(sizes)

    return train_epoch


def right(model, opt, loss, max_norm):
    opt.zero_grad()
    loss.backward()
    clip_grad_norm_(model.parameters(), max_norm)
    opt.step()


def no_zero_grad(model, opt, loss, max_norm):
    loss.backward()
    clip_grad_norm_(model.parameters(), max_norm)
    opt.step()


def zero_after_backward(model, opt, loss, max_norm):
    loss.backward()
    opt.zero_grad()
    opt.step()


def step_before_backward(model, opt, loss, max_norm):
    opt.zero_grad()
    opt.step()
    loss.backward()


def no_step(model, opt, loss, max_norm):
    opt.zero_grad()
    loss.backward()


def no_clipping(model, opt, loss, max_norm):
    opt.zero_grad()
    loss.backward()
    opt.step()


def clips_afterwards(model, opt, loss, max_norm):
    no_clipping(model, opt, loss, max_norm)
    clip_grad_norm_(model.parameters(), max_norm)


def clips_values(model, opt, loss, max_norm):
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(model.parameters(), max_norm)
    opt.step()


def clips_each(model, opt, loss, max_norm):
    opt.zero_grad()
    loss.backward()
    for p in model.parameters():
        clip_grad_norm_(p, max_norm)
    opt.step()


def keeps_the_graph(model, opt, batches, max_norm):
    model.train()
    total, count = 0, 0
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        right(model, opt, loss, max_norm)
        total = total + loss * len(y)
        count += len(y)
    return total / count


def one_step(model, opt, batches, max_norm):
    model.train()
    opt.zero_grad()
    total = 0
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        total += loss.item() * len(y)
    clip_grad_norm_(model.parameters(), max_norm)
    opt.step()
    return total / sum(len(y) for _, y in batches)


def nothing(model, opt, batches, max_norm):
    for x, y in batches:
        right(model.train(), opt, F.cross_entropy(model(x), y), max_norm)


def all_losses(model, opt, batches, max_norm):
    return _written(right, mean=lambda losses, sizes: losses)(model, opt, batches, max_norm)


def softmax_first(model, opt, batches, max_norm):
    model.train()
    total = 0.0
    for x, y in batches:
        opt.zero_grad()
        loss = torch.nn.functional.cross_entropy(torch.softmax(model(x), 1), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        opt.step()
        total += loss.item() * len(y)
    return total / sum(len(y) for _, y in batches)


def loss_after(model, opt, batches, max_norm):
    model.train()
    total = 0.0
    for x, y in batches:
        opt.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        opt.step()
        total += torch.nn.functional.cross_entropy(model(x), y).item() * len(y)
    return total / sum(len(y) for _, y in batches)


WRONG = {
    "softmax first": (softmax_first, "no softmax before it"),
    "loss after the step": (loss_after, "yours is computed after it"),
    "no zero_grad": (_written(no_zero_grad), "never cleared"),
    "zero_grad after backward": (_written(zero_after_backward), "nothing is learned"),
    "step before backward": (_written(step_before_backward), "nothing is learned"),
    "no step": (_written(no_step), "nothing is learned"),
    "mode left": (_written(right, mode=None), "must switch to model.train()"),
    "eval": (_written(right, mode="eval"), "you train in evaluation mode"),
    "graph": (keeps_the_graph, "accumulate loss.item()"),
    "no clipping": (_written(no_clipping), "not clipped before the step"),
    "clips afterwards": (_written(clips_afterwards), "not clipped before the step"),
    "clips values": (_written(clips_values), "you clip values"),
    "clips each": (_written(clips_each), "clipped on its own"),
    "one step": (one_step, "make one for every batch"),
    "mean of means": (_written(right, mean=lambda a, n: sum(a) / len(a)), "weight each batch loss"),
    "sum of means": (_written(right, mean=lambda a, n: sum(a)), "not the sum over the batches"),
    "by samples": (_written(right, mean=lambda a, n: sum(a) / sum(n)), "multiply each with its number"),
    "last": (_written(right, mean=lambda a, n: a[-1]), "loss of the last batch"),
    "nothing": (nothing, "loss is None"),
    "all losses": (all_losses, "loss is a list"),
}
