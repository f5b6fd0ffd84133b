/* SPDX-License-Identifier: BSD-3-Clause
 *
 * replay_frames.h: what the fuzz targets of movies share: opening in several ways and reading here and there.
 */
#ifndef LIMPID_FUZZ_REPLAY_FRAMES_H
#define LIMPID_FUZZ_REPLAY_FRAMES_H

#include "replay.h"

static inline void replay_rows(lmp_source *source, int64_t t, int64_t row, int64_t rows, void *pixels,
                               lmp_budget *budget, bool may_fail)
{
    const lmp_format *f = &source->stream.format;
    lmp_error err = {0};
    lmp_frames frames = stream_frames(f, t, 1, pixels);
    frames.row = row;
    frames.rows = rows;
    frames.stride = (size_t)(rows * f->width * f->n_colours) * lmp_type_bytes(f->type);
    if (source->read_frames(source->state, &frames, budget, &err) == LMP_OK) return;
    if (!may_fail || err.text[0] == '\0') abort();
}

/* Opens; a movie must give its last, first and middle frame, whole and one row, and lend them if it can. Signals are
 * left to replay_open(). */
static inline void replay_movie(const lmp_io *io, const char *path, const lmp_open_options *options, bool may_fail)
{
    lmp_source source;
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    if (!replay_begin(io, path, options, &source)) return;
    const lmp_format *f = &source.stream.format;
    const int64_t last = f->n_times - 1;
    if (budget_new(1 << 28, &budget, NULL) != LMP_OK) abort();
    if (f->kind == LMP_MOVIE && (f->n_times < 1 || f->height < 1 || f->width < 1)) abort();
    const size_t bytes = (size_t)(f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
    void *pixels = f->kind == LMP_MOVIE && bytes < 1 << 26 ? malloc(bytes) : NULL;
    if (pixels != NULL) {
        replay_rows(&source, last, 0, f->height, pixels, budget, may_fail);
        replay_rows(&source, 0, 0, f->height, pixels, budget, may_fail);
        replay_rows(&source, f->n_times / 2, 0, f->height, pixels, budget, may_fail);
        if (source.reads_rows) replay_rows(&source, last, f->height - 1, 1, pixels, budget, may_fail);
        lmp_frames lent = {0};
        void *handle = NULL;
        if (source.view != NULL && source.view(source.state, last, 1, budget, &lent, &handle, &err) == LMP_OK) {
            memcpy(pixels, lent.data, bytes);
            source.view_end(source.state, handle);
        }
    }
    free(pixels);
    budget_free(budget);
    replay_end(&source);
}

#endif
