"""Quantizes the weights of golden models with tensorflowjs_converter's own code, and writes quantized.json: what ours must give, byte for byte.

  pip download --no-deps tensorflowjs==4.22.0 && python tests/converter/generate_quantized.py tensorflowjs-4.22.0-py3-none-any.whl

Of that package only quantization.py is run, which needs numpy alone (2.x: with 1.x it rounds in float32).
"""

import base64
import json
import pathlib
import sys
import types
import zipfile

import numpy as np

HERE = pathlib.Path(__file__).parent
FILES = HERE.parent / "golden" / "files"
MODELS = ["k3_cnn", "k3_branches", "k2_text"]


def weights_of(model):
    record = json.loads((FILES / f"{model}.io.json").read_text())
    data = (FILES / record["io"]).read_bytes()
    offset = 0
    for array in record["arrays"]:
        values = np.frombuffer(data, "<f4", int(np.prod(array["shape"])), offset).reshape(array["shape"])
        offset += values.nbytes
        if array["role"] == "weight":
            yield array["name"], values


def main(wheel):
    module = types.ModuleType("quantization")
    exec(zipfile.ZipFile(wheel).read("tensorflowjs/quantization.py"), module.__dict__)
    out = {}
    for model in MODELS:
        for dtype in ("float16", "uint8", "uint16"):
            entries = {}
            for name, values in weights_of(model):
                data, metadata = module.quantize_weights(values, module.QUANTIZATION_OPTION_TO_DTYPES[dtype])
                metadata = {key: float(value) for key, value in metadata.items()}
                entries[name] = {**metadata, "bytes": base64.b64encode(data.tobytes()).decode()}
            out[f"{model} {dtype}"] = entries
    names = [name for name, _ in weights_of("k3_cnn")]
    patterns = {"uint8": ["*kernel", "dense/bi?s"], "float16": ["batch_[a-n]ormalization*/*mean"], "uint16": True}
    chosen = module.map_layers_to_quantization_dtype(names, patterns)
    out["patterns"] = {"given": patterns, "chosen": {name: np.dtype(dtype).name for name, dtype in sorted(chosen.items())}}
    (HERE / "quantized.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


main(sys.argv[1])
