/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy_stream.c: the header, then frame after frame; a band of rows is held at a time, of movies that must be decoded a
 * frame.
 */
#include "npy_stream.h"

#include "frame_request.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct npy_stream {
    server *server;
    opened *opened;
    frame_stretch stretch;
    frame_part part;
    char header[NPY_HEADER_ROOM];
    size_t header_bytes, frame_bytes, band_bytes;
    int64_t band_rows; /* the last band of a frame may have less */
    char *band;
    int64_t held; /* byte of the array at which it begins; -1: none yet */
} npy_stream;

static const char *npy_type(lmp_type type)
{
    static const char *const names[] = {"", "|i1", "|u1", "<i2", "<u2", "", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8"};
    return names[type];
}

/* NumPy's format 1.0: "\x93NUMPY", version, length of the text in two bytes, a Python dictionary with a newline last.
 */
size_t npy_header(char to[NPY_HEADER_ROOM], lmp_type type, const int64_t *shape, int n_dimensions)
{
    enum { BEFORE = 10, ALIGN = 64 };
    char *text = to + BEFORE;
    int n =
        snprintf(text, NPY_HEADER_ROOM - BEFORE, "{'descr': '%s', 'fortran_order': False, 'shape': (", npy_type(type));
    for (int i = 0; i < n_dimensions; i++)
        n += snprintf(text + n, (size_t)(NPY_HEADER_ROOM - BEFORE - n), "%" PRId64 ",%s", shape[i],
                      i + 1 < n_dimensions ? " " : "");
    n += snprintf(text + n, (size_t)(NPY_HEADER_ROOM - BEFORE - n), "), }");
    const size_t all = ((size_t)n + 1 + BEFORE + ALIGN - 1) / ALIGN * ALIGN, length = all - BEFORE;
    memset(text + n, ' ', length - (size_t)n);
    text[length - 1] = '\n';
    memcpy(to, "\x93NUMPY\x01\x00", 8);
    to[8] = (char)(length & 255);
    to[9] = (char)(length >> 8);
    return all;
}

/* The band that begins `inside` frame k of the stretch. */
static bool read_band(npy_stream *n, int64_t k, size_t inside)
{
    const frame_part *p = &n->part;
    const int64_t at = k * (int64_t)n->frame_bytes + (int64_t)inside,
                  row = (int64_t)(inside / n->band_bytes) * n->band_rows;
    if (at == n->held) return true;
    const int64_t rows = p->height - row < n->band_rows ? p->height - row : n->band_rows;
    n->held = -1;
    if (lmp_recording_read_part(n->opened->recording, n->stretch.first + k * n->stretch.step, 1, p->x, p->y + row,
                                p->width, rows, n->band, NULL) != LMP_OK)
        return false;
    n->held = at;
    return true;
}

static int64_t produce(void *user, int64_t at, char *to, size_t room)
{
    npy_stream *n = user;
    if ((size_t)at < n->header_bytes) {
        const size_t left = n->header_bytes - (size_t)at, size = left < room ? left : room;
        memcpy(to, n->header + at, size);
        return (int64_t)size;
    }
    const size_t place = (size_t)at - n->header_bytes, inside = place % n->frame_bytes, within = inside % n->band_bytes,
                 begin = inside - within;
    const int64_t k = (int64_t)(place / n->frame_bytes);
    if (k >= n->stretch.count) return 0;
    if (server_is_ending(n->server) || !read_band(n, k, begin)) return -1;
    const size_t end = n->frame_bytes - begin < n->band_bytes ? n->frame_bytes - begin : n->band_bytes,
                 left = end - within, size = left < room ? left : room;
    memcpy(to, n->band + within, size);
    return (int64_t)size;
}

static void end(void *user)
{
    npy_stream *n = user;
    memory_give(n->server, n->band_bytes);
    recording_release(n->server, n->opened);
    free(n->band);
    free(n);
}

static void fill_header(npy_stream *n)
{
    const lmp_format *f = n->opened->format;
    const int64_t shape[] = {n->stretch.count, n->part.height, n->part.width, f->n_colours};
    n->header_bytes = npy_header(n->header, f->type, shape, f->n_colours > 1 ? 4 : 3);
}

/* "NAME-part.npy", of the letters and digits that every system takes. */
static void name_file(const char *label, char name[96])
{
    size_t n = 0;
    for (const char *c = label; *c != '\0' && n < 80; c++) name[n++] = isalnum((unsigned char)*c) ? *c : '-';
    snprintf(name + n, 96 - n, "-part.npy");
}

static int64_t rows_of_band(const opened *o, const frame_part *part)
{
    enum { BAND_BYTES = 4 << 20 };
    const size_t row = frame_part_bytes(o, part) / (size_t)part->height;
    const int64_t rows = row < BAND_BYTES ? (int64_t)(BAND_BYTES / row) : 1;
    return lmp_recording_is_decoded(o->recording) || rows > part->height ? part->height : rows;
}

static npy_stream *make(server *s, request *r, opened *o, const frame_stretch *stretch, const frame_part *part)
{
    const int64_t rows = rows_of_band(o, part);
    const size_t frame = frame_part_bytes(o, part), bytes = frame / (size_t)part->height * (size_t)rows;
    lmp_error err;
    npy_stream *n = NULL;
    if (memory_need(s, bytes, &err) != LMP_OK) {
        answer_failure(r, &err);
        return NULL;
    }
    n = calloc(1, sizeof *n);
    if (n != NULL) n->band = malloc(bytes);
    if (n == NULL || n->band == NULL) {
        free(n);
        memory_give(s, bytes);
        answer_error(r, 507, "The system has no memory left for a frame.");
        return NULL;
    }
    n->server = s;
    n->opened = o;
    n->stretch = *stretch;
    n->part = *part;
    n->frame_bytes = frame;
    n->band_bytes = bytes;
    n->band_rows = rows;
    n->held = -1;
    fill_header(n);
    return n;
}

void npy_answer(server *s, request *r)
{
    frame_part part;
    frame_stretch stretch;
    char name[96];
    opened *o = frame_request_movie(s, r, false, &part);
    if (o == NULL) return;
    npy_stream *n = frame_request_stretch(r, o, &stretch) ? make(s, r, o, &stretch, &part) : NULL;
    if (n == NULL) {
        recording_release(s, o);
        return;
    }
    name_file(o->label, name);
    answer_stream(r, "application/octet-stream", name,
                  (int64_t)n->header_bytes + stretch.count * (int64_t)n->frame_bytes, produce, end, n);
}
