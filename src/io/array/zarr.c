/* SPDX-License-Identifier: BSD-3-Clause
 *
 * zarr.c: movies in Zarr folders, version 2.
 */
#include "io/array/zarr.h"

#include "io/image/image_load_source.h"

#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char *zarr_join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

bool zarr_has(const char *folder, const char *name)
{
    os_file_info info;
    char *path = zarr_join(folder, name);
    const bool has = path != NULL && os_path_stat(path, &info) == 0;
    free(path);
    return has;
}

static int detect(const uint8_t *head, size_t n, const char *path)
{
    (void)head;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    if (n > 0) return 0;
    if (zarr_has(path, ".zarray") || zarr_has(path, ".zgroup") || zarr_has(path, "zarr.json")) return 100;
    return length > 5 && strncasecmp(path + length - 5, ".zarr", 5) == 0 ? 60 : 0;
}

static lmp_status open_and_load(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    const lmp_status status = zarr_open(path, options, source, err);
    return status == LMP_OK ? image_load_source(path, options, source, err) : status;
}

const lmp_io lmp_io_zarr = {
    .name = "Zarr",
    .summary = "Folder of a Zarr array, version 2, or of a group: --dataset names an array in it, else the largest is "
               "read. Movies and images.",
    .kind = LMP_MOVIE,
    .extensions = "zarr",
    .has_datasets = true,
    .can_read = true,
    .can_write = true,
    .is_folder = true,
    .detect = detect,
    .open = open_and_load,
    .create = zarr_create,
    .pack_bytes = zarr_pack_bytes,
};
