"""Layers without space or time: dense, shapes, embedding, masking."""

from case import K3, Case, chain, one_layer


def cases():
    yield from one_layer(
        "Dense",
        [
            ("linear", (5,), dict(units=4)),
            ("relu", (7,), dict(units=3, activation="relu")),
            ("softmax", (6,), dict(units=10, activation="softmax")),
            ("no_bias", (8,), dict(units=5, use_bias=False, activation="tanh")),
            ("hard_sigmoid", (4,), dict(units=6, activation="hard_sigmoid"), dict(spread=3.0)),
            ("input_3d", (3, 5), dict(units=4, activation="sigmoid")),
            ("input_4d_softmax", (2, 3, 5), dict(units=4, activation="softmax")),
            ("one_unit", (1,), dict(units=1)),
            ("wide", (65,), dict(units=33, activation="elu")),
        ],
    )
    yield from one_layer("Flatten", [("image", (3, 4, 2), {}), ("series", (5, 3), {}), ("flat", (6,), {})])
    yield chain("Flatten", "scalar", (), [("Flatten", {})])
    yield from one_layer("Flatten", [("channels_first", (2, 3, 4), dict(data_format="channels_first"))])
    yield from one_layer(
        "Reshape",
        [
            ("split", (12,), dict(target_shape=(3, 4))),
            ("infer_last", (3, 4), dict(target_shape=(2, -1))),
            ("infer_first", (4, 6), dict(target_shape=(-1, 2, 3))),
            ("flatten", (2, 3, 2), dict(target_shape=(-1,))),
            ("any_length", (None, 4), dict(target_shape=(-1, 2))),
        ],
    )
    yield from one_layer(
        "Dropout",
        [
            ("half", (9,), dict(rate=0.5)),
            ("seeded_3d", (4, 3), dict(rate=0.25, seed=7)),
            ("noise_shape", (4, 3), dict(rate=0.3, noise_shape=(None, 1, 3))),
        ],
    )
    yield from one_layer("GaussianNoise", [("small", (5,), dict(stddev=0.1)), ("seeded", (4, 3), dict(stddev=0.9, seed=3)), ("none", (2, 3), dict(stddev=0.0))])
    rates = [("half", (5,), dict(rate=0.5)), ("seeded", (4, 3), dict(rate=0.25, seed=7)), ("none", (2, 3), dict(rate=0.0))]
    yield from one_layer("GaussianDropout", rates)
    yield from one_layer("AlphaDropout", [*rates, ("noise_shape", (4, 3), dict(rate=0.3, noise_shape=(None, 1, 3)))])
    yield from one_layer(
        "Rescaling",
        [
            ("scale", (4, 4, 1), dict(scale=1 / 255)),
            ("offset", (4, 4, 3), dict(scale=1 / 127.5, offset=-1.0)),
            ("flat", (6,), dict(scale=-2.5, offset=0.75)),
        ],
        spread=100.0,
    )
    yield chain("Rescaling", "per_channel", (3, 2, 3), [("Rescaling", dict(scale=[0.5, 2.0, -1.0], offset=[0.1, -0.2, 0.3]))])
    yield from one_layer("Identity", [("flat", (5,), {}), ("series", (3, 2), {}), ("image", (2, 3, 2), {})])
    yield chain("Identity", "masked", (5, 2), [("Masking", {}), ("Identity", {}), ("LSTM", dict(units=2))], blank=0.0)
    yield from one_layer(
        "ActivityRegularization", [("none", (5,), {}), ("l1", (3, 2), dict(l1=0.1)), ("both", (2, 3), dict(l1=0.01, l2=0.2))]
    )
    yield from one_layer("Permute", [("swap", (3, 4), dict(dims=(2, 1))), ("turn", (2, 3, 4), dict(dims=(3, 1, 2))), ("same", (5,), dict(dims=(1,)))])
    yield chain("Permute", "any_length", (None, 3), [("Permute", dict(dims=(2, 1)))])
    yield from one_layer("RepeatVector", [("three", (4,), dict(n=3)), ("once", (5,), dict(n=1)), ("many", (1,), dict(n=7))])
    lstm = ("LSTM", dict(units=3, return_sequences=True))
    yield from one_layer("Masking", [("alone", (6, 2), {}), ("value", (6, 2), dict(mask_value=-1.5)), ("image", (6, 2, 2), {})], blank=0.0)
    yield chain("Masking", "lstm", (6, 2), [("Masking", {}), lstm], blank=0.0)
    yield chain("Masking", "value_lstm", (6, 2), [("Masking", dict(mask_value=-1.5)), lstm], blank=-1.5)
    yield chain("Masking", "dense_lstm", (6, 2), [("Masking", {}), ("Dense", dict(units=3)), lstm], blank=0.0)
    yield from embedding_cases()


def embedding_cases():
    table = dict(input_dim=9, output_dim=4)
    lstm = ("LSTM", dict(units=3))
    ids = dict(vocabulary=9, dtype="int32")
    yield chain("Embedding", "ids", (5,), [("Embedding", table)], **ids)
    yield chain("Embedding", "float_ids", (5,), [("Embedding", table)], vocabulary=9)
    yield chain("Embedding", "masked_alone", (6,), [("Embedding", {**table, "mask_zero": True})], tokens="padded", **ids)
    yield chain("Embedding", "dense", (4,), [("Embedding", table), ("Flatten", {}), ("Dense", dict(units=2))], **ids)
    yield chain("Embedding", "lstm", (6,), [("Embedding", table), lstm], tokens="padded", **ids)
    yield chain("Embedding", "masked_lstm", (6,), [("Embedding", {**table, "mask_zero": True}), lstm], tokens="padded", **ids)
    yield chain(
        "Embedding", "masked_empty_row", (6,), [("Embedding", {**table, "mask_zero": True}), lstm], tokens="empty_row", **ids
    )
    yield chain("Embedding", "any_length", (None,), [("Embedding", table), lstm], **ids)
    yield from reversible_cases(table)


def reversible_cases(table):
    def both_ways(config):
        def build(engine):
            ids = engine.input((5,), name="ids", dtype="int32")
            embedding = engine.layer("ReversibleEmbedding", "reversible", **config)
            hidden = engine.layer("Dense", "dense", units=config["output_dim"])(embedding(ids))
            return engine.model(ids, embedding(hidden, reverse=True))

        return build

    for name, config in (("tied", {}), ("untied", dict(tie_weights=False)), ("capped", dict(logit_soft_cap=0.5)), ("masked", dict(mask_zero=True))):
        options = dict(vocabulary=9, tokens="padded" if name == "masked" else "full")
        yield Case("ReversibleEmbedding", name, both_ways({**table, **config}), engines=K3, **options)
    chains = [
        ("plain", [("Rescaling", None, dict(scale=0.5))]),
        ("two", [("Rescaling", None, dict(scale=0.5, offset=1.0)), ("CenterCrop", None, dict(height=2, width=3))]),
        ("random", [("RandomFlip", None, {}), ("Rescaling", None, dict(scale=2.0)), ("RandomErasing", None, {})]),
    ]
    for name, layers in chains:
        yield chain("Pipeline", name, (4, 5, 3), [("Pipeline", dict(layers=layers))], engines=K3)
