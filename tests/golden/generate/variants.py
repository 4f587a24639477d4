"""Writes a saved model again in the other encodings that HDF5 and zip allow, as tools and users do."""

import zipfile

import h5py
from h5py import h5f, h5g, h5p

PACKED = dict(compression="gzip", shuffle=True)


def write_variants(folder, stem):
    """From `<stem>.h5` and `<stem>.keras`: chunks packed by gzip, HDF5's latest format, creation order kept, a deflated zip."""
    source = folder / f"{stem}.h5"
    rewrite_h5(source, folder / f"{stem}.gzip.h5", datasets=PACKED)
    rewrite_h5(source, folder / f"{stem}.latest.h5", latest=True)
    rewrite_h5(source, folder / f"{stem}.latest_gzip.h5", latest=True, datasets=PACKED)
    rewrite_h5(source, folder / f"{stem}.track_order.h5", track_order=True, userblock=512)
    with zipfile.ZipFile(folder / f"{stem}.keras") as old:
        with zipfile.ZipFile(folder / f"{stem}.deflate.keras", "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))


def rewrite_h5(source, target, latest=False, track_order=False, userblock=0, datasets=None):
    """Copy a file item by item; with `datasets` options all but small arrays are cut into chunks, about half as long on every side.

    Files and groups are made by h5py's low level, because only there HDF5 can be told to write no times.
    """
    with h5py.File(source) as old, create_file(target, latest, track_order, userblock) as new:
        copy_attributes(old, new)

        def copy(name, item):
            if isinstance(item, h5py.Group):
                properties = without_times(h5p.GROUP_CREATE, track_order)
                copied = h5py.Group(h5g.create(new.id, name.encode(), gcpl=properties))
            elif datasets and item.size >= 64:
                chunks = tuple((side + 1) // 2 for side in item.shape)
                copied = new.create_dataset(name, data=item[()], chunks=chunks, **datasets)
            else:
                copied = new.create_dataset(name, data=item[()])
            copy_attributes(item, copied)

        old.visititems(copy)


def create_file(path, latest, track_order, userblock):
    creation, access = without_times(h5p.FILE_CREATE, track_order), h5p.create(h5p.FILE_ACCESS)
    if userblock:
        creation.set_userblock(userblock)
    if latest:
        access.set_libver_bounds(h5f.LIBVER_LATEST, h5f.LIBVER_LATEST)
    return h5py.File(h5f.create(str(path).encode(), fcpl=creation, fapl=access))


def without_times(kind, track_order):
    properties = h5p.create(kind)
    properties.set_obj_track_times(False)
    if track_order:
        properties.set_link_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
        properties.set_attr_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
    return properties


def copy_attributes(old, new):
    for key, value in old.attrs.items():
        new.attrs[key] = value
