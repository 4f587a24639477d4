"""The architectures of keras.applications, small images, random weights; the last layer is scaled so that its answers differ."""

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
SIDE, CLASSES, BATCH, SEED = 96, 10, 2, 7
LOGITS_SPREAD = 1.5


def build(engine, name):
    """The model, images for it, and the formats to save it in."""
    model = getattr(engine.module.applications, name)(weights=None, input_shape=(SIDE, SIDE, 3), classes=CLASSES)
    randomize(model, SEED)
    images = np.random.default_rng(SEED).uniform(*APPLICATIONS[name], (BATCH, SIDE, SIDE, 3)).astype("float32")
    spread(model, images)
    return model, images, ["keras", "h5"] if engine.key == "k3" else ["h5"]


def spread(model, images):
    """Scales the last kernel: without it one class may have all the probability, or all the same."""
    kernels = [weight for weight in model.layers[-1].weights if len(weight.shape) >= 2] or [
        weight for weight in model.weights if len(weight.shape) >= 2][-1:]
    for _ in range(3):
        logits = np.log(np.clip(np.asarray(model(images, training=False)), 1e-30, 1))
        kernels[-1].assign(kernels[-1].numpy() * (LOGITS_SPREAD / max(float(logits.std()), 1e-6)))
    top = float(np.asarray(model(images, training=False)).max())
    if not 0.15 < top < 0.999:
        raise ValueError(f"the largest probability is {top}: nothing to compare")
