"""The architectures of keras.applications, small images, random weights; normalizations and the last layer are set so that answers differ."""

import numpy as np

from weights import randomize

# name -> the range of pixels that it takes: those that rescale by themselves take 0 to 255
APPLICATIONS = {
    "MobileNet": (-1, 1),
    "MobileNetV2": (-1, 1),
    "MobileNetV3Small": (0, 255),
    "ResNet50": (-1, 1),
    "ResNet50V2": (-1, 1),
    "DenseNet121": (-1, 1),
    "InceptionV3": (-1, 1),
    "Xception": (-1, 1),
    "NASNetMobile": (-1, 1),
    "EfficientNetB0": (0, 255),
    "EfficientNetV2B0": (0, 255),
    "ConvNeXtTiny": (0, 255),
}
SIDE, CLASSES, BATCH, SEED = 96, 10, 4, 7
LOGITS_SPREAD = 1.5


def build(engine, name):
    """The model, images for it, and the formats to save it in."""
    model = getattr(engine.module.applications, name)(weights=None, input_shape=(SIDE, SIDE, 3), classes=CLASSES)
    randomize(model, SEED)
    images = np.random.default_rng(SEED).uniform(*APPLICATIONS[name], (BATCH, SIDE, SIDE, 3)).astype("float32")
    settle(model, images)
    spread(model, images)
    return model, images, ["keras", "h5"] if engine.key == "k3" else ["h5"]


def settle(model, images):
    """Takes the statistics of batch normalizations from the images, then moves them: a deep model with any others forgets its input."""
    layers = [layer for layer in model.layers if type(layer).__name__ == "BatchNormalization"]
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0
    model(images, training=True)
    rng = np.random.default_rng(SEED + 1)
    for layer, momentum in zip(layers, momenta):
        layer.momentum = momentum
        mean, variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
        layer.moving_mean.assign((mean + rng.normal(0, 0.1, mean.shape) * np.sqrt(variance)).astype("float32"))
        layer.moving_variance.assign((variance * rng.uniform(0.8, 1.25, mean.shape)).astype("float32"))


def spread(model, images):
    """Scales the last kernel: without it one class may have all the probability, or all the same."""
    kernel = [weight for weight in model.layers[-1].weights or model.weights if len(weight.shape) >= 2][-1]
    for _ in range(4):
        logits = np.log(np.clip(np.asarray(model(images, training=False)), 1e-30, 1))
        kernel.assign(kernel.numpy() * (LOGITS_SPREAD / max(float(logits.std()), 1e-6)))
    answers = np.asarray(model(images, training=False))
    top, difference = float(answers.max()), float(np.ptp(answers, axis=0).max())
    if not (0.15 < top < 0.9999 and difference > 0.02):
        raise ValueError(f"the largest probability is {top}, the largest difference between images {difference}: nothing to compare")
