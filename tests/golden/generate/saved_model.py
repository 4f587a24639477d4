"""Saves a model of Keras 2 as a SavedModel, without its functions: they are megabytes that no reader of layers opens."""

import shutil
import tempfile
from pathlib import Path

from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.keras.protobuf import saved_metadata_pb2

KEPT = ("keras_metadata.pb", "variables/variables.index", "variables/variables.data-00000-of-00001")


def write_saved_model(model, folder, stem, with_inline):
    """`<stem>.saved_model`, and where asked for `<stem>.inline.saved_model` with each layer's metadata in its object, as TensorFlow 2.0 to 2.4 wrote it."""
    with tempfile.TemporaryDirectory() as temporary:
        saved = Path(temporary)
        model.save(saved, save_format="tf")
        parsed = saved_model_pb2.SavedModel.FromString((saved / "saved_model.pb").read_bytes())
        strip(parsed)
        write(parsed, saved, folder / f"{stem}.saved_model", KEPT)
        if not with_inline:
            return
        inline(parsed, saved_metadata_pb2.SavedMetadata.FromString((saved / "keras_metadata.pb").read_bytes()))
        write(parsed, saved, folder / f"{stem}.inline.saved_model", KEPT[1:])


def strip(parsed):
    for meta_graph in parsed.meta_graphs:
        meta_graph.ClearField("graph_def")
        meta_graph.ClearField("signature_def")
        meta_graph.meta_info_def.ClearField("stripped_op_list")
        meta_graph.object_graph_def.ClearField("concrete_functions")
        for node in meta_graph.object_graph_def.nodes:
            if node.HasField("function"):
                node.function.Clear()


def inline(parsed, metadata):
    for node in metadata.nodes:
        parsed.meta_graphs[0].object_graph_def.nodes[node.node_id].user_object.metadata = node.metadata


def write(parsed, saved, target, names):
    (target / "variables").mkdir(parents=True)
    (target / "saved_model.pb").write_bytes(parsed.SerializeToString(deterministic=True))
    for name in names:
        shutil.copyfile(saved / name, target / name)
