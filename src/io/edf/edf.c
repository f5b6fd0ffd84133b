/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf.c: the two catalog entries. Which of the two a file is, is in its first byte; its name only helps with damaged
 * ones.
 */
#include "io/edf/edf.h"

#include "core/path.h"

#include <string.h>

/* The header counts records, seconds and signals in fields of digits: true if these could be such. */
static bool has_counts(const uint8_t *head, size_t n)
{
    if (n < 256) return false;
    for (size_t i = 236; i < 256; i++)
        if (strchr("0123456789 -+.,Ee", head[i]) == NULL) return false; /* a zero byte passes: it ends the string */
    return true;
}

static int detect_edf(const uint8_t *head, size_t n, const char *path)
{
    if (n > 0 && head[0] == 0xFF) return 0;
    const bool has_version = n >= 8 && memcmp(head, "0       ", 8) == 0;
    const bool is_named = path_has_extension(path, "edf|rec");
    if (has_version && has_counts(head, n)) return 100;
    if (has_version || (is_named && has_counts(head, n))) return 60;
    return is_named ? 20 : 0;
}

static int detect_bdf(const uint8_t *head, size_t n, const char *path)
{
    static const uint8_t version[8] = {0xFF, 'B', 'I', 'O', 'S', 'E', 'M', 'I'};
    if (n >= sizeof version && memcmp(head, version, sizeof version) == 0) return 100;
    if (n > 0 && head[0] == 0xFF) return has_counts(head, n) ? 60 : 0;
    return path_has_extension(path, "bdf") ? 10 : 0;
}

static lmp_status create_edf(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                             bool force_range, lmp_writer *writer, lmp_error *err)
{
    return edf_create(path, stream, options, force_range, false, writer, err);
}

static lmp_status create_bdf(const char *path, const lmp_stream *stream, const lmp_write_options *options,
                             bool force_range, lmp_writer *writer, lmp_error *err)
{
    return edf_create(path, stream, options, force_range, true, writer, err);
}

const lmp_io lmp_io_edf = {
    .name = "EDF",
    .summary = "European Data Format: 16-bit integers; reads EDF, EDF+C, EDF+D, writes EDF+C.",
    .kind = LMP_SIGNALS,
    .extensions = "edf|rec",
    .can_read = true,
    .can_write = true,
    .detect = detect_edf,
    .open = edf_open,
    .create = create_edf,
};

const lmp_io lmp_io_bdf = {
    .name = "BDF",
    .summary = "BioSemi's 24-bit relative of EDF; reads BDF, BDF+C, BDF+D, writes BDF+C.",
    .kind = LMP_SIGNALS,
    .extensions = "bdf",
    .can_read = true,
    .can_write = true,
    .detect = detect_bdf,
    .open = edf_open,
    .create = create_bdf,
};
