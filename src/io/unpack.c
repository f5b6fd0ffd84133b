/* SPDX-License-Identifier: BSD-3-Clause
 *
 * unpack.c: a deflated stretch of a file as a file of its own.
 *
 * Deflate can only be read from its start. So what has been unpacked is kept in a scratch file without a name, once,
 * and the first reader of a movie unpacks it frame by frame while it goes: opening costs nothing, and nothing is held
 * in memory but a buffer.
 */
#include "io/unpack.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BUFFER_BYTES = 1 << 18 };

struct unpack {
    file_input packed;
    os_file scratch; /* closed by the input on it */
    char *label, *folder;
    int64_t next, packed_end; /* in the packed file */
    int64_t done, size;       /* unpacked */
    uint32_t crc, wanted_crc;
    os_mutex *lock;
    z_stream stream;
    bool is_begun, is_broken;
    uint8_t made[BUFFER_BYTES]; /* not written yet */
};

/* ---- Life ------------------------------------------------------------------------------------------------- */

/* Where the user wants such files; else /var/tmp is on a disk, which /tmp often is not. */
lmp_status unpack_create_scratch(const char *path, const char *scratch_dir, os_file *file, char **folder,
                                 lmp_error *err)
{
    char *beside = os_path_directory(path);
    const char *const folders[] = {scratch_dir, getenv("TMPDIR"), "/var/tmp", beside, "/tmp"};
    const size_t n = scratch_dir != NULL ? 1 : sizeof folders / sizeof folders[0];
    for (size_t i = 0; i < n; i++) {
        if (folders[i] == NULL || folders[i][0] == '\0' || os_file_create_scratch(folders[i], file) != 0) continue;
        *folder = strdup(folders[i]);
        free(beside);
        return LMP_OK;
    }
    free(beside);
    return lmp_fail(err, LMP_ERR_IO, "%s takes no scratch file, which %s needs; name another folder with --scratch",
                    scratch_dir != NULL ? scratch_dir : "no folder of this machine", path);
}

static lmp_status no_memory(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", path);
}

static lmp_status begin(const unpack_stretch *stretch, unpack *u, lmp_error *err)
{
    lmp_status status = file_input_open(stretch->path, &u->packed, err);
    if (status == LMP_OK)
        status = unpack_create_scratch(stretch->path, stretch->scratch_dir, &u->scratch, &u->folder, err);
    if (status != LMP_OK) return status;
    u->label = strdup(stretch->label);
    u->lock = os_mutex_new();
    u->is_begun = inflateInit2(&u->stream, -MAX_WBITS) == Z_OK; /* no header of zlib's in a zip */
    u->next = stretch->offset;
    u->packed_end = stretch->offset + stretch->packed_size;
    u->size = stretch->size;
    u->wanted_crc = stretch->crc;
    u->crc = (uint32_t)crc32(0, NULL, 0);
    return u->label == NULL || u->folder == NULL || u->lock == NULL || !u->is_begun ? no_memory(stretch->path, err)
                                                                                    : LMP_OK;
}

lmp_status unpack_new(const unpack_stretch *stretch, unpack **made, file_input *scratch, char **folder, lmp_error *err)
{
    unpack *u = calloc(1, sizeof *u);
    if (u == NULL) return no_memory(stretch->path, err);
    u->packed.file.fd = u->scratch.fd = -1;
    lmp_status status = begin(stretch, u, err);
    char *path = strdup(stretch->path), *where = u->folder == NULL ? NULL : strdup(u->folder);
    if (status == LMP_OK && (path == NULL || where == NULL)) status = no_memory(stretch->path, err);
    if (status != LMP_OK) {
        free(path);
        free(where);
        if (u->scratch.fd >= 0) (void)os_file_close(u->scratch);
        unpack_free(u);
        return status;
    }
    *scratch = (file_input){.file = u->scratch, .info = {.size = stretch->size, .is_regular = true}, .path = path};
    *made = u;
    *folder = where;
    return LMP_OK;
}

void unpack_free(unpack *u)
{
    if (u == NULL) return;
    if (u->is_begun) (void)inflateEnd(&u->stream);
    file_input_close(&u->packed);
    os_mutex_free(u->lock);
    free(u->label);
    free(u->folder);
    free(u);
}

/* ---- Unpacking -------------------------------------------------------------------------------------------- */

static lmp_status fail_damaged(unpack *u, const char *what, lmp_error *err)
{
    u->is_broken = true;
    return lmp_fail(err, LMP_ERR_INPUT, "%s is damaged: %s; get the complete file again", u->label, what);
}

static lmp_status keep(unpack *u, lmp_error *err)
{
    const size_t n = BUFFER_BYTES - u->stream.avail_out;
    const int failed = n == 0 ? 0 : os_file_write(u->scratch, u->done, u->made, n);
    if (failed != 0) {
        u->is_broken = true;
        return lmp_fail(
            err, LMP_ERR_IO,
            "%s cannot be unpacked into a scratch file in %s: %s; name a folder with more room with --scratch",
            u->label, u->folder, strerror(failed));
    }
    u->crc = (uint32_t)crc32(u->crc, u->made, (uInt)n);
    u->done += (int64_t)n;
    return LMP_OK;
}

static lmp_status check_end(unpack *u, lmp_error *err)
{
    if (u->done != u->size) return fail_damaged(u, "its packed bytes end too early", err);
    return u->crc == u->wanted_crc ? LMP_OK : fail_damaged(u, "its checksum differs", err);
}

/* Unpacks up to a buffer more. */
static lmp_status advance(unpack *u, lmp_error *err)
{
    const int64_t left = u->packed_end - u->next, most = u->size - u->done;
    const size_t n = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;
    file_view view;
    if (n == 0) return fail_damaged(u, "its packed bytes end too early", err);
    lmp_status status = file_view_begin(&u->packed, u->next, n, NULL, &view, err);
    if (status != LMP_OK) return status;
    u->stream.next_in = (Bytef *)(uintptr_t)view.bytes; /* zlib does not write there */
    u->stream.avail_in = (uInt)n;
    u->stream.next_out = u->made;
    u->stream.avail_out = BUFFER_BYTES;
    const int code = inflate(&u->stream, Z_NO_FLUSH);
    u->next += (int64_t)(n - u->stream.avail_in);
    file_view_end(&view);
    const int64_t made = BUFFER_BYTES - (int64_t)u->stream.avail_out;
    if (code == Z_MEM_ERROR) return no_memory(u->label, err);
    if (code != Z_OK && code != Z_STREAM_END) return fail_damaged(u, "its packed bytes make no sense", err);
    if (made > most) return fail_damaged(u, "it unpacks to more than it announces", err);
    status = keep(u, err);
    return status == LMP_OK && (code == Z_STREAM_END || u->done == u->size) ? check_end(u, err) : status;
}

lmp_status unpack_fetch(void *user, int64_t end, lmp_error *err)
{
    unpack *u = user;
    lmp_status status = LMP_OK;
    if (end > u->size) end = u->size;
    os_mutex_lock(u->lock);
    while (u->done < end && status == LMP_OK)
        status = u->is_broken ? fail_damaged(u, "an earlier try failed", err) : advance(u, err);
    os_mutex_unlock(u->lock);
    return status;
}
