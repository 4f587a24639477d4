"""The two real Keras that write the golden files, behind one small interface.

`k3` is Keras 3 on TensorFlow, `k2` is tf-keras, the line of Keras 2. A case names layers and options by their Keras 3 names; an
engine knows what its own generation calls them.
"""

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
import tf_keras

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

# (class, option of Keras 3) -> the same option of Keras 2.
KERAS2_OPTIONS = {("LeakyReLU", "negative_slope"): "alpha"}


class Engine:
    """One generation of Keras: builds layers and models from the case tables."""

    def __init__(self, key, module, generator, renamed_options=None):
        self.key = key
        self.module = module
        self.generator = generator
        self._renamed = renamed_options or {}

    def input(self, shape, name="input", dtype="float32"):
        return self.module.Input(shape=shape, name=name, dtype=dtype)

    def layer(self, class_name, name, **config):
        """Make a layer; a `layer` option given as (class, name, config) is made first (Bidirectional's inner layer)."""
        if isinstance(config.get("layer"), tuple):
            inner_class, inner_name, inner_config = config["layer"]
            config["layer"] = self.layer(inner_class, inner_name, **inner_config)
        config = {self._renamed.get((class_name, key), key): value for key, value in config.items()}
        return getattr(self.module.layers, class_name)(name=name, **config)

    def sequential(self, layers, name="sequential"):
        return self.module.Sequential(layers, name=name)

    def model(self, inputs, outputs, name="model"):
        return self.module.Model(inputs, outputs, name=name)


ENGINES = {
    "k3": Engine("k3", keras, f"keras {keras.__version__}"),
    "k2": Engine("k2", tf_keras, f"tf-keras {tf_keras.__version__}", KERAS2_OPTIONS),
}
