"""Random models: a seed gives a spec (what a model is made of, as JSON), a spec gives a model of real Keras.

A spec lists inputs and nodes. A node names a layer class, its options (by their Keras 3 names) and the tensors that it is called on. The
shapes that a layer can take are Keras's to judge: the generator calls what it draws, and draws again where Keras refuses.
"""

import math
import random

ACTIVATIONS = ["relu", "tanh", "sigmoid", "softplus", "softsign", "elu", "selu", "swish", "gelu", "linear", "exponential", "hard_sigmoid",
               "relu6", "mish", "softmax"]
GATES = ["sigmoid", "hard_sigmoid", "softsign", "tanh"]
PADDINGS = ["valid", "same"]
MERGES = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]


def layer(class_name, **config):
    return {"class": class_name, "config": config}


class Draw:
    """Draws layers that may fit a tensor of some shape (without the batch)."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def one(self, values):
        return self.rng.choice(values)

    def chance(self, probability):
        return self.rng.random() < probability

    def number(self, low, high):
        return self.rng.randint(low, high)

    def real(self, low, high):
        return round(self.rng.uniform(low, high), 3)

    def axis(self, rank):
        """An axis of a tensor with a batch, not the batch."""
        return self.one([-1, self.number(1, rank - 1)])

    # ---- of any rank ----

    def any_rank(self, shape):
        rank = len(shape) + 1
        name = self.one(["Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "Dropout", "GaussianNoise", "GaussianDropout",
                         "AlphaDropout", "Rescaling", "Identity", "ActivityRegularization", "Dense", "BatchNormalization",
                         "LayerNormalization", "GroupNormalization", "RMSNormalization", "UnitNormalization", "Flatten", "Reshape",
                         "SpectralNormalization", "EinsumDense"])
        return getattr(self, f"_{name}", lambda shape, rank: layer(name))(shape, rank)

    def _Activation(self, shape, rank):
        return layer("Activation", activation=self.one(ACTIVATIONS))

    def _ReLU(self, shape, rank):
        return layer("ReLU", max_value=self.one([None, 1.0, 6.0]), negative_slope=self.one([0.0, 0.1]), threshold=self.one([0.0, 0.25]))

    def _LeakyReLU(self, shape, rank):
        return layer("LeakyReLU", negative_slope=self.real(0, 0.5))

    def _ELU(self, shape, rank):
        return layer("ELU", alpha=self.real(0.2, 1.5))

    def _PReLU(self, shape, rank):
        return layer("PReLU", shared_axes=self.one([None, [1], list(range(1, rank - 1)) or None]))

    def _Softmax(self, shape, rank):
        return layer("Softmax", axis=self.axis(rank))

    def _Dropout(self, shape, rank):
        return layer("Dropout", rate=self.real(0.1, 0.6))

    def _GaussianNoise(self, shape, rank):
        return layer("GaussianNoise", stddev=0.3)

    def _GaussianDropout(self, shape, rank):
        return layer("GaussianDropout", rate=0.3)

    def _AlphaDropout(self, shape, rank):
        return layer("AlphaDropout", rate=0.3)

    def _Rescaling(self, shape, rank):
        return layer("Rescaling", scale=self.real(0.2, 2), offset=self.real(-1, 1))

    def _ActivityRegularization(self, shape, rank):
        return layer("ActivityRegularization", l1=0.01, l2=0.02)

    def _Dense(self, shape, rank):
        return layer("Dense", units=self.number(1, 8), activation=self.one(ACTIVATIONS), use_bias=self.chance(0.8))

    def _BatchNormalization(self, shape, rank):
        return layer("BatchNormalization", axis=self.axis(rank), epsilon=self.one([1e-3, 1e-5]), center=self.chance(0.8), scale=self.chance(0.8))

    def _LayerNormalization(self, shape, rank):
        return layer("LayerNormalization", axis=self.one([-1, list(range(1, rank)), rank - 1]), epsilon=self.one([1e-3, 1e-6]),
                     center=self.chance(0.8), scale=self.chance(0.8))

    def _GroupNormalization(self, shape, rank):
        divisors = [n for n in range(1, (shape[-1] or 1) + 1) if (shape[-1] or 1) % n == 0]
        return layer("GroupNormalization", groups=self.one(divisors + [-1]), axis=-1, center=self.chance(0.8), scale=self.chance(0.8))

    def _UnitNormalization(self, shape, rank):
        return layer("UnitNormalization", axis=self.axis(rank))

    def _Reshape(self, shape, rank):
        if None in shape:
            return layer("Reshape", target_shape=[-1, shape[-1]])
        size = math.prod(shape)
        if size == 0:
            return layer("Identity")
        first = self.one([n for n in range(1, size + 1) if size % n == 0])
        return layer("Reshape", target_shape=self.one([[size], [first, -1], [first, size // first], list(reversed(shape))]))

    def _SpectralNormalization(self, shape, rank):
        return layer("SpectralNormalization", layer=layer("Dense", units=self.number(1, 5)))

    def _EinsumDense(self, shape, rank):
        letters = "abcdef"[: rank - 1]
        return layer("EinsumDense", equation=f"{letters}x,xy->{letters}y" if None not in shape else f"...x,xy->...y",
                     output_shape=[*shape[:-1], self.number(1, 6)], bias_axes=self.one([None, "y"]), activation=self.one(ACTIVATIONS))

    # ---- sequences: [steps, features] ----

    def sequence(self, shape):
        name = self.one(["LSTM", "GRU", "SimpleRNN", "Bidirectional", "Bidirectional", "RNN", "TimeDistributed", "Masking", "Conv1D", "Conv1D",
                         "Conv1DTranspose", "SeparableConv1D", "DepthwiseConv1D", "MaxPooling1D", "AveragePooling1D", "GlobalMaxPooling1D",
                         "GlobalAveragePooling1D", "UpSampling1D", "ZeroPadding1D", "Cropping1D", "SpatialDropout1D", "Permute"])
        if name in ("LSTM", "GRU", "SimpleRNN"):
            return self.recurrent(name)
        return getattr(self, f"_{name}", lambda shape: layer(name))(shape)

    def recurrent(self, name, sequences=None):
        config = dict(units=self.number(1, 7), activation=self.one(["tanh", "relu", "softsign", "linear", "swish"]), use_bias=self.chance(0.8),
                      return_sequences=self.chance(0.6) if sequences is None else sequences, go_backwards=self.chance(0.3))
        if name != "SimpleRNN":
            config["recurrent_activation"] = self.one(GATES)
        if name == "GRU":
            config["reset_after"] = self.chance(0.6)
        return layer(name, **config)

    def cell(self):
        name = self.one(["LSTMCell", "GRUCell", "SimpleRNNCell"])
        drawn = self.recurrent(name.removesuffix("Cell"))["config"]
        return layer(name, **{key: drawn[key] for key in drawn if key not in ("return_sequences", "go_backwards")})

    def _RNN(self, shape):
        cells = [self.cell() for _ in range(self.number(1, 2))]
        return layer("RNN", cell=cells[0] if len(cells) == 1 else cells, return_sequences=self.chance(0.5), go_backwards=self.chance(0.3))

    def _Bidirectional(self, shape):
        inner = self.recurrent(self.one(["LSTM", "GRU", "SimpleRNN"]))
        inner["config"]["go_backwards"] = False
        return layer("Bidirectional", layer=inner, merge_mode=self.one(["concat", "sum", "mul", "ave"]))

    def _TimeDistributed(self, shape):
        inner = self.one([self._Dense, self._Activation, self._LayerNormalization])(shape[1:], len(shape))
        return layer("TimeDistributed", layer=inner)

    def _Masking(self, shape):
        return layer("Masking", mask_value=0.0)

    def conv(self, name, axes, **more):
        stride = self.one([1, 1, 2])
        config = dict(kernel_size=[self.number(1, 3) for _ in range(axes)], padding=self.one(PADDINGS), strides=[stride] * axes,
                      activation=self.one(ACTIVATIONS), use_bias=self.chance(0.8))
        if stride == 1 and self.chance(0.3):
            config["dilation_rate"] = [2] * axes
        if axes == 1:
            config = {key: value[0] if isinstance(value, list) else value for key, value in config.items()}
        return layer(name, **config, **more)

    def filters(self):
        return {"filters": self.number(1, 6)}

    def _Conv1D(self, shape):
        drawn = self.conv("Conv1D", 1, **self.filters())
        if self.chance(0.2):
            drawn["config"]["padding"] = "causal"
        return drawn

    def _Conv1DTranspose(self, shape):
        return self.transpose("Conv1DTranspose", 1)

    def transpose(self, name, axes):
        drawn = self.conv(name, axes, **self.filters())
        drawn["config"].pop("dilation_rate", None)
        return drawn

    def _SeparableConv1D(self, shape):
        return self.conv("SeparableConv1D", 1, depth_multiplier=self.number(1, 2), **self.filters())

    def _DepthwiseConv1D(self, shape):
        return self.conv("DepthwiseConv1D", 1, depth_multiplier=self.number(1, 3))

    def pool(self, name, axes):
        size = [self.number(1, 3) for _ in range(axes)]
        strides = self.one([None, [self.number(1, 2)] * axes])
        if axes == 1:
            size, strides = size[0], strides and strides[0]
        return layer(name, pool_size=size, strides=strides, padding=self.one(PADDINGS))

    def _MaxPooling1D(self, shape):
        return self.pool("MaxPooling1D", 1)

    def _AveragePooling1D(self, shape):
        return self.pool("AveragePooling1D", 1)

    def global_pool(self, name):
        return layer(name, keepdims=self.chance(0.3))

    def _GlobalMaxPooling1D(self, shape):
        return self.global_pool("GlobalMaxPooling1D")

    def _GlobalAveragePooling1D(self, shape):
        return self.global_pool("GlobalAveragePooling1D")

    def _UpSampling1D(self, shape):
        return layer("UpSampling1D", size=self.number(1, 3))

    def _ZeroPadding1D(self, shape):
        return layer("ZeroPadding1D", padding=self.one([1, [0, 2], [2, 1]]))

    def _Cropping1D(self, shape):
        return layer("Cropping1D", cropping=self.one([1, [0, 1], [1, 0]]))

    def _SpatialDropout1D(self, shape):
        return layer("SpatialDropout1D", rate=0.4)

    def _Permute(self, shape):
        dims = list(range(1, len(shape) + 1))
        self.rng.shuffle(dims)
        return layer("Permute", dims=dims)

    # ---- images: [height, width, channels] ----

    def image(self, shape):
        name = self.one(["Conv2D", "Conv2D", "Conv2D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D", "MaxPooling2D",
                         "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D", "UpSampling2D", "ZeroPadding2D", "Cropping2D",
                         "SpatialDropout2D", "Permute", "Resizing", "CenterCrop", "ConvLSTM1D", "TimeDistributed2"])
        return getattr(self, f"_{name}", lambda shape: layer(name))(shape)

    def _Conv2D(self, shape):
        drawn = self.conv("Conv2D", 2, **self.filters())
        if shape[-1] and shape[-1] % 2 == 0 and self.chance(0.2):
            drawn["config"].update(groups=2, filters=2 * self.number(1, 3))
        return drawn

    def _Conv2DTranspose(self, shape):
        return self.transpose("Conv2DTranspose", 2)

    def _SeparableConv2D(self, shape):
        return self.conv("SeparableConv2D", 2, depth_multiplier=self.number(1, 2), **self.filters())

    def _DepthwiseConv2D(self, shape):
        return self.conv("DepthwiseConv2D", 2, depth_multiplier=self.number(1, 3))

    def _MaxPooling2D(self, shape):
        return self.pool("MaxPooling2D", 2)

    def _AveragePooling2D(self, shape):
        return self.pool("AveragePooling2D", 2)

    def _GlobalMaxPooling2D(self, shape):
        return self.global_pool("GlobalMaxPooling2D")

    def _GlobalAveragePooling2D(self, shape):
        return self.global_pool("GlobalAveragePooling2D")

    def _UpSampling2D(self, shape):
        return layer("UpSampling2D", size=[self.number(1, 2), self.number(1, 3)], interpolation=self.one(["nearest", "bilinear"]))

    def _ZeroPadding2D(self, shape):
        return layer("ZeroPadding2D", padding=self.one([1, [1, 2], [[0, 1], [2, 0]]]))

    def _Cropping2D(self, shape):
        return layer("Cropping2D", cropping=self.one([1, [1, 0], [[0, 1], [1, 0]]]))

    def _SpatialDropout2D(self, shape):
        return layer("SpatialDropout2D", rate=0.4)

    def _Resizing(self, shape):
        return layer("Resizing", height=self.number(2, 9), width=self.number(2, 9), interpolation=self.one(["bilinear", "nearest"]))

    def _CenterCrop(self, shape):
        return layer("CenterCrop", height=self.number(1, shape[0] or 1), width=self.number(1, shape[1] or 1))

    def _ConvLSTM1D(self, shape):
        return layer("ConvLSTM1D", filters=self.number(1, 4), kernel_size=self.number(1, 3), padding=self.one(PADDINGS),
                     return_sequences=self.chance(0.5), recurrent_activation=self.one(GATES))

    def _TimeDistributed2(self, shape):
        return layer("TimeDistributed", layer=self.one([self._Conv1D, self._MaxPooling1D, self._GlobalAveragePooling1D])(shape[1:]))

    # ---- volumes: [depth, height, width, channels] ----

    def volume(self, shape):
        name = self.one(["Conv3D", "Conv3D", "Conv3DTranspose", "MaxPooling3D", "AveragePooling3D", "GlobalMaxPooling3D",
                         "GlobalAveragePooling3D", "UpSampling3D", "ZeroPadding3D", "Cropping3D", "SpatialDropout3D", "ConvLSTM2D",
                         "TimeDistributed3"])
        return getattr(self, f"_{name}", lambda shape: layer(name))(shape)

    def _Conv3D(self, shape):
        return self.conv("Conv3D", 3, **self.filters())

    def _Conv3DTranspose(self, shape):
        return self.transpose("Conv3DTranspose", 3)

    def _MaxPooling3D(self, shape):
        return self.pool("MaxPooling3D", 3)

    def _AveragePooling3D(self, shape):
        return self.pool("AveragePooling3D", 3)

    def _UpSampling3D(self, shape):
        return layer("UpSampling3D", size=[1, 2, 1])

    def _ZeroPadding3D(self, shape):
        return layer("ZeroPadding3D", padding=self.one([1, [0, 1, 2]]))

    def _Cropping3D(self, shape):
        return layer("Cropping3D", cropping=self.one([[0, 1, 0], [[1, 0], [0, 0], [0, 1]]]))

    def _SpatialDropout3D(self, shape):
        return layer("SpatialDropout3D", rate=0.4)

    def _ConvLSTM2D(self, shape):
        return layer("ConvLSTM2D", filters=self.number(1, 3), kernel_size=[self.number(1, 3), self.number(1, 3)], padding=self.one(PADDINGS),
                     return_sequences=self.chance(0.5), recurrent_activation=self.one(GATES))

    def _TimeDistributed3(self, shape):
        return layer("TimeDistributed", layer=self.one([self._Conv2D, self._AveragePooling2D, self._GlobalMaxPooling2D])(shape[1:]))

    # ---- of whole numbers, and of several tensors ----

    def indices(self, shape):
        if self.chance(0.8):
            return layer("Embedding", input_dim=10, output_dim=self.number(1, 6), mask_zero=self.chance(0.4))
        return layer("CategoryEncoding", num_tokens=10, output_mode=self.one(["multi_hot", "count"]))

    def single(self, shape):
        by_rank = {2: self.sequence, 3: self.image, 4: self.volume}
        draw = by_rank.get(len(shape), self.any_rank)
        return (draw if self.chance(0.65) else self.any_rank)(shape)

    def merge(self, shape, same):
        """Of two or more tensors, all of one shape where `same`."""
        choices = ["Concatenate"] + ["Dot"] * (len(shape) <= 3) + MERGES * same
        if len(shape) == 2:
            choices += ["Attention", "AdditiveAttention", "MultiHeadAttention"]
        name = self.one(choices)
        if name == "Concatenate":
            return layer(name, axis=self.axis(len(shape) + 1))
        if name == "Dot":
            return layer(name, axes=self.one([-1, 1, [1, 2], [2, 1]]), normalize=self.chance(0.3))
        if name == "Attention":
            return layer(name, use_scale=self.chance(0.5), score_mode=self.one(["dot", "concat"]))
        if name == "AdditiveAttention":
            return layer(name, use_scale=self.chance(0.5))
        if name == "MultiHeadAttention":
            # TensorFlow's attention of heads with one feature differs from its definition
            return layer(name, num_heads=self.number(1, 3), key_dim=self.number(2, 4), use_bias=self.chance(0.8),
                         value_dim=self.one([None, self.number(2, 4)]))
        return layer(name)

    def input(self):
        if self.chance(0.12):
            return {"shape": [self.number(1, 6)], "dtype": "int32"}
        rank = self.one([1, 2, 2, 3, 3, 3, 4])
        sizes = {1: [(1, 12)], 2: [(3, 9), (1, 6)], 3: [(4, 9), (4, 9), (1, 5)], 4: [(3, 5), (3, 6), (3, 6), (1, 3)]}[rank]
        shape = [self.number(*size) for size in sizes]
        if rank == 2 and self.chance(0.25):
            shape[0] = None
        return {"shape": shape, "dtype": "float32"}


def class_names(drawn):
    """The classes of a drawn layer and of those within."""
    yield drawn["class"]
    for value in drawn["config"].values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict) and "class" in inner:
                yield from class_names(inner)


class Generator:
    """Draws a spec, building it in Keras as it goes."""

    TRIES = 40

    def __init__(self, engine, known, seed):
        self.engine, self.known = engine, known
        self.draw = Draw(seed)
        self.spec = {"engine": engine.key, "seed": seed, "inputs": [], "nodes": [], "outputs": []}
        self.tensors, self.left_out = {}, set()

    def generate(self):
        sequential = self.draw.chance(0.2)
        for i in range(1 if sequential else self.draw.one([1, 1, 1, 2, 3])):
            row = {"name": f"in{i}", **self.draw.input()}
            self.spec["inputs"].append(row)
            self.tensors[row["name"]] = self.engine.input(row["shape"], row["name"], row["dtype"])
        for _ in range(self.draw.number(2, 11)):
            self.add_node(sequential)
        self.spec["outputs"] = self.ends()
        self.spec["sequential"] = sequential and len(self.spec["outputs"]) == 1
        self.spec["format"] = self.draw.one(["keras", "h5"])
        return self.spec

    def ends(self):
        used = {name for node in self.spec["nodes"] for name in node["inbound"]}
        ends = [node["name"] for node in self.spec["nodes"] if node["name"] not in used]
        return ends if len(ends) == 1 or self.draw.chance(0.7) else ends[-1:]

    def add_node(self, sequential):
        for _ in range(self.TRIES):
            drawn, inbound = self.draw_call(sequential)
            unknown = [name for name in class_names(drawn) if name not in self.known or not hasattr(self.engine.module.layers, name)]
            if unknown:
                self.left_out.update(name for name in unknown if name not in self.known)
                continue
            node = {"name": f"n{len(self.spec['nodes'])}", **drawn, "inbound": inbound}
            try:
                result = call(self.engine, node, [self.tensors[name] for name in inbound])
            except Exception:  # Keras refuses: another one
                continue
            if len(result.shape) > 6 or 0 in result.shape or None in result.shape[2:] and len(result.shape) > 3 or max([dim or 0 for dim in result.shape[1:]] + [0]) > 2000:
                continue
            self.spec["nodes"].append(node)
            self.tensors[node["name"]] = result
            return

    def draw_call(self, sequential):
        names = list(self.tensors)
        name = names[-1] if sequential or self.draw.chance(0.6) else self.draw.one(names)
        tensor = self.tensors[name]
        shape = list(tensor.shape[1:])
        others = [other for other in names if other != name and self.is_float(other)]
        if not self.is_float(name):
            return self.draw.indices(shape), [name]
        others = [other for other in others if len(self.tensors[other].shape) == len(tensor.shape)]
        if not sequential and others and self.draw.chance(0.35):
            same = [other for other in others if list(self.tensors[other].shape[1:]) == shape]
            pool = same if same and self.draw.chance(0.8) else others
            count = 1 if self.draw.chance(0.8) else min(2, len(pool))
            return self.draw.merge(shape, pool is same), [name, *self.draw.rng.sample(pool, count)]
        return self.draw.single(shape), [name]

    def is_float(self, name):
        dtype = self.tensors[name].dtype
        return (dtype if isinstance(dtype, str) else dtype.name) == "float32"


def made(engine, name, drawn):
    """The layer of real Keras."""
    config = {key: inner(engine, f"{name}_{key}", value) for key, value in drawn["config"].items()}
    return engine.layer(drawn["class"], name, **config)


def inner(engine, name, value):
    if isinstance(value, dict) and "class" in value:
        return made(engine, name, value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [made(engine, f"{name}_{i}", item) for i, item in enumerate(value)]
    return tuple(value) if isinstance(value, list) and not isinstance(value[0], list) else value


def call(engine, node, tensors):
    new = made(engine, node["name"], node)
    if node["class"] == "MultiHeadAttention":
        return new(*tensors[:3])
    return new(tensors if len(tensors) > 1 else tensors[0])


def build(engine, spec):
    """The model of a spec."""
    tensors = {row["name"]: engine.input(row["shape"], row["name"], row["dtype"]) for row in spec["inputs"]}
    if spec.get("sequential"):
        layers = [made(engine, node["name"], node) for node in spec["nodes"]]
        return engine.sequential([tensors[spec["inputs"][0]["name"]], *layers])
    for node in spec["nodes"]:
        tensors[node["name"]] = call(engine, node, [tensors[name] for name in node["inbound"]])
    return engine.model([tensors[row["name"]] for row in spec["inputs"]], [tensors[name] for name in spec["outputs"]])
