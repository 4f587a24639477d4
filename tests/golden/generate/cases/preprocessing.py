"""Preprocessing layers: categories, images, and what changes images in training alone."""

from case import BOTH, K2, K3, Case, one_layer

IDS = dict(dtype="int32", vocabulary=6)
IMAGES = dict(dtype="int32", spread=100.0)


def counted(engine):
    """CategoryEncoding of ids with a weight for each."""
    ids, weights = engine.input((5,), name="ids", dtype="int32"), engine.input((5,), name="weights", dtype="int32")
    encoding = engine.layer("CategoryEncoding", "category_encoding", num_tokens=6, output_mode="count")
    return engine.model([ids, weights], encoding(ids, count_weights=weights))


def cases():
    yield from one_layer(
        "CategoryEncoding",
        [
            ("one_hot", (1,), dict(num_tokens=6, output_mode="one_hot")),
            ("one_hot_row", (4,), dict(num_tokens=7, output_mode="one_hot"), dict(engines=K3)),
            ("one_hot_rank3", (3, 2), dict(num_tokens=7, output_mode="one_hot"), dict(engines=K3)),
            ("multi_hot", (4,), dict(num_tokens=6, output_mode="multi_hot")),
            ("multi_hot_rank3", (3, 2), dict(num_tokens=6, output_mode="multi_hot"), dict(engines=K3)),
            ("count", (9,), dict(num_tokens=8, output_mode="count")),
            ("of_floats", (9,), dict(num_tokens=8, output_mode="count"), dict(dtype="float32")),
        ],
        **IDS,
    )
    yield Case("CategoryEncoding", "count_weights", counted, vocabulary=6)
    bins = dict(bin_boundaries=[-1.0, -0.25, 0.5, 0.5, 2.0])
    yield from one_layer(
        "Discretization",
        [
            ("int", (6,), bins),
            ("int_rank3", (3, 2), bins),
            ("of_integers", (6,), dict(bin_boundaries=[-2.0, 0.0, 1.0]), dict(dtype="int32", spread=2.0)),
            ("one_hot", (1,), dict(**bins, output_mode="one_hot")),
            ("one_hot_row", (4,), dict(**bins, output_mode="one_hot"), dict(engines=K3)),
            ("multi_hot", (4,), dict(**bins, output_mode="multi_hot")),
            ("count", (7,), dict(**bins, output_mode="count")),
        ],
    )
    yield from one_layer(
        "Resizing",
        [
            ("bilinear", (4, 5, 2), dict(height=6, width=3)),
            ("nearest", (4, 5, 2), dict(height=7, width=4, interpolation="nearest")),
            ("bicubic", (4, 8, 1), dict(height=8, width=5, interpolation="bicubic")),
            ("lanczos3", (5, 6, 1), dict(height=4, width=9, interpolation="lanczos3")),
            ("lanczos5", (5, 6, 1), dict(height=4, width=9, interpolation="lanczos5")),
            ("gaussian", (5, 6, 1), dict(height=4, width=9, interpolation="gaussian"), dict(engines=K2)),
            ("mitchellcubic", (5, 6, 1), dict(height=4, width=9, interpolation="mitchellcubic"), dict(engines=K2)),
            ("area", (6, 4, 1), dict(height=3, width=5, interpolation="area"), dict(engines=K2, **IMAGES)),
            ("antialias", (6, 8, 1), dict(height=3, width=5, antialias=True), dict(engines=K3)),
            ("antialias_bicubic", (6, 8, 1), dict(height=3, width=5, interpolation="bicubic", antialias=True), dict(engines=K3)),
            ("crop", (6, 4, 2), dict(height=3, width=4, crop_to_aspect_ratio=True)),
            ("crop_wide", (3, 8, 1), dict(height=4, width=4, crop_to_aspect_ratio=True)),
            ("pad", (6, 3, 2), dict(height=4, width=5, pad_to_aspect_ratio=True, fill_value=0.5), dict(engines=K3)),
            ("pad_wide", (2, 5, 1), dict(height=4, width=4, pad_to_aspect_ratio=True), dict(engines=K3)),
            ("channels_first", (2, 4, 5), dict(height=6, width=3, data_format="channels_first"), dict(engines=K3)),
            ("of_integers", (4, 5, 1), dict(height=8, width=10), IMAGES),
            ("of_integers_nearest", (4, 5, 1), dict(height=3, width=8, interpolation="nearest"), IMAGES),
            ("unknown_size", (None, None, 1), dict(height=3, width=7, crop_to_aspect_ratio=True)),
        ],
    )
    yield from one_layer(
        "CenterCrop",
        [
            ("smaller", (7, 6, 2), dict(height=4, width=3)),
            ("odd", (5, 5, 1), dict(height=2, width=4)),
            ("larger", (4, 6, 1), dict(height=5, width=3)),
            ("of_integers", (5, 4, 1), dict(height=3, width=3), IMAGES),
            ("unknown_size", (None, None, 2), dict(height=3, width=4)),
            ("channels_first", (2, 6, 5), dict(height=3, width=4, data_format="channels_first"), dict(engines=K3)),
        ],
    )
    yield from one_layer(
        "RandomCrop",
        [
            ("smaller", (6, 7, 2), dict(height=4, width=3, seed=2)),
            ("larger", (4, 3, 1), dict(height=5, width=6, seed=1)),
            ("of_integers", (5, 4, 1), dict(height=3, width=4, seed=3), IMAGES),
        ],
    )
    yield from random_layers()


def random_layers():
    """What is random in training does nothing here but keep its configuration."""
    filled = dict(fill_mode="constant", fill_value=0.5, interpolation="nearest")
    rows = {
        "RandomFlip": [dict(), dict(mode="horizontal", seed=3), dict(mode="vertical")],
        "RandomRotation": [dict(factor=0.2), dict(factor=(-0.1, 0.3), fill_mode="wrap"), dict(factor=0.5, **filled)],
        "RandomTranslation": [
            dict(height_factor=0.2, width_factor=0.3),
            dict(height_factor=(-0.1, 0.3), width_factor=(0.1, 0.2), fill_mode="nearest"),
            dict(height_factor=0.2, width_factor=0.3, **filled),
        ],
        "RandomZoom": [
            dict(height_factor=0.2),
            dict(height_factor=(-0.1, 0.3), width_factor=(0.1, 0.2), fill_mode="wrap"),
            dict(height_factor=0.2, width_factor=0.3, **filled),
        ],
        "RandomContrast": [dict(factor=0.2), dict(factor=(0.1, 0.3), seed=1), dict(factor=1.0)],
        "RandomBrightness": [dict(factor=0.2), dict(factor=(-0.1, 0.3), value_range=(0.0, 1.0)), dict(factor=1.0, seed=4)],
    }
    for class_name, configs in rows.items():
        yield from one_layer(
            class_name, [(name, (4, 3, 2), config) for name, config in zip(("plain", "pair", "options"), configs)], engines=BOTH
        )
    yield from one_layer("RandomHeight", [("plain", (4, 3, 2), dict(factor=0.2)), ("pair", (4, 3, 1), dict(factor=(0.1, 0.3)))], engines=K2)
    yield from one_layer("RandomWidth", [("plain", (4, 3, 2), dict(factor=0.2)), ("pair", (4, 3, 1), dict(factor=(0.1, 0.3)))], engines=K2)
