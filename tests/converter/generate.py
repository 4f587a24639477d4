"""Writes `files/`: small HDF5 files in every form that the reader knows, and in those that it refuses; `variants/`: models of
tests/golden/files as other machines and older Kerases would have saved them.

Needs NumPy and h5py 3.16, whose HDF5 2.0 writes the newest forms. Running it twice gives the same bytes, the time of a named
datatype in refused.h5 apart.

The first letter of a dataset's name says what is in it: see numbers(). hdf5_test.c checks it.
"""

import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
from h5py import h5d, h5f, h5g, h5p, h5s, h5t

FOLDER = Path(__file__).resolve().parent / "files"
VARIANTS = FOLDER.parent / "variants"
MODELS = FOLDER.parent.parent / "golden" / "files"


def numbers(letter, count):
    i = np.arange(count)
    return {"f": (i % 101) * 0.25 - 5, "i": i % 101 - 50, "u": i % 101, "z": i * 0, "c": i * 0 + 1.5}[letter]


def add(group, name, shape, dtype="<f4", **options):
    data = numbers(name[0], int(np.prod(shape))).reshape(shape).astype(dtype)
    group.create_dataset(name, data=data, track_times=False, **options)


def add_types(group):
    for dtype in ("<f2", "<f4", "<f8", ">f2", ">f4", ">f8"):
        add(group, f"f_{dtype[0].replace('<', 'little').replace('>', 'big')}{dtype[1:]}", (3, 5), dtype)
    for dtype in ("i1", "i2", "i4", "i8", ">i4"):
        add(group, f"i_{dtype.replace('>', 'big_')}", (7,), dtype)
    for dtype in ("u1", "u2", "u4", "u8", ">u2"):
        add(group, f"u_{dtype.replace('>', 'big_')}", (7,), dtype)
    add(group, "z_bool", (3,), bool)
    add(group, "f_scalar", ())
    add(group, "f_empty", (0, 4))
    bits = (numbers("f", 6).astype("<f4").view("<u4") >> 16).astype("<u2")
    group.create_dataset("f_bfloat16", data=bits.view("V2"), track_times=False).attrs["dtype"] = "bfloat16"


def add_storage(group):
    filters = {
        "plain": {},
        "gzip": dict(compression="gzip"),
        "packed": dict(compression="gzip", shuffle=True, fletcher32=True),
        "lzf": dict(compression="lzf"),
    }
    limits = {"fixed": None, "grows": (None, 7), "aside": (12, None), "free": (None, None)}
    for filter_name, options in filters.items():
        for limit, maxshape in limits.items():
            add(group, f"f_{filter_name}_{limit}", (11, 7), chunks=(4, 3), maxshape=maxshape, **options)
        add(group, f"f_{filter_name}_single", (11, 7), chunks=(11, 7), **options)
    add(group, "f_cube", (5, 4, 6), chunks=(2, 3, 4), maxshape=(None, 4, 6), compression="gzip")
    add(group, "f_long", (1200,), chunks=(4,), maxshape=(None,))  # an extensible array with super blocks
    group.create_dataset("z_unwritten", shape=(5, 6), dtype="<f4", track_times=False)
    group.create_dataset("c_filled", shape=(5, 6), dtype="<f4", fillvalue=1.5, track_times=False)
    group.create_dataset("c_filled_chunks", shape=(5, 6), dtype="<f4", chunks=(2, 2), fillvalue=1.5, track_times=False)
    by_hand(group, b"f_compact", (9,), compact)
    by_hand(group, b"f_implicit", (10, 9), early_chunks)


def compact(properties):
    properties.set_layout(h5d.COMPACT)


def early_chunks(properties):
    properties.set_chunk((4, 4))
    properties.set_alloc_time(h5d.ALLOC_TIME_EARLY)


def by_hand(group, name, shape, choose, dtype=h5t.IEEE_F32LE, write=True):
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_obj_track_times(False)
    choose(properties)
    dataset = h5d.create(group.id, name, dtype, h5s.create_simple(shape), properties)
    if write:
        dataset.write(h5s.ALL, h5s.ALL, numbers(name.decode()[0], int(np.prod(shape))).reshape(shape).astype(dtype.dtype))


def add_names(group):
    for i in range(30):
        add(group, f"f_{i}", (1,))
        group.attrs[f"text_{i}"] = f"value {i}"
    group.attrs["fixed"] = np.array([b"one", b"two", b"three"])
    group.attrs["variable"] = np.array(["eins", "zwei", "drei"], dtype=h5py.string_dtype())
    group.attrs["none"] = np.zeros(0)
    for part, names in enumerate((["a", "b"], ["c"], ["d", "e"])):
        group.attrs[f"split{part}"] = np.array(names, dtype="S1")


def without_times(kind, ordered=False):
    properties = h5p.create(kind)
    properties.set_obj_track_times(False)
    if ordered:
        properties.set_link_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
        properties.set_attr_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
    return properties


def create_file(name, oldest, newest, ordered=False, userblock=0):
    creation, access = without_times(h5p.FILE_CREATE, ordered), h5p.create(h5p.FILE_ACCESS)
    creation.set_userblock(userblock)
    access.set_libver_bounds(oldest, newest)
    return h5py.File(h5f.create(str(FOLDER / name).encode(), fcpl=creation, fapl=access))


def add_group(parent, name, ordered=False):
    return h5py.Group(h5g.create(parent.id, name.encode(), gcpl=without_times(h5p.GROUP_CREATE, ordered)))


def write_file(name, oldest, newest, **options):
    with create_file(name, oldest, newest, **options) as file:
        ordered = options.get("ordered", False)
        add_types(add_group(file, "types", ordered))
        add_storage(add_group(file, "storage", ordered))
        add_names(add_group(add_group(file, "names", ordered), "deeper", ordered))


def write_refused():
    with create_file("refused.h5", h5f.LIBVER_LATEST, h5f.LIBVER_LATEST) as file:
        file["soft"] = h5py.SoftLink("/target")
        file["external"] = h5py.ExternalLink("/etc/passwd", "/target")
        space = h5s.create_simple((4,))
        by_hand(file, b"virtual", (4,), lambda properties: properties.set_virtual(space, b"/etc/passwd", b"data", space), write=False)
        by_hand(file, b"elsewhere", (4,), lambda properties: properties.set_external(b"/dev/null", 0, 16), write=False)
        file["kept_type"] = np.dtype("<f4")
        file.create_dataset("named_type", shape=(4,), dtype=file["kept_type"], track_times=False)
        file.create_dataset("compound", data=np.zeros(3, dtype=[("a", "f4"), ("b", "i4")]), track_times=False)
        file.create_dataset("text", data=["a", "b"], track_times=False)
        file.create_dataset("claims", shape=(1 << 40,), dtype="<f4", track_times=False)
        file.create_dataset("claims_chunks", shape=(1 << 40,), dtype="<f4", chunks=(1 << 20,), compression="gzip", track_times=False)


def write_full():
    """Numbers with all bits set that are just numbers: only addresses and lengths have an undefined value."""
    with create_file("full.h5", h5f.LIBVER_LATEST, h5f.LIBVER_LATEST) as file:
        add(file, "f" * 255, (3,))
        add_group(file, "header_255")["f" * 212] = file["f" * 255]
        by_hand(file, b"u_header_65535", (65535 - 256,), compact, h5t.STD_U8LE)
        file.create_dataset("z_never_written", shape=(1 << 20,), dtype="<f4", chunks=(1 << 10,), track_times=False)
        add(file, "f_chunk_255", (300,), "<f2", chunks=(255,))
        add(file, "f_chunk_65535", (65540,), "<f2", chunks=(65535,), compression="gzip", compression_opts=9)
    headers = header_sizes((FOLDER / "full.h5").read_bytes())
    assert {255, 65535} <= headers, headers


def header_sizes(data):
    """Sizes of the first blocks of all version 2 object headers."""
    sizes, at = set(), data.find(b"OHDR")
    while at >= 0:
        flags = data[at + 5]
        size_at = at + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        sizes.add(int.from_bytes(data[size_at : size_at + (1 << (flags & 3))], "little"))
        at = data.find(b"OHDR", at + 4)
    return sizes


def copy_group(old, new, attribute=lambda key, value: {key: value}, skip=lambda name: False):
    """Copies links, attributes and datasets; `attribute` says what becomes of an attribute, `skip` which datasets are left out."""
    for name in ["", *all_names(old)]:
        item = old[name] if name else old
        if isinstance(item, h5py.Dataset) and skip(name):
            continue
        copied = copy_item(item, new, name) if name else new
        for key, value in item.attrs.items():
            for new_key, new_value in attribute(key, value).items():
                copied.attrs[new_key] = new_value


def copy_item(item, new, name):
    if isinstance(item, h5py.Dataset):
        return new.create_dataset(name, data=item[()], track_times=False)
    return add_group(new[item.parent.name], name.rpartition("/")[2])


def all_names(group):
    names = []
    group.visit(names.append)
    return names


def split_names(key, value):
    """Keras splits a list of names that does not fit an attribute of 64 KiB."""
    if key not in ("layer_names", "weight_names") or len(value) < 2:
        return {key: value}
    return {f"{key}{i}": part for i, part in enumerate(np.array_split(np.array(value), 2))}


def copy_model(source, target, **options):
    with h5py.File(MODELS / source) as old, create_file(VARIANTS / target, h5f.LIBVER_EARLIEST, h5f.LIBVER_LATEST) as new:
        copy_group(old, new, **options)


def write_windows(source, target):
    """tf-keras on Windows joined the paths of objects with backslashes."""
    with zipfile.ZipFile(MODELS / source) as old, zipfile.ZipFile(VARIANTS / target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(zipfile.ZipInfo(name), windows_weights(data) if name == "model.weights.h5" else data)


def windows_weights(data):
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    made = h5py.File(h5f.create(b"weights", fcpl=without_times(h5p.FILE_CREATE), fapl=access))
    with h5py.File(io.BytesIO(data)) as old:
        for name in all_names(old):
            if isinstance(old[name], h5py.Dataset):
                path, _, variable = name.rpartition("/vars/")
                link = path.replace("/", "\\")
                variables = made[link]["vars"] if link in made else add_group(add_group(made, link), "vars")
                variables.create_dataset(variable, data=old[name][()], track_times=False)
    made.flush()
    image = made.id.get_file_image()
    made.close()
    return image


def write_variants():
    VARIANTS.mkdir(exist_ok=True)
    write_windows("k2_15_branches.keras", "windows.keras")
    copy_model("k3_branches.h5", "split_names.h5", attribute=split_names)
    copy_model("k3_3_counters.h5", "incomplete.h5", skip=lambda name: name.endswith("head/kernel"))


def main():
    FOLDER.mkdir(exist_ok=True)
    write_file("earliest.h5", h5f.LIBVER_EARLIEST, h5f.LIBVER_LATEST)
    write_file("v110.h5", h5f.LIBVER_V110, h5f.LIBVER_V110, ordered=True, userblock=512)
    write_file("latest.h5", h5f.LIBVER_LATEST, h5f.LIBVER_LATEST)
    write_full()
    write_refused()
    write_variants()


if __name__ == "__main__":
    main()
