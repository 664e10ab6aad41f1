"""Groups of draws as a netCDF file that ArviZ and xarray read, without loading either."""

from collections.abc import Mapping
from io import BytesIO

import h5netcdf
import h5py
import numpy as np

from forecast.inference.draw_groups import DrawGroups
from forecast.inference.draws import Ints
from forecast.model.version import Floats

__all__ = ["netcdf_bytes"]


def netcdf_bytes(found: DrawGroups, attributes: Mapping[str, str | float]) -> bytes:
    """A netCDF 4 file with one group for each group of draws, and attributes at its root."""
    file = BytesIO()
    with h5netcdf.File(file, "w") as root:
        root.attrs.update(attributes)
        for name, variables in found.groups.items():
            group = root.create_group(name)
            dims = found.dims if name != "log_prior" else {}
            for variable, values in variables.items():
                _write(group, variable, values, ("chain", "draw", *dims.get(variable, ())), found.labels)
    return file.getvalue()


def _write(
    group: h5netcdf.Group, name: str, values: Floats | Ints, dims: tuple[str, ...], labels: Mapping[str, list[str]]
) -> None:
    """One variable, and the coordinates of those of its dimensions that the group does not have yet."""
    for dim, size in zip(dims, values.shape, strict=True):
        if dim not in group.dimensions:
            group.dimensions[dim] = size
            if dim in labels:
                texts = np.array(labels[dim], dtype=object)
                group.create_variable(dim, (dim,), dtype=h5py.string_dtype(), data=texts)
            else:
                group.create_variable(dim, (dim,), data=np.arange(size))
    group.create_variable(name, dims, data=np.ascontiguousarray(values))
