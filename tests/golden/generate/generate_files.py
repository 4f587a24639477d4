"""Writes `files/`: small models as real Keras saves them, for the tests of the readers. `python generate_files.py [--out DIR]`.

It writes the files of the Keras that it runs in; see README.md for the environments of older ones.
"""

import argparse
import datetime
import importlib
import json
import shutil
import sys
import time
import zlib
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from engines import ENGINES  # first: it prepares the environment for TensorFlow
import numpy as np
import tensorflow as tf
from cases.files import INLINE, OLD_ENGINES_WRITE, SAVE_ONLY_WEIGHTS, TRAINED, VARIANTS, file_cases
from record import describe, make_inputs, name_weights, randomize_weights, run, write_arrays
from saved_model import write_saved_model
from variants import write_variants

MOMENT = datetime.datetime(2024, 1, 1, 12, 0, 0)


def save(case, engine, folder):
    """Write all files of one model by one Keras, then their `<stem>.io.json` and `.io.bin`."""
    stem = f"{engine.key}_{case.name}"
    for stale in folder.glob(f"{stem}.*"):
        shutil.rmtree(stale) if stale.is_dir() else stale.unlink()
    seed = zlib.crc32(f"files/{case.name}".encode())
    engine.module.utils.set_random_seed(1)  # for the dropout of training
    model = case.build(engine)
    randomize_weights(name_weights(model), seed)
    inputs = make_inputs(case, model, seed)
    if case.name in TRAINED:
        train(model, engine, inputs, seed)
    with same_bytes(engine):
        write_models(model, engine, folder, stem, case.name)
    write_record(case, model, engine, folder, stem, run(model, name_weights(model), inputs, seed))


def train(model, engine, inputs, seed):
    """Three steps of Adam, so that the files hold a training state."""
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    units = model.outputs[0].shape[-1]
    targets = np.eye(units, dtype=np.float32)[np.arange(len(inputs[0])) % units]
    for _ in range(3):
        model.train_on_batch(inputs[0], targets)


@contextmanager
def same_bytes(engine):
    """Keras writes dates and addresses of objects into .keras files: replace them, so that the same model gives the same bytes."""
    package = f"{engine.module.__name__}.src.saving"
    saving_lib = importlib.import_module(f"{package}.saving_lib")
    serialization_lib = importlib.import_module(f"{package}.serialization_lib")
    clock = SimpleNamespace(datetime=SimpleNamespace(now=lambda: MOMENT))
    seen = {}  # keeps the objects, so that no address is used again

    def stable_id(thing):
        return seen.setdefault(id(thing), (139000000000000 + 16 * len(seen), thing))[0]

    with (
        mock.patch.object(saving_lib, "datetime", clock),
        mock.patch.object(time, "time", MOMENT.timestamp),
        mock.patch.object(serialization_lib, "id", stable_id, create=True),
    ):
        yield


def write_models(model, engine, folder, stem, name):
    model.save(folder / f"{stem}.keras")
    model.save(folder / f"{stem}.h5")
    if name in SAVE_ONLY_WEIGHTS:
        (folder / f"{stem}.topology.json").write_text(model.to_json() + "\n")
        model.save_weights(folder / f"{stem}.weights.h5")
        if engine.module.__version__.startswith("2."):
            model.save_weights(folder / f"{stem}.weights_only.h5")  # this name asks Keras 2 for its older layout
    if engine.module.__version__.startswith("2."):
        write_saved_model(model, folder, stem, with_inline=engine.key == "k2_15" and name in INLINE)
    if engine.key in VARIANTS.get(name, ()):
        write_variants(folder, stem)


def write_record(case, model, engine, folder, stem, recorded):
    """What the files must give: inputs, outputs, every weight by its TensorFlow.js name, the optimizer's variables."""
    arrays = [row for row in recorded if row[0] in ("input", "output")]
    arrays += [("weight", name, variable.numpy()) for name, variable, _ in name_weights(model)]
    if case.name in TRAINED:
        arrays += [("optimizer", *row) for row in optimizer_variables(model.optimizer)]
    write_arrays(folder / f"{stem}.io.bin", [array for _, _, array in arrays])
    files = sorted(path.name for path in folder.glob(f"{stem}.*") if ".io." not in path.name)
    value = {
        "model": case.name,
        "generator": engine.generator,
        "tensorflow": tf.__version__,
        "files": files,
        "io": f"{stem}.io.bin",
        "arrays": [{"role": role, **describe(name, array)} for role, name, array in arrays],
    }
    rows = [f"{json.dumps(key)}: {json.dumps(item)}" for key, item in value.items() if key != "arrays"]
    rows.append('"arrays": [\n' + ",\n".join(json.dumps(row) for row in value["arrays"]) + "\n]")
    (folder / f"{stem}.io.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")


def optimizer_variables(optimizer):
    """[(name, value)] in Keras's own order; the iteration, an int64, as int32."""
    variables = optimizer.variables() if callable(optimizer.variables) else optimizer.variables
    for variable in variables:
        value = variable.numpy()
        yield getattr(variable, "path", variable.name), value.astype(np.int32) if value.dtype == np.int64 else value


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="models to write, separated by commas; the others stay as they are")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "files", help="where to write")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    only = set(options.only.split(",")) if options.only else None
    for case in file_cases():
        if only and case.name not in only:
            continue
        for key, engine in ENGINES.items():
            if key in ("k2", "k3") or case.name in OLD_ENGINES_WRITE:
                print(f"{key}_{case.name}", file=sys.stderr)
                save(case, engine, options.out)


if __name__ == "__main__":
    main()
