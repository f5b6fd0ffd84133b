/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy.c: NumPy arrays as files of their own (.npy): signals, images and movies.
 */
#include "io/array/npy.h"

#include "core/path.h"

#include "io/array/npy_array.h"
#include "io/image/image_load_source.h"
#include "io/array/npy_write.h"

static lmp_status open_npy(const char *path, const lmp_open_options *options, lmp_source *source, lmp_error *err)
{
    file_input input;
    lmp_status status = file_input_open(path, &input, err);
    if (status != LMP_OK) return status;
    const npy_part whole = {.input = &input, .size = input.info.size, .label = path};
    status = npy_array_open(&whole, options, source, err);
    return status == LMP_OK ? image_load_source(path, options, source, err) : status;
}

static int detect_npy(const uint8_t *head, size_t n, const char *path)
{
    if (npy_is_headed(head, n)) return 100;
    return path_has_extension(path, "npy") ? 30 : 0;
}

const lmp_io lmp_io_npy = {
    .name = "NumPy",
    .summary = "Array of numbers as NumPy saves it: with --rate of one or two dimensions signals (channels x samples); "
               "else an image or a movie (frames, rows, columns[, colours]).",
    .kind = 0, /* signals and movies */
    .extensions = "npy",
    .can_read = true,
    .can_write = true,
    .detect = detect_npy,
    .open = open_npy,
    .create = npy_create,
};
