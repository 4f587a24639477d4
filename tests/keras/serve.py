"""Builds models of real Keras on request: a JSON object a line from standard input, one a line to standard output.

  {"generate": SEED, "engine": "k3", "folder": DIR}     a random model
  {"build": SPEC, "folder": DIR}                        the model of a spec
  {"application": NAME, "engine": "k3", "folder": DIR}  an architecture of keras.applications
  {"open": FILE, "given": [..], "folder": DIR}          a file that Hornbeam wrote: .keras in Keras 3, .h5 in tf-keras

Each of the first three saves the model to DIR with what it was given and answered, and replies {"spec", "files", "inputs", "outputs"}; the last replies {"outputs"}.
What went wrong is {"error"}. The list
of the layers that Hornbeam has is the command line's only argument.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "golden/generate"))

from engines import ENGINES  # first: it prepares the environment for TensorFlow
import numpy as np

import applications
import random_models
from weights import inputs_for, randomize

BATCH = 3
TRIES = 20


class Uninteresting(Exception):
    """The model answers infinities or numbers too large to compare."""


def main():
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Keras prints
    known = set(json.loads(sys.argv[1]))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = answer(request, known, Path(request["folder"]))
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"[:2000]}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def answer(request, known, folder):
    if "open" in request:
        return open_written(Path(request["open"]), request["given"], folder)
    if "application" in request:
        return save_application(ENGINES[request["engine"]], request["application"], folder)
    if "build" in request:
        spec = request["build"]
        return save(ENGINES[spec["engine"]], spec, folder)
    return generate(ENGINES[request["engine"]], known, request["generate"], folder)


def generate(engine, known, seed, folder):
    """The first of the models of a seed that answers ordinary numbers."""
    left_out = set()
    for turn in range(TRIES):
        generator = random_models.Generator(engine, known, f"{seed}-{engine.key}-{turn}")
        spec = generator.generate()
        left_out |= generator.left_out
        if not spec["nodes"]:
            continue
        try:
            return {**save(engine, spec, folder), "left_out": sorted(left_out)}
        except Exception as error:  # Keras cannot run or save it, or it is Uninteresting: another one
            print(f"seed {seed}, turn {turn}: {type(error).__name__}: {error}"[:300], file=sys.stderr)
    raise RuntimeError(f"no model of seed {seed} can be used")


def save(engine, spec, folder):
    model = random_models.build(engine, spec)
    seed = abs(hash_of(spec["seed"]))
    randomize(model, seed)
    given = inputs_for(spec, BATCH, seed + 1)
    expected = as_list(model(given if len(given) > 1 else given[0], training=False))
    if not all(np.all(np.isfinite(array)) and np.max(np.abs(array), initial=0) < 1e4 for array in expected):
        raise Uninteresting
    return write(engine, model, folder, [spec.get("format", "keras")], given, expected, {"spec": spec})


def save_application(engine, name, folder):
    model, given, formats = applications.build(engine, name)
    expected = as_list(model(given, training=False))
    return write(engine, model, folder, formats, [given], expected, {"spec": {"application": name, "engine": engine.key}})


def open_written(file, given, folder):
    engine = ENGINES["k3" if file.suffix == ".keras" else "k2"]
    model = engine.module.models.load_model(file, compile=False)
    arrays = [np.fromfile(item["file"], item["dtype"]).reshape(item["shape"]) for item in given]
    return {"outputs": to_files(folder, "outputs", as_list(model(arrays if len(arrays) > 1 else arrays[0], training=False)))}


def write(engine, model, folder, formats, given, expected, reply):
    folder.mkdir(parents=True, exist_ok=True)
    files = [str(folder / f"model.{ending}") for ending in formats]
    for file in files:
        model.save(file)
    return {**reply, "files": files, "inputs": to_files(folder, "inputs", given), "outputs": to_files(folder, "outputs", expected)}


def to_files(folder, kind, arrays):
    saved = []
    for i, array in enumerate(arrays):
        path = folder / f"{kind}{i}"
        np.ascontiguousarray(array).tofile(path)
        saved.append({"file": str(path), "shape": list(array.shape), "dtype": str(array.dtype)})
    return saved


def as_list(outputs):
    return [np.asarray(output) for output in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def hash_of(text):
    value = 0
    for byte in str(text).encode():
        value = (value * 31 + byte) % (1 << 32)
    return value


if __name__ == "__main__":
    main()
