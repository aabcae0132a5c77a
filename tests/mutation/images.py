"""Faults in convolution and pooling."""

from mutation import Fault

FAULTS = [
    Fault(
        "conv.py",
        "patches = window.patches(window.pad(channels_last(x)))  #",
        "patches = window.patches(window.pad(channels_last(x)))[:, :, :, ::-1, ::-1]  #",
        "the kernel is turned by 180°, as the word convolution says",
    ),
    Fault(
        "conv.py",
        "w = weight.transpose(2, 3, 1, 0).reshape(-1, len(weight))",
        "w = weight.transpose(3, 2, 1, 0).reshape(-1, len(weight))",
        "rows and columns of the kernel exchanged",
    ),
    Fault("conv.py", "            out += bias\n", "            out -= bias\n", "the bias has the wrong sign"),
    Fault("conv.py", "dw += as_rows(", "dw = as_rows(", "only the last part of the batch counts for dweight"),
    Fault(
        "conv.py",
        "        db += np.ones(",
        "        db = np.ones(",
        "only the last part of the batch counts for dbias",
    ),
    Fault(
        "conv.py",
        "pixels += (rows @ w_pq).reshape(pixels.shape)",
        "pixels[...] = (rows @ w_pq).reshape(pixels.shape)",
        "a pixel under several windows keeps the gradient of the last one",
    ),
    Fault(
        "conv.py",
        "channels_first(window.crop(dx)), dweight, db",
        "channels_first(dx), dweight, db",
        "the border is not cut off the gradient",
    ),
    Fault(
        "conv.py",
        ".reshape(-1, outputs, channels)  #",
        ".reshape(-1, outputs, channels)[::-1]  #",
        "the kernel is turned in the backward pass, although the views run in its order",
    ),
    Fault(
        "conv.py",
        "dw.reshape(*window.kernel, channels, outputs).transpose(3, 2, 0, 1)",
        "dw.reshape(*window.kernel[::-1], channels, outputs).transpose(3, 2, 1, 0)",
        "rows and columns of dweight exchanged",
    ),
    Fault(
        "conv.py",
        "[conv2d(*part, stride, padding, dilation) for part in parts]",
        "[conv2d(*part, stride, padding) for part in parts]",
        "dilation is lost on the way into the groups",
    ),
    Fault("conv.py", "self.bias.grad += dbias", "pass", "no gradient for the bias"),
    Fault(
        "conv.py",
        "self.weight.grad += dweight",
        "self.weight.grad = dweight",
        "= for +=: gradients do not add up",
    ),
    Fault(
        "windows.py",
        "return view[:, ::s, ::t, :,",
        "return view[:, ::t, ::s, :,",
        "the strides of rows and columns exchanged",
    ),
    Fault(
        "windows.py",
        "::d, ::e].transpose",
        "::e, ::d].transpose",
        "the dilations of rows and columns exchanged",
    ),
    Fault(
        "windows.py", "return tuple((n - a) // s + 1", "return tuple((n - a) // s", "one output row too few"
    ),
    Fault(
        "windows.py",
        "return tuple((n - a) // s + 1",
        "return tuple(-(-(n - a) // s) + 1",
        "rounded up, not down",
    ),
    Fault(
        "windows.py", "constant_values=value)", "constant_values=0)", "max pooling sees zeros at the border"
    ),
    Fault(
        "windows.py",
        "x[:, top : x.shape[1] - bottom,",
        "x[:, bottom : x.shape[1] - top,",
        "an uneven border is cut off at the wrong end",
    ),
    Fault(
        "windows.py",
        "((a - 1) // 2, a - 1 - (a - 1) // 2)",
        "(a - 1 - (a - 1) // 2, (a - 1) // 2)",
        "same padding with the larger half above",
    ),
    Fault("windows.py", "tuple(d * (k - 1) + 1 for", "tuple(d * k for", "the span of a dilated kernel"),
    Fault(
        "windows.py",
        "x[:, d * p : d * p + s * (rows - 1) + 1 : s,",
        "x[:, p : p + s * (rows - 1) + 1 : s,",
        "the backward pass forgets the dilation of the rows",
    ),
    Fault(
        "windows.py",
        "patches.transpose(3, 4, 5, 0, 1, 2)",
        "patches.transpose(4, 3, 5, 0, 1, 2)",
        "rows and columns of the kernel exchanged where the channels are few",
    ),
    Fault(
        "conv.py",
        "dilation, 1, input_grad)",
        "dilation, 1, False)",
        "groups get no gradient of the input",
    ),
    Fault(
        "pooling.py",
        "                dpixels += given",
        "                dpixels[...] = given",
        "overlapping windows overwrite",
    ),
    Fault(
        "pooling.py",
        "given = (winner[n] == place)",
        "given = (winner[n] >= place)",
        "pixels before the winner get the gradient too",
    ),
    Fault(
        "pooling.py",
        "pixels > y[n]",
        "pixels >= y[n]",
        "the last of several maxima gets the gradient, not the first",
    ),
    Fault(
        "pooling.py",
        "kernel_size if stride is None else stride",
        "1 if stride is None else stride",
        "the stride is 1 unless given, as in convolution",
    ),
    Fault(
        "pooling.py",
        "window.kernel[0] * window.kernel[1]",
        "window.kernel[0] * window.kernel[0]",
        "the mean of a window that is not square",
    ),
    Fault(
        "pooling.py",
        "share = channels_last(dy) / _pixel_count(window, x, count_include_pad)",
        "share = channels_last(dy) / _pixel_count(window, x, True)",
        "the backward pass counts the border although the forward pass does not",
    ),
    Fault(
        "pooling.py",
        "share = channels_last(dy) / _pixel_count(window, x, count_include_pad)",
        "share = channels_last(dy)",
        "the gradient of a mean without 1/k",
    ),
    Fault(
        "pooling.py",
        "(pixel < -(-(i + 1) * size // bins))",
        "(pixel < (i + 1) * size // bins)",
        "bins of unequal size end rounded down",
    ),
    Fault(
        "flatten.py",
        "return x.reshape(len(x), -1)",
        "return np.moveaxis(x, 1, -1).reshape(len(x), -1)",
        "Keras' order H, W, C",
    ),
]
