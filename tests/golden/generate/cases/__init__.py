"""The tables of golden cases, one module a family of layers."""

from . import activations, applications, attention, basic, conv_lstm, convolution, keras1, masks, merging, models, normalization, operations, preprocessing, recurrent, windows

TABLES = (activations, applications, attention, basic, conv_lstm, convolution, keras1, masks, merging, models, normalization, operations, preprocessing, recurrent, windows)


def all_cases():
    """Every case of every table; a name is used once in a folder."""
    cases = [case for table in TABLES for case in table.cases()]
    names = [(case.folder, case.name) for case in cases]
    assert len(set(names)) == len(names), "two cases have the same folder and name"
    return cases
