"""Attention, and EinsumDense, of which it is made."""

from case import BOTH, K3, Case, one_layer


def attended(class_name, name, config=None, shapes=((4, 3), (5, 3)), arguments=None, masks=(), engines=BOTH, **options):
    """One attention over float inputs of these shapes: query, value and key. Inputs whose index is in `masks` come from an Embedding with
    a mask; `arguments` are the call's."""

    def build(engine):
        tensors, inputs = [], []
        for i, shape in enumerate(shapes):
            ids = i in masks
            inputs.append(engine.input(shape[:1] if ids else shape, name=f"input_{i}", dtype="int32" if ids else "float32"))
            embed = engine.layer("Embedding", f"embedding_{i}", input_dim=6, output_dim=shape[-1], mask_zero=True) if ids else None
            tensors.append(embed(inputs[-1]) if embed else inputs[-1])
        call = dict(arguments or {})
        if call.get("attention_mask") is True:
            inputs.append(engine.input((shapes[0][0], shapes[1][0]), name="attention_mask", dtype="int32"))
            call["attention_mask"] = inputs[-1]
        exported = "GroupQueryAttention" if class_name == "GroupedQueryAttention" else class_name
        layer = engine.layer(exported, "attention", **(config or {}))
        outputs = layer(tensors, **call) if "Head" not in class_name and "Grouped" not in class_name else layer(*tensors, **call)
        if masks and "return_attention_scores" not in call:
            outputs = engine.layer("LSTM", "lstm", units=2, return_sequences=True)(outputs)
        return engine.model(inputs, outputs)

    return Case(class_name, name, build, engines, **options)


def dense_attentions():
    scores, causal = dict(return_attention_scores=True), dict(use_causal_mask=True)
    for class_name in ("Attention", "AdditiveAttention"):
        yield attended(class_name, "plain")
        engines = K3 if class_name == "AdditiveAttention" else BOTH  # tf-keras cannot
        yield attended(class_name, "key", shapes=((4, 3), (5, 2), (5, 3)), engines=engines)
        yield attended(class_name, "causal", arguments=causal)
        yield attended(class_name, "scores", arguments={**scores, **causal})
        yield attended(class_name, "masked_value", masks=(1,), vocabulary=6, tokens="padded")
        yield attended(class_name, "masked", masks=(0, 1), arguments=causal, vocabulary=6, tokens="padded")
        yield attended(class_name, "empty_row", masks=(1,), vocabulary=6, tokens="empty_row")
        yield attended(class_name, "any_length", shapes=((None, 3), (None, 3)), arguments=causal)
    yield attended("Attention", "scale", dict(use_scale=True))
    yield attended("Attention", "concat", dict(score_mode="concat"))
    yield attended("Attention", "concat_scale", dict(score_mode="concat", use_scale=True))
    yield attended("Attention", "dropout", dict(dropout=0.5))
    yield attended("AdditiveAttention", "no_scale", dict(use_scale=False))
    yield attended("AdditiveAttention", "one_feature", shapes=((4, 3), (5, 1)), engines=K3)


def heads(class_name, base, engines=BOTH):
    causal = dict(use_causal_mask=True)
    yield attended(class_name, "plain", base, engines=engines)
    yield attended(class_name, "no_bias", {**base, "use_bias": False}, engines=engines)
    others = ((5, 2), (5, 4)) if class_name == "MultiHeadAttention" else ((5, 3), (5, 3))  # Keras wants the query's features
    yield attended(class_name, "key", base, shapes=((4, 3), *others), engines=engines)
    yield attended(class_name, "causal", base, arguments=causal, engines=engines)
    yield attended(class_name, "scores", base, arguments=dict(return_attention_scores=True, **causal), engines=engines)
    yield attended(class_name, "dropout", {**base, "dropout": 0.3}, engines=engines)
    ids = dict(vocabulary=6, tokens="padded", engines=engines)
    yield attended(class_name, "masked_query", base, masks=(0,), **ids)
    yield attended(class_name, "masked_value", base, masks=(1,), arguments=causal, **ids)
    yield attended(class_name, "masked_all", base, shapes=((4, 3), (5, 3), (5, 3)), masks=(0, 1, 2), **ids)
    yield attended(class_name, "masked_scores", base, masks=(1,), arguments=dict(return_attention_scores=True), **{**ids, "tokens": "empty_row"})
    yield attended(class_name, "given_mask", base, arguments=dict(attention_mask=True), vocabulary=2, engines=engines)
    yield attended(class_name, "any_length", base, shapes=((None, 3), (None, 3)), arguments=causal, engines=engines)


def gates(class_name, base):
    yield attended(class_name, "gate", {**base, "use_gate": True}, engines=K3)
    yield attended(class_name, "window", {**base, "sliding_window": 2}, shapes=((6, 3), (6, 3)), arguments=dict(use_causal_mask=True), engines=K3)


def cases():
    yield from dense_attentions()
    base = dict(num_heads=2, key_dim=3)
    yield from heads("MultiHeadAttention", base)
    yield from gates("MultiHeadAttention", base)
    yield attended("MultiHeadAttention", "value_dim", {**base, "value_dim": 4})
    yield attended("MultiHeadAttention", "output_shape", {**base, "output_shape": (2, 5)})
    yield attended("MultiHeadAttention", "image", base, shapes=((2, 3, 2), (2, 3, 2)))
    yield attended("MultiHeadAttention", "one_axis", {**base, "attention_axes": (2,)}, shapes=((2, 4, 2), (2, 3, 2)))
    shared = dict(head_dim=3, num_query_heads=4, num_key_value_heads=2)
    yield from heads("GroupedQueryAttention", shared, engines=K3)
    yield from gates("GroupedQueryAttention", shared)
    yield attended("GroupedQueryAttention", "one_head", {**shared, "num_key_value_heads": 1}, engines=K3)
    yield from one_layer(
        "EinsumDense",
        [
            ("dense", (5,), dict(equation="ab,bc->ac", output_shape=4, bias_axes="c")),
            ("series", (3, 5), dict(equation="abc,cd->abd", output_shape=(None, 4), bias_axes="d", activation="relu")),
            ("ellipsis", (2, 3, 5), dict(equation="...x,xy->...y", output_shape=4, bias_axes="y")),
            ("no_bias", (3, 5), dict(equation="...x,xy->...y", output_shape=4)),
            ("heads", (3, 5), dict(equation="abc,cde->abde", output_shape=(None, 2, 4), bias_axes="de")),
            ("joined", (3, 2, 4), dict(equation="abcd,cde->abe", output_shape=(None, 5), bias_axes="e")),
            ("first_axis", (3, 5), dict(equation="abc,bd->adc", output_shape=(4, 5), bias_axes="d")),
            ("behind", (3, 4, 2), dict(equation="ab...,bc->ac...", output_shape=5, bias_axes="c")),
            ("any_length", (None, 5), dict(equation="abc,cd->abd", output_shape=(None, 4), bias_axes="d")),
        ],
    )
