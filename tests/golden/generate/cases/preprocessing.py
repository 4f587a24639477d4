"""Preprocessing layers: categories, images, and what changes images in training alone."""

from case import BOTH, K2, K3, Case, chain, one_layer

IDS = dict(dtype="int32", vocabulary=6)
IMAGES = dict(dtype="int32", spread=100.0)


WORDS = dict(dtype="string", words=("cat", "dog", "bird", "", "the", "unknown", "another", "\u00e9t\u00e9"))
TEXTS = dict(dtype="string", words=("The cat, the DOG!", "a  bird\tand the\ncat", "", "?!", "dog", "\u00c9t\u00e9 caf\u00e9 -- dog's"))
VOCABULARY = ["the", "cat", "dog", "bird"]


def crossed(name, config, dtypes, **options):
    """HashedCrossing of one input of each dtype."""

    def build(engine):
        inputs = [engine.input((1,), name=f"input_{i}", dtype=dtype) for i, dtype in enumerate(dtypes)]
        return engine.model(inputs, engine.layer("HashedCrossing", "hashed_crossing", **config)(inputs))

    return Case("HashedCrossing", name, build, words=WORDS["words"], vocabulary=50, **options)


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
    yield from lookups()
    yield from texts()


def lookups():
    """Layers with a vocabulary of tokens, and those that hash instead."""
    weights = [0.5, 1.5, 0.25, 2.0]
    yield from one_layer(
        "StringLookup",
        [
            ("int", (4,), dict(vocabulary=VOCABULARY)),
            ("masked", (4,), dict(vocabulary=["", "[UNK]", *VOCABULARY], mask_token="")),
            ("several_oov", (6,), dict(vocabulary=VOCABULARY, num_oov_indices=3, mask_token="")),
            ("no_oov", (3,), dict(vocabulary=["bird", "cat"], num_oov_indices=0), dict(words=("cat", "bird"))),
            ("one_hot", (1,), dict(vocabulary=VOCABULARY, output_mode="one_hot")),
            ("multi_hot", (5,), dict(vocabulary=VOCABULARY, output_mode="multi_hot", mask_token="")),
            ("count", (7,), dict(vocabulary=VOCABULARY, output_mode="count", max_tokens=9, pad_to_max_tokens=True)),
            ("tf_idf", (7,), dict(vocabulary=VOCABULARY, output_mode="tf_idf", idf_weights=weights), dict(engines=K3)),
            (
                "inverted",
                (4,),
                dict(vocabulary=VOCABULARY, invert=True, mask_token="", oov_token="?"),
                dict(dtype="int32", vocabulary=9, words=()),
            ),
        ],
        **WORDS,
    )
    numbers = dict(vocabulary=[12, 7, -3, 40])
    yield from one_layer(
        "IntegerLookup",
        [
            ("int", (6,), numbers),
            ("masked", (6,), dict(**numbers, mask_token=0)),
            ("several_oov", (6,), dict(**numbers, num_oov_indices=3)),
            ("multi_hot", (6,), dict(**numbers, output_mode="multi_hot")),
            ("count", (6,), dict(vocabulary=[-1, 2, 3, 4], output_mode="count")),
            ("inverted", (4,), dict(**numbers, invert=True)),
        ],
        dtype="int32",
        spread=4.0,
    )
    yield from one_layer(
        "Hashing",
        [
            ("strings", (4,), dict(num_bins=11)),
            ("masked", (4,), dict(num_bins=11, mask_value="")),
            ("salted", (4,), dict(num_bins=11, salt=133)),
            ("salted_pair", (4,), dict(num_bins=7, salt=[5, 137], mask_value="cat")),
            ("integers", (4,), dict(num_bins=9), dict(dtype="int32", spread=50.0)),
            ("one_hot", (1,), dict(num_bins=6, output_mode="one_hot")),
            ("multi_hot", (5,), dict(num_bins=6, output_mode="multi_hot")),
            ("count", (5,), dict(num_bins=6, output_mode="count")),
        ],
        **WORDS,
    )
    yield crossed("strings", dict(num_bins=13), ["string", "string"])
    yield crossed("mixed", dict(num_bins=17), ["string", "int32", "string"], engines=K2)
    yield crossed("one_hot", dict(num_bins=5, output_mode="one_hot"), ["int32", "string"])


def texts():
    """TextVectorization of a column of texts."""
    several = dict(vocabulary=["the", "cat", "dog", "the cat", "and", "caf\u00e9"])
    yield from one_layer(
        "TextVectorization",
        [
            ("int", (1,), dict(**several, output_sequence_length=4)),
            ("short", (1,), dict(**several, output_sequence_length=2, standardize="lower")),
            ("ngrams", (1,), dict(**several, output_sequence_length=9, ngrams=2)),
            ("stripped", (1,), dict(vocabulary=["The", "DOG", "cat"], output_sequence_length=5, standardize="strip_punctuation")),
            (
                "characters",
                (1,),
                dict(vocabulary=["", "[UNK]", "t", "c", "\u00e9"], output_sequence_length=7, split="character"),
            ),
            ("whole", (1,), dict(vocabulary=["dog", "the cat the dog"], output_sequence_length=2, split=None)),
            ("whole_plain", (1,), dict(vocabulary=["dog", "?!"], split=None, standardize=None)),
            ("multi_hot", (1,), dict(**several, output_mode="multi_hot")),
            ("count", (1,), dict(**several, output_mode="count", ngrams=(1, 2), max_tokens=10, pad_to_max_tokens=True)),
            ("tf_idf", (1,), dict(**several, output_mode="tf_idf", idf_weights=[0.1, 0.5, 0.25, 2.0, 1.0, 3.0]), dict(engines=K3)),
        ],
        **TEXTS,
    )


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
    yield from keras3_layers()
    sizes = [
        ("plain", (4, 3, 2), dict(factor=0.2)),
        ("pair", (4, 3, 1), dict(factor=(0.1, 0.3))),
        ("options", (4, 3, 2), dict(factor=0.2, interpolation="nearest", seed=5)),
    ]
    yield from one_layer("RandomHeight", sizes, engines=K2)
    yield from one_layer("RandomWidth", sizes, engines=K2)


def keras3_layers():
    """Those that Keras 3 alone has. AutoContrast does in inference what it does in training; no model can have Equalization in Keras 3.15."""
    unit, half = dict(value_range=(0.0, 1.0)), (0.25, 0.5)
    shear = dict(x_factor=0.2, y_factor=0.1)
    rows = {
        "AugMix": [dict(), dict(num_chains=2, chain_depth=2, factor=half), dict(all_ops=False, alpha=0.5, **unit)],
        "AutoContrast": [dict(), unit, dict(value_range=(-1.0, 3.0))],
        "CutMix": [dict(), dict(factor=half), dict(factor=0.5, seed=1)],
        "MixUp": [dict(), dict(alpha=0.4), dict(seed=3)],
        "RandAugment": [dict(), dict(num_ops=3, factor=half), unit],
        "RandomColorDegeneration": [dict(factor=0.5), dict(factor=half), dict(factor=0.5, seed=1, **unit)],
        "RandomColorJitter": [dict(), dict(brightness_factor=0.1, hue_factor=half), dict(contrast_factor=half, saturation_factor=0.2, **unit)],
        "RandomElasticTransform": [dict(), dict(factor=half, scale=half), dict(fill_mode="constant", fill_value=2.0, interpolation="nearest")],
        "RandomErasing": [dict(), dict(factor=half, scale=half), dict(fill_value=[1.0, 2.0, 3.0], **unit)],
        "RandomGaussianBlur": [dict(), dict(factor=half, kernel_size=(3, 5), sigma=half), dict(kernel_size=5, **unit)],
        "RandomGrayscale": [dict(), dict(factor=0.2), dict(factor=1.0)],
        "RandomHue": [dict(factor=0.5), dict(factor=half), dict(factor=0.5, seed=1, **unit)],
        "RandomInvert": [dict(), dict(factor=half), unit],
        "RandomPerspective": [dict(), dict(factor=half, scale=0.5), dict(interpolation="nearest", fill_value=1.0)],
        "RandomPosterization": [dict(factor=3), dict(factor=(2, 5)), dict(factor=8, **unit)],
        "RandomSaturation": [dict(factor=0.5), dict(factor=half), dict(factor=0.5, **unit)],
        "RandomSharpness": [dict(factor=0.5), dict(factor=half), dict(factor=0.5, **unit)],
        "RandomShear": [dict(), shear, dict(fill_mode="nearest", interpolation="nearest", **shear)],
        "Solarization": [dict(), dict(addition_factor=0.2, threshold_factor=half), unit],
    }
    for class_name, configs in rows.items():
        for name, config in zip(("plain", "pair", "options"), configs):
            yield chain(class_name, name, (4, 3, 3), [(class_name, config)], engines=K3)
