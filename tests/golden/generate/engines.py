"""The real Kerases that write the golden files, behind one small interface.

`k3` is Keras 3 on TensorFlow, `k2` is tf-keras, the line of Keras 2. In the environment of an older Keras there is one engine, called
after its version: `k2_13`. A case names layers and options by their Keras 3 names; an engine knows what its generation calls them.
"""

import importlib
import importlib.util
import os

# Set before TensorFlow is imported: one thread and no oneDNN, so that sums are taken in one order on every machine.
os.environ.update(
    KERAS_BACKEND="tensorflow",
    TF_ENABLE_ONEDNN_OPTS="0",
    TF_CPP_MIN_LOG_LEVEL="3",
    TF_NUM_INTRAOP_THREADS="1",
    TF_NUM_INTEROP_THREADS="1",
    CUDA_VISIBLE_DEVICES="",
)

import keras
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

# (class, option of Keras 3) -> the same option of Keras 2.
KERAS2_OPTIONS = {("LeakyReLU", "negative_slope"): "alpha"}


class Engine:
    """One generation of Keras: builds layers and models from the case tables."""

    def __init__(self, key, module):
        self.key = key
        self.module = module
        self.generator = f"{module.__name__.replace('_', '-')} {module.__version__}"
        self._renamed = KERAS2_OPTIONS if module.__version__.startswith("2.") else {}

    def forget_names(self):
        """Number automatic names from the start, so that a case's names do not depend on the cases before it."""
        self.module.backend.clear_session()

    def input(self, shape, name="input", dtype="float32", batch=None):
        return self.module.Input(shape=shape, name=name, dtype=dtype, batch_size=batch)

    def layer(self, class_name, name, **config):
        """Make a layer; an option given as (class, name, config), or a list of such, is made first (the inner layers of wrappers, cells)."""
        config = {key: self._made(value) for key, value in config.items()}
        config = {self._renamed.get((class_name, key), key): value for key, value in config.items()}
        return getattr(self.module.layers, class_name)(name=name, **config)

    def _made(self, value):
        if isinstance(value, list):
            return [self._made(item) for item in value]
        if isinstance(value, tuple) and len(value) == 3 and isinstance(value[2], dict):
            return self.layer(value[0], value[1], **value[2])
        return value

    def sequential(self, layers, name="sequential"):
        return self.module.Sequential(layers, name=name)

    def model(self, inputs, outputs, name="model"):
        return self.module.Model(inputs, outputs, name=name)


def installed_engines():
    """The engines of this environment, by key."""
    if importlib.util.find_spec("tf_keras"):
        return {"k3": Engine("k3", keras), "k2": Engine("k2", importlib.import_module("tf_keras"))}
    major, minor = keras.__version__.split(".")[:2]
    key = f"k{major}_{minor}"
    return {key: Engine(key, keras)}


ENGINES = installed_engines()
