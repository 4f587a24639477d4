"""Masks that several inputs bring, and outputs that are zero where a mask is false."""

from case import BOTH, K3, Case
from cases.recurrent import masked


def cases():
    joins = [(name, {}) for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")]
    for class_name, config in [*joins, ("Concatenate", dict(axis=-1)), ("Concatenate", dict(axis=1))]:
        along = "_time" if config.get("axis") == 1 else ""
        yield Case(class_name, f"masked{along}", merged(class_name, config, True), vocabulary=8, tokens="padded")
        engines = K3 if along else BOTH  # tf-keras cannot
        yield Case(class_name, f"masked{along}_one", merged(class_name, config, False), engines, vocabulary=8, tokens="padded")
    for class_name in ("LSTM", "GRU"):
        for name, config in [
            ("last", {}),
            ("last_backwards", dict(go_backwards=True)),
            ("sequences", dict(return_sequences=True)),
            ("sequences_backwards", dict(return_sequences=True, go_backwards=True)),
        ]:
            yield masked(class_name, f"zero_output_{name}", [(class_name, dict(units=4, zero_output_for_mask=True, **config))])


def merged(class_name, config, both):
    """Two embeddings of the same width, the second with a mask where `both`, merged and read by an LSTM."""

    def build(engine):
        tokens = [engine.input((6,), name=name, dtype="int32") for name in ("first", "second")]
        layers = [
            engine.layer("Embedding", f"embedding_{i}", input_dim=8, output_dim=3, mask_zero=i == 0 or both) for i in range(2)
        ]
        joined = engine.layer(class_name, "merged", **config)([layer(ids) for layer, ids in zip(layers, tokens)])
        return engine.model(tokens, engine.layer("LSTM", "lstm", units=4, return_sequences=True)(joined))

    return build
