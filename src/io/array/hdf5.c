/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hdf5.c: movies in HDF5 files: those of any program, NWB and MATLAB 7.3 among them.
 */
#include "io/array/hdf5.h"

#include "io/image/image_load_source.h"

#include <string.h>

/* The signature stands at the start, or behind a block of the user's (MATLAB: 512 bytes). */
static int detect(const uint8_t *head, size_t n, const char *path)
{
    static const uint8_t signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
    (void)path;
    for (size_t at = 0; at + sizeof signature <= n; at = at == 0 ? 512 : 2 * at)
        if (memcmp(head + at, signature, sizeof signature) == 0) return at == 0 ? 95 : 90;
    return 0;
}

static lmp_status open_and_load(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    const lmp_status status = hdf5_open(path, options, source, err);
    return status == LMP_OK ? image_load_source(path, options, source, err) : status;
}

const lmp_io lmp_io_hdf5 = {
    .name = "HDF5",
    .summary = "Dataset of an HDF5 file (NWB and MATLAB 7.3 are such files): --dataset names one, else the largest is "
               "read. Movies and images.",
    .kind = LMP_MOVIE,
    .extensions = "h5|hdf5",
    .has_datasets = true,
    .can_read = true,
    .can_write = true,
    .detect = detect,
    .open = open_and_load,
    .create = hdf5_create,
    .pack_bytes = hdf5_pack_bytes,
};
