"""Writes training/optimizers.json, schedules.json and penalties.json: Keras's optimizers step by step; rates; regularizers, constraints, initializers.

The first case of optimizers.json holds what all share: start values of four variables, and gradients of twelve steps. Gradients have rows of
zeros, as those of an embedding do. null: the loss does not depend on a variable.
"""

import warnings

import numpy as np

from engines import keras
from training import Draws, plain, write

SHAPES = {"scalar": (), "bias": (3,), "kernel": (3, 2), "filter": (1, 2, 2, 2)}
STEPS = 12
SEEN = (1, 2, 5, STEPS)

COMMON = [
    {"clipnorm": 0.5}, {"clipvalue": 0.3}, {"global_clipnorm": 0.7}, {"weight_decay": 0.05},
    {"use_ema": True, "ema_momentum": 0.8}, {"use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 3}, {"loss_scale_factor": 4.0},
    {"gradient_accumulation_steps": 2, "use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 2, "clipnorm": 0.8, "weight_decay": 0.02},
]

COSINE = ("CosineDecay", {"initial_learning_rate": 0.02, "decay_steps": 8, "warmup_target": 0.1, "warmup_steps": 3})
PIECES = ("PiecewiseConstantDecay", {"boundaries": [2, 5], "values": [0.1, 0.05, 0.01]})
RATE = {"learning_rate": 0.05}

# class -> configurations; what Keras adds to every optimizer is tried with two of them, whose slots differ.
OWN = {
    "SGD": [{}, {**RATE, "momentum": 0.9}, {**RATE, "momentum": 0.7, "nesterov": True}, {"learning_rate": COSINE, "momentum": 0.5}],
    "RMSprop": [{}, {**RATE, "momentum": 0.6}, {**RATE, "centered": True, "rho": 0.8}, {**RATE, "centered": True, "momentum": 0.3, "epsilon": 1e-3}],
    "Adam": [{}, {**RATE, "amsgrad": True}, {**RATE, "beta_1": 0.7, "beta_2": 0.8, "epsilon": 1e-3}, {"learning_rate": COSINE}],
    "AdamW": [{}, {**RATE, "weight_decay": 0.1}, {**RATE, "amsgrad": True}, {"learning_rate": PIECES, "weight_decay": 0.2}],
    "Adadelta": [{}, {"learning_rate": 1.0}, {"learning_rate": 1.0, "rho": 0.7, "epsilon": 1e-4}, {"learning_rate": PIECES}],
    "Adagrad": [{}, {**RATE, "initial_accumulator_value": 0.0}, {**RATE, "epsilon": 1e-2}, {"learning_rate": PIECES}],
    "Adamax": [{}, RATE, {**RATE, "beta_1": 0.6, "beta_2": 0.7, "epsilon": 1e-3}, {"learning_rate": COSINE}],
    "Nadam": [{}, RATE, {**RATE, "beta_1": 0.6, "beta_2": 0.7, "epsilon": 1e-3}, {**RATE, "gradient_accumulation_steps": 2}],
    "Ftrl": [{}, {**RATE, "l1_regularization_strength": 0.05, "l2_regularization_strength": 0.1},
             {**RATE, "l2_shrinkage_regularization_strength": 0.1, "beta": 0.3}, {**RATE, "learning_rate_power": -0.3}],
    "Lion": [{}, RATE, {**RATE, "beta_1": 0.6, "beta_2": 0.7, "weight_decay": 0.1}, {"learning_rate": PIECES}],
    "Adafactor": [{}, RATE, {**RATE, "beta_2_decay": -0.5, "clip_threshold": 0.5, "relative_step": False}, {"learning_rate": COSINE, "weight_decay": 0.1}],
    "Lamb": [{}, RATE, {**RATE, "weight_decay": 0.1, "epsilon": 1e-3}, {"learning_rate": COSINE}],
}


def cases():
    for name, configs in OWN.items():
        yield from ((name, config, {}) for config in configs)
    for config in COMMON:
        yield "SGD", {**RATE, "momentum": 0.8, **config}, {}
        yield "Adam", {**RATE, **config}, {}
    for name in OWN:
        yield name, {**RATE, "gradient_accumulation_steps": 2, "clipvalue": 0.4}, {"absent": ["bias"]}
    constraints = {"bias": ("NonNeg", {}), "kernel": ("MaxNorm", {"max_value": 0.6}), "filter": ("UnitNorm", {"axis": [0, 1, 2]})}
    yield "Adam", {**RATE, "use_ema": True, "ema_overwrite_frequency": 4}, {"constraints": constraints}
    yield "SGD", RATE, {"constraints": constraints, "absent": ["kernel"]}
    yield "AdamW", RATE, {"excluded": ["bias"]}
    yield "Adam", RATE, {"rates": {"4": 0.01, "9": 0.2}}


def start():
    draws = Draws(11)
    values = {name: draws.array("normal", shape) for name, shape in SHAPES.items()}
    gradients = [{name: draws.array("normal", shape) for name, shape in SHAPES.items()} for _ in range(STEPS)]
    for step, gradient in enumerate(gradients):
        gradient["kernel"][step % 3] = 0
        if step < 4:
            gradient["filter"][..., 1] = 0
    return values, gradients


def made(module, pair):
    return getattr(module, pair[0])(**pair[1])


def run(name, config, extra, values, gradients):
    options = {key: made(keras.optimizers.schedules, value) if isinstance(value, tuple) else value for key, value in config.items()}
    optimizer = getattr(keras.optimizers, name)(**options)
    variables = [keras.Variable(value, name=key) for key, value in values.items()]
    for variable in variables:
        if variable.name in extra.get("constraints", {}):
            variable.constraint = made(keras.constraints, extra["constraints"][variable.name])
    if "excluded" in extra:
        optimizer.exclude_from_weight_decay(var_names=extra["excluded"])
    optimizer.build(variables)
    seen = {}
    for step in range(1, STEPS + 1):
        if str(step) in extra.get("rates", {}):
            optimizer.learning_rate = extra["rates"][str(step)]
        absent = extra.get("absent", [])
        optimizer.apply([None if key in absent else keras.ops.convert_to_tensor(gradients[step - 1][key]) for key in values], variables)
        if step in SEEN:
            seen[step] = [plain(variable)["values"] for variable in variables]
    kept = [{"name": variable.path.split("/")[-1], **plain(keras.ops.cast(variable, "float32"))} for variable in optimizer.variables]
    optimizer.finalize_variable_values(variables)
    final = {"final": [plain(variable)["values"] for variable in variables]} if config.get("use_ema") else {}
    written = keras.optimizers.serialize(optimizer)
    return {"optimizer": name, "config": config, **extra, "written": written, "seen": seen, "kept": kept, **final}


SCHEDULES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.9}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [3], "values": [1.0, 0.5]}),
    ("PiecewiseConstantDecay", {"boundaries": [2, 7, 11], "values": [1.0, 0.5, 0.25, 0.1]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 10}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "end_learning_rate": 0.01, "power": 0.5}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "end_learning_rate": 0.02, "power": 2.0, "cycle": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5, "staircase": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 10}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 8, "alpha": 0.2}),
    ("CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": 8, "alpha": 0.1, "warmup_target": 0.1, "warmup_steps": 5}),
    ("CosineDecay", {"initial_learning_rate": 0.05, "decay_steps": 8, "warmup_target": 0.1, "warmup_steps": 0}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 3}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.0, "m_mul": 0.8}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 3, "t_mul": 1.5, "m_mul": 0.9, "alpha": 0.1}),
]


def schedule(name, config):
    made_one = getattr(keras.optimizers.schedules, name)(**config)
    rates = [plain(made_one(keras.ops.convert_to_tensor(step, dtype="int32")))["values"][0] for step in range(20)]
    return {"schedule": name, "config": config, "written": keras.optimizers.schedules.serialize(made_one), "rates": rates}


PENALTIES = [
    ("regularizers", "L1", {"l1": 0.1}, (3, 4)), ("regularizers", "L1", {}, (2, 3, 4)), ("regularizers", "L2", {"l2": 0.2}, (3, 4)),
    ("regularizers", "L2", {}, (5,)), ("regularizers", "L1L2", {"l1": 0.1, "l2": 0.3}, (3, 4)),
    ("regularizers", "OrthogonalRegularizer", {}, (3, 4)), ("regularizers", "OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}, (4, 3)),
    ("constraints", "MaxNorm", {}, (4, 3)), ("constraints", "MaxNorm", {"max_value": 0.5, "axis": 1}, (4, 3)),
    ("constraints", "MaxNorm", {"max_value": 1.0, "axis": [0, 1, 2]}, (2, 2, 3, 2)),
    ("constraints", "MinMaxNorm", {}, (4, 3)), ("constraints", "MinMaxNorm", {"min_value": 1.5, "max_value": 2.0, "rate": 0.4, "axis": [0, 1]}, (2, 2, 3)),
    ("constraints", "NonNeg", {}, (4, 3)), ("constraints", "UnitNorm", {}, (4, 3)), ("constraints", "UnitNorm", {"axis": [0, 1, 2]}, (2, 2, 3, 2)),
    ("initializers", "Zeros", {}, (2, 3)), ("initializers", "Ones", {}, (2, 3)), ("initializers", "Constant", {"value": 0.3}, (2, 3)),
    ("initializers", "Constant", {}, (2,)), ("initializers", "Identity", {}, (3, 3)), ("initializers", "Identity", {"gain": 0.5}, (2, 4)),
]


def penalty(kind, name, config, shape):
    x = Draws(7).array("normal", shape)
    module = getattr(keras, kind)
    one = getattr(module, name)(**config)
    value = one(shape) if kind == "initializers" else one(keras.ops.convert_to_tensor(x))
    given = {"shape": list(shape)} if kind == "initializers" else {"x": plain(x)}
    return {"kind": kind, "class": name, "config": config, "written": module.serialize(one), **given, "value": plain(value)}


# Numbers of random initializers are Keras's own; their means, deviations and bounds are not.
RANDOM = [
    ("RandomUniform", {}), ("RandomUniform", {"minval": -1.0, "maxval": 2.0}), ("RandomNormal", {}), ("RandomNormal", {"mean": 1.0, "stddev": 0.2}),
    ("TruncatedNormal", {}), ("TruncatedNormal", {"mean": -1.0, "stddev": 0.5}), ("GlorotUniform", {}), ("GlorotNormal", {}), ("HeUniform", {}),
    ("HeNormal", {}), ("LecunUniform", {}), ("LecunNormal", {}), ("VarianceScaling", {}),
    ("VarianceScaling", {"scale": 2.0, "mode": "fan_out", "distribution": "untruncated_normal"}),
    ("VarianceScaling", {"scale": 0.5, "mode": "fan_avg", "distribution": "uniform"}), ("Orthogonal", {}), ("Orthogonal", {"gain": 2.0}),
]


def spread(name, config, shape):
    one = getattr(keras.initializers, name)(**config, seed=5)
    x = np.asarray(one(shape))
    return {"kind": "random", "class": name, "config": config, "written": keras.initializers.serialize(one), "shape": list(shape),
            "mean": float(x.mean().round(4)), "deviation": float(x.std().round(4)), "largest": float(np.abs(x).max().round(4))}


def main():
    warnings.simplefilter("ignore")
    values, gradients = start()
    shared = {"values": {key: plain(value) for key, value in values.items()},
              "gradients": [{key: plain(value)["values"] for key, value in gradient.items()} for gradient in gradients]}
    runs = []
    for case in cases():
        keras.backend.clear_session()
        runs.append(run(*case, values, gradients))
    write("optimizers.json", [shared, *runs])
    write("schedules.json", [schedule(*case) for case in SCHEDULES])
    write("penalties.json", [*[penalty(*case) for case in PENALTIES], *[spread(*case, (40, 30, 20)) for case in RANDOM]])


if __name__ == "__main__":
    main()
