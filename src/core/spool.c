/* SPDX-License-Identifier: BSD-3-Clause
 *
 * spool.c: lanes one after the other in an unlinked file; the page cache decides what touches the disk.
 */
#include "core/spool.h"

#include "os/os.h"

#include <stdlib.h>
#include <string.h>

struct spool {
    os_file file;
    int64_t n_times;
    size_t value_bytes;
    char *dir;
};

lmp_status spool_new(const char *dir, int64_t n_times, size_t value_bytes, spool **made, lmp_error *err)
{
    spool *s = calloc(1, sizeof *s);
    if (s != NULL) s->dir = strdup(dir);
    if (s == NULL || s->dir == NULL) {
        free(s);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a scratch file");
    }
    s->n_times = n_times;
    s->value_bytes = value_bytes;
    const int failed = os_file_create_scratch(dir, &s->file);
    if (failed != 0) {
        free(s->dir);
        free(s);
        return lmp_fail(err, LMP_ERR_IO, "a scratch file cannot be made in %s: %s; name another folder with --scratch",
                        dir, strerror(failed));
    }
    *made = s;
    return LMP_OK;
}

void spool_free(spool *s)
{
    if (s == NULL) return;
    (void)os_file_close(s->file); /* nothing of it is kept: an error here loses nothing */
    free(s->dir);
    free(s);
}

static int64_t offset_of(const spool *s, int64_t lane, int64_t first)
{
    return (lane * s->n_times + first) * (int64_t)s->value_bytes;
}

lmp_status spool_write(spool *s, int64_t lane, int64_t first, int64_t count, const void *values, lmp_error *err)
{
    const int failed = os_file_write(s->file, offset_of(s, lane, first), values, (size_t)count * s->value_bytes);
    if (failed == 0) return LMP_OK;
    return lmp_fail(err, LMP_ERR_IO, "the scratch file in %s cannot be written: %s; name another folder with --scratch",
                    s->dir, strerror(failed));
}

lmp_status spool_read(const spool *s, int64_t lane, int64_t first, int64_t count, void *values, lmp_error *err)
{
    const size_t size = (size_t)count * s->value_bytes;
    size_t got = 0;
    const int failed = os_file_read(s->file, offset_of(s, lane, first), values, size, &got);
    if (failed == 0 && got == size) return LMP_OK;
    return lmp_fail(err, LMP_ERR_IO, "the scratch file in %s cannot be read back: %s", s->dir,
                    failed != 0 ? strerror(failed) : "it is shorter than what was written");
}
