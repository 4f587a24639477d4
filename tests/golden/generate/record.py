"""Runs one case in one Keras and writes what came out: model.json, the weights, and the recorded inputs, outputs and gradients."""

import json
import zlib

import numpy as np
import tensorflow as tf

LOSS = "sum over the outputs of sum(output * upstream), training=False"


def record(case, engine, folder):
    """Write `<folder>/<engine>_<case>.json`, `.bin` (if there are weights) and `.io.bin`."""
    seed = zlib.crc32(f"{case.folder}/{case.name}".encode())  # not the engine: both Keras get the same numbers
    engine.forget_names()
    model = case.build(engine)
    weights = name_weights(model)
    randomize_weights(weights, seed)
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):  # of Normalization: it has copies of its weights
            layer.finalize_state()
    arrays = run(model, weights, make_inputs(case, model, seed), seed, case.xla)
    for index in range(1, case.runs):
        arrays += run_again(model, make_inputs(case, model, seed + index), index)

    stem = f"{engine.key}_{case.name}"
    topology = model_topology(model, engine)
    if case.edit:
        case.edit(topology)
    golden = {
        "layer": case.folder,
        "case": stem,
        "generator": engine.generator,
        "tensorflow": tf.__version__,
        "seed": seed,
        **({"note": case.note} if case.note else {}),
        "loss": LOSS,
        "io": f"{stem}.io.bin",
        "arrays": [{"role": role, **describe(name, array)} for role, name, array in arrays],
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_arrays(folder / golden["io"], [array for _, _, array in arrays])
    write_golden(folder, stem, topology, [(name, stored(value.numpy())) for name, value, _ in weights], golden)


def name_weights(model):
    """[(TensorFlow.js name, variable, trainable)] of a model, layer by layer, nested models included, shared layers once."""
    found, seen = [], set()

    def add(prefix, layer, trainable, name=None):
        name, kind = name or layer.name, type(layer).__name__
        trainable = trainable and layer.trainable
        if id(layer) in seen:
            return
        seen.add(id(layer))
        if hasattr(layer, "forward_layer"):
            add(f"{prefix}{name}/", layer.forward_layer, trainable)
            add(f"{prefix}{name}/", layer.backward_layer, trainable)
        elif hasattr(layer, "layers"):
            for inner in layer.layers:
                add(prefix, inner, trainable)
        elif kind == "TimeDistributed":
            add(prefix, layer.layer, trainable, name)
        elif kind in ("RNN", "StackedRNNCells"):
            for cell in layer.cells if kind == "StackedRNNCells" else [layer.cell]:
                add(f"{prefix}{name}/", cell, trainable)
        else:
            learnt = {id(variable) for variable in layer.trainable_weights}
            for variable in layer.weights:
                found.append((f"{prefix}{name}/{weight_name(layer, variable)}", variable, trainable and id(variable) in learnt))

    add("", model, True)
    names = [name for name, _, _ in found]
    assert len(set(names)) == len(names), f"weight names are not unique: {names}"
    return found


def stored(array):
    """As a manifest can have it: no 64 bits."""
    return array.astype(np.int32) if array.dtype == np.int64 else array


def weight_name(layer, variable):
    """`kernel`, `bias`, ...: the last part of Keras's name, where only Keras 3's depthwise convolutions differ from Keras 2."""
    path = getattr(variable, "path", variable.name).split(":")[0].split("/")
    activation = getattr(layer, "activation", None)
    of_activation = any(variable is other for other in getattr(activation, "weights", []))
    if of_activation or type(layer).__name__ in ("MultiHeadAttention", "GroupedQueryAttention"):
        return "/".join(path[-2:])
    name = path[-1]
    if type(layer).__name__ == "LayerScale":
        return "gamma"  # Keras 3 gives it no name
    return "depthwise_kernel" if type(layer).__name__.startswith("DepthwiseConv") and name == "kernel" else name


def stream(seed, purpose):
    """The random stream of one array. RandomState's numbers are frozen by NumPy's promise; those of Generator are not."""
    return np.random.RandomState(zlib.crc32(f"{seed}/{purpose}".encode()))


def randomize_weights(weights, seed):
    """Give every weight a value that shows when it is ignored or misplaced: no zeros, no ones, variances positive."""
    for name, variable, _ in weights:
        random, shape = stream(seed, name), tuple(variable.shape)
        kind = name.split("/")[-1]
        if kind in ("gamma", "moving_variance", "variance"):
            value = random.uniform(0.4, 1.8, shape)
        elif kind == "count":
            value = random.randint(1, 9, shape) if shape else np.int32(random.randint(1, 9))
        elif kind.endswith("kernel"):
            value = random.standard_normal(shape) / np.sqrt(max(1, np.prod(shape[:-1])))
        else:
            value = random.uniform(-0.7, 0.7, shape)
        variable.assign(value.astype(np.float32 if kind != "count" else np.int32))


def make_inputs(case, model, seed):
    """One array per model input, in the model's order: batch 2 or 3, unknown dimensions 5."""
    batch = 3 if case.tokens != "full" else 2 + seed % 2
    arrays = []
    for index, tensor in enumerate(model.inputs):
        random, dtype = stream(seed, f"input {index}"), tf.as_dtype(tensor.dtype).as_numpy_dtype
        shape = (tensor.shape[0] or batch, *(5 if size is None else size for size in tensor.shape[1:]))
        if case.words and tensor.dtype == "string":
            value = np.array(case.words, object)[random.randint(0, len(case.words), shape)]
        elif case.vocabulary and len(shape) > 2 and np.issubdtype(dtype, np.integer):
            value = random.randint(0, case.vocabulary, shape)
        elif case.vocabulary and len(shape) == 2:
            value = token_ids(random, shape, case.vocabulary, case.tokens)
        else:
            value = random.standard_normal(shape) * case.spread
            if case.blank is not None and len(shape) > 2:
                value[0, 1] = value[0, -1] = value[1, 0] = case.blank
        arrays.append(value.astype(dtype))
    return arrays


def token_ids(random, shape, vocabulary, layout):
    """Ids 1..vocabulary-1, with the zeros (padding) that `layout` asks for; see Case."""
    ids = random.randint(1, vocabulary, shape)
    steps = shape[1]
    if layout != "full":
        ids[0, steps - 2 :] = 0
        ids[1, 1] = 0
        ids[2, : 1 if layout == "padded" else steps] = 0
    return ids


def end_names(model):
    """Names of the inputs and of the outputs."""
    graph = getattr(model, "_functional", None) or model  # Keras 3's Sequential keeps its graph inside
    input_names = getattr(graph, "input_names", None) or [tensor.name for tensor in graph.inputs]
    return input_names, unique(graph.output_names, graph.outputs)


def run_again(model, inputs, index):
    """[(role, name, array)] of a further prediction: inputs and outputs, with `index` behind the role."""
    input_names, output_names = end_names(model)
    tensors = [tf.constant(array) for array in inputs]
    outputs = tf.nest.flatten(model(tensors[0] if len(tensors) == 1 else tf.nest.pack_sequence_as(model.input, tensors), training=False))
    return [(f"input_{index}", name, array) for name, array in zip(input_names, inputs, strict=True)] + [
        (f"output_{index}", name, out.numpy()) for name, out in zip(output_names, outputs, strict=True)
    ]


def run(model, weights, inputs, seed, xla=False):
    """[(role, name, array)]: inputs, outputs, upstream gradients, gradients of float inputs, gradients of trainable weights."""
    input_names, output_names = end_names(model)
    tensors = [tf.constant(array) for array in inputs]
    floats = [index for index, tensor in enumerate(tensors) if tensor.dtype.is_floating]
    learnt = [(name, tensorflow_variable(variable)) for name, variable, trainable in weights if trainable]

    arguments = tensors[0] if len(tensors) == 1 else tf.nest.pack_sequence_as(model.input, tensors)

    def forward():
        return tf.nest.flatten(model(arguments, training=False))

    forward = tf.function(forward, jit_compile=True) if xla else forward
    with tf.GradientTape() as tape:
        for index in floats:
            tape.watch(tensors[index])
        outputs = [narrow(out) for out in forward()]
        upstream = [stream(seed, f"upstream {i}").standard_normal(out.shape).astype(np.float32) for i, out in enumerate(outputs)]
        if not all(out.dtype.is_floating for out in outputs):
            return check_finite([("input", *row) for row in zip(input_names, inputs)] + [("output", name, out.numpy()) for name, out in zip(output_names, outputs)])
        loss = tf.add_n([tf.reduce_sum(out * g) for out, g in zip(outputs, upstream)])
    sources = [tensors[index] for index in floats] + [variable for _, variable in learnt]
    gradients = tape.gradient(loss, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    gradients = [tf.convert_to_tensor(gradient).numpy() for gradient in gradients]

    arrays = [("input", name, array) for name, array in zip(input_names, inputs, strict=True)]
    arrays += [("output", name, out.numpy()) for name, out in zip(output_names, outputs, strict=True)]
    arrays += [("upstream", name, g) for name, g in zip(output_names, upstream, strict=True)]
    arrays += [("input_gradient", input_names[index], gradient) for index, gradient in zip(floats, gradients)]
    arrays += [("weight_gradient", name, gradient) for (name, _), gradient in zip(learnt, gradients[len(floats) :], strict=True)]
    return check_finite(arrays)


def narrow(tensor):
    """Integers as int32, the one integer type of TensorFlow.js."""
    return tensor if tensor.dtype.is_floating or tensor.dtype == tf.string else tf.cast(tensor, tf.int32)


def check_finite(arrays):
    for role, name, array in arrays:
        assert array.dtype == object or np.isfinite(array).all(), f"{role} {name} is not finite"
    return arrays


def tensorflow_variable(variable):
    """The tf.Variable behind a Keras 3 variable; tf-keras's are tf.Variables."""
    return variable if isinstance(variable, tf.Variable) else variable.value


def unique(names, outputs):
    """Output names, numbered where one layer has several outputs."""
    if len(set(names)) == len(outputs):
        return list(names)
    return [f"{names[min(i, len(names) - 1)]}:{i}" for i in range(len(outputs))]


def model_topology(model, engine):
    """What `model.to_json()` gave, parsed, in the frame that the TensorFlow.js converter puts around it."""
    config = json.loads(model.to_json())
    version = config.pop("keras_version", engine.module.__version__)
    backend = config.pop("backend", "tensorflow")
    return {"keras_version": version, "backend": backend, "model_config": config}


def describe(name, array):
    return {"name": name, "shape": list(array.shape), "dtype": "string" if array.dtype == object else str(array.dtype)}


def write_golden(folder, stem, topology, weights, golden):
    """Write model.json and the weights of one case."""
    manifest = {"paths": [f"{stem}.bin"] if weights else [], "weights": [describe(name, value) for name, value in weights]}
    model_json = {
        "format": "layers-model",
        "generatedBy": f"keras v{topology['keras_version']}",
        "convertedBy": None,
        "modelTopology": topology,
        "weightsManifest": [manifest],
        "userDefinedMetadata": {"golden": golden},
    }
    write_json(folder / f"{stem}.json", model_json)
    if weights:
        write_arrays(folder / f"{stem}.bin", [value for _, value in weights])


def write_json(path, value):
    """One line per top-level key: small, yet a difference shows which part changed."""
    rows = [f"{json.dumps(key)}: {json.dumps(item, separators=(',', ':'))}" for key, item in value.items()]
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n")


def write_arrays(path, arrays):
    """Arrays one after the other, little-endian, no padding."""
    path.write_bytes(b"".join(array_bytes(array) for array in arrays))


def array_bytes(array):
    """Strings as TensorFlow.js stores them: the length of each in four bytes, then its bytes."""
    if array.dtype != object:
        return np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    strings = [item if isinstance(item, bytes) else item.encode() for item in array.ravel()]
    return b"".join(len(string).to_bytes(4, "little") + string for string in strings)
