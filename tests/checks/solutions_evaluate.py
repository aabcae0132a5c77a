"""E29 evaluate as people write it: correct in different ways; wrong, with a part of its sentence."""

import torch
import torch.nn.functional as F


@torch.no_grad()
def decorated(model, batches):
    was_training = model.training
    model.eval()
    losses, hits = [], []
    for x, y in batches:
        z = model(x)
        losses.append(F.cross_entropy(z, y, reduction="none"))
        hits.append(z.argmax(1) == y)
    if was_training:
        model.train()
    return torch.cat(losses).mean().item(), torch.cat(hits).double().mean().item()


def inference(model, batches):
    mode = model.training
    try:
        model.train(False)
        with torch.inference_mode():
            x = torch.cat([x for x, _ in batches])
            y = torch.cat([y for _, y in batches])
            log_p = model(x).log_softmax(-1)
        return -log_p.gather(1, y[:, None]).mean(), (log_p.max(dim=1).indices == y).sum() / len(y)
    finally:
        model.train(mode)


def generator(model, batches):
    def outputs():
        for x, y in batches:
            yield model(x), y

    mode, n, loss, right = model.training, 0, 0.0, 0
    model.eval()
    with torch.set_grad_enabled(False):
        for z, y in outputs():
            n += y.size(0)
            loss += F.cross_entropy(z, y, reduction="sum").item()
            right += int((z.argmax(dim=-1) == y).sum())
    model.train(mode)
    return loss / n, right / n


CORRECT = [decorated, inference, generator]


def _mean(values, sizes):
    return sum(v * n for v, n in zip(values, sizes, strict=True)) / sum(sizes)


def _written(enter="eval", leave="restore", grad=False, loss=_mean, accuracy=_mean):
    def evaluate(model, batches):
        mode = model.training
        if enter:
            getattr(model, enter)()
        losses, accuracies, sizes = [], [], []
        with torch.set_grad_enabled(grad):
            for x, y in batches:
                z = model(x)
                losses.append(F.cross_entropy(z, y).item())
                accuracies.append((z.argmax(1) == y).double().mean().item())
                sizes.append(len(y))
        if leave == "restore":
            model.train(mode)
        elif leave:
            getattr(model, leave)()
        return loss(losses, sizes), accuracy(accuracies, sizes)

    return evaluate


def _average(values, sizes):
    return sum(values) / len(values)


def trains(model, batches):
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in batches:
        opt.zero_grad()
        F.cross_entropy(model(x), y).backward()
        opt.step()
    return _written(grad=True)(model, batches)


def only_loss(model, batches):
    return decorated(model, batches)[0]


def swapped(model, batches):
    return decorated(model, batches)[::-1]


def _switched_off(switch):
    def evaluate(model, batches):
        switch(model)
        found = model.training
        model.eval()
        total, hits, count = 0.0, 0, 0
        for x, y in batches:
            logits = model(x)
            total += torch.nn.functional.cross_entropy(logits, y).item() * len(y)
            hits += (logits.argmax(1) == y).sum().item()
            count += len(y)
        model.train(found)
        return total / count, hits / count

    return evaluate


def softmax_first(model, batches):
    found = model.training
    model.eval()
    total, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for x, y in batches:
            p = model(x).softmax(dim=-1)
            total += torch.nn.functional.cross_entropy(p, y, reduction="sum").item()
            hits += (p.max(1).indices == y).sum().item()
            count += len(y)
    model.train(found)
    return total / count, hits / count


WRONG = {
    "no gradients for good": (
        _switched_off(lambda model: torch.set_grad_enabled(False)),
        "gradients stay switched off",
    ),
    "frozen": (_switched_off(lambda model: model.requires_grad_(False)), "gradients stay switched off"),
    "softmax first": (softmax_first, "no softmax before it"),
    "no eval": (_written(enter=None, leave=None), "must use model.eval()"),
    "in train": (_written(enter="train"), "must use model.eval()"),
    "neither": (_written(enter=None, leave=None, grad=True), "you have neither"),
    "not restored": (_written(leave=None), "in the mode in which it found it."),
    "always train": (_written(leave="train"), "you switched it to train"),
    "graphs": (_written(grad=True), "evaluate builds graphs: use torch.no_grad()."),
    "graphs, not restored": (_written(grad=True, leave=None), "and it leaves the model in another mode"),
    "mean of losses": (_written(loss=_average), "weight each batch loss"),
    "mean of accuracies": (_written(accuracy=_average), "count the hits of all batches"),
    "mean of both": (_written(loss=_average, accuracy=_average), "neither the losses nor the accuracies"),
    "percent": (_written(accuracy=lambda a, n: 100 * _mean(a, n)), "not a percentage"),
    "hits": (_written(accuracy=lambda a, n: round(_mean(a, n) * sum(n))), "acc is the number of hits"),
    "error": (_written(accuracy=lambda a, n: 1 - _mean(a, n)), "that is the error rate"),
    "last accuracy": (_written(accuracy=lambda a, n: a[-1]), "acc is that of the last batch"),
    "summed loss": (_written(loss=lambda a, n: sum(a)), "not the sum over the batches"),
    "last loss": (_written(loss=lambda a, n: a[-1]), "loss of the last batch"),
    "trains": (trains, "must not take optimizer steps"),
    "swapped": (swapped, "loss and acc are exchanged"),
    "only the loss": (only_loss, "it raised ValueError"),
}
