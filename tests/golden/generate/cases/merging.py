"""Layers that make one tensor of several."""

from case import merge_layer


def cases():
    yield from merge_layer(
        "Add",
        [
            ("two", [(5,), (5,)], {}),
            ("three", [(3, 4, 2), (3, 4, 2), (3, 4, 2)], {}),
            ("broadcast_axis", [(3, 4), (1, 4)], {}),
            ("broadcast_rank", [(4, 3), (3,)], {}),
        ],
    )
    for class_name in ("Multiply", "Average", "Maximum", "Minimum"):
        yield from merge_layer(
            class_name,
            [
                ("two", [(5,), (5,)], {}),
                ("three", [(3, 2), (3, 2), (3, 2)], {}),
                ("broadcast_axis", [(3, 4), (1, 4)], {}),
                ("broadcast_rank", [(4, 3), (3,)], {}),
            ],
        )
    yield from merge_layer(
        "Subtract", [("two", [(5,), (5,)], {}), ("broadcast_axis", [(1, 4), (3, 4)], {}), ("broadcast_rank", [(3,), (2, 4, 3)], {})]
    )
    yield from merge_layer(
        "Concatenate",
        [
            ("last", [(3,), (5,)], {}),
            ("axis_1", [(2, 4), (3, 4)], dict(axis=1)),
            ("channels", [(3, 3, 2), (3, 3, 1), (3, 3, 4)], dict(axis=3)),
            ("axis_minus_2", [(2, 3, 2), (2, 1, 2)], dict(axis=-2)),
        ],
    )
    yield from merge_layer(
        "Dot",
        [
            ("vectors", [(5,), (5,)], dict(axes=1)),
            ("cosine", [(5,), (5,)], dict(axes=-1, normalize=True)),
            ("matrices", [(3, 4), (4, 2)], dict(axes=(2, 1))),
            ("last", [(3, 4), (2, 4)], dict(axes=-1)),
            ("first", [(3, 4), (3, 2)], dict(axes=1, normalize=True)),
            ("vector", [(3, 4), (4,)], dict(axes=(2, 1))),
            ("images", [(2, 3, 4), (5, 4, 2)], dict(axes=(-1, -2))),
        ],
    )
