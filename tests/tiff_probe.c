/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tiff_probe.c: writes a TIFF movie for programs in Python.
 *
 *     tiff_probe PATH TYPE FRAMES HEIGHT WIDTH COLOURS RATE PIXEL_UM COMPRESS|sparse
 *
 * reads the raw values from stdin. Frames go out in two bands of rows, the last frame first; compressed ones whole and
 * in order. "sparse" reads nothing: the first and the last frame get pixel i modulo 60000 (uint16), the others are
 * holes in the file.
 */
#include "core/budget.h"
#include "core/stream.h"
#include "io/tiff/tiff.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lmp_type find_type(const char *name)
{
    static const char *const names[] = {"",      "int8",   "uint8", "int16",  "uint16",  "int24",
                                        "int32", "uint32", "int64", "uint64", "float32", "float64"};
    for (int i = 1; i < 12; i++)
        if (strcmp(names[i], name) == 0) return (lmp_type)i;
    return LMP_INT24;
}

static lmp_status write_band(lmp_writer *writer, const lmp_format *f, int64_t frame, int64_t row, int64_t rows,
                             char *data, lmp_budget *budget, lmp_error *err)
{
    const size_t row_bytes = (size_t)(f->width * f->n_colours) * lmp_type_bytes(f->type);
    lmp_frames frames = stream_frames(f, frame, 1, data + (size_t)row * row_bytes);
    frames.row = row;
    frames.rows = rows;
    return writer->write_frames(writer->state, &frames, budget, err);
}

static lmp_status write_all(lmp_writer *writer, const lmp_format *f, bool sparse, lmp_budget *budget, lmp_error *err)
{
    const size_t frame = (size_t)(f->height * f->width * f->n_colours) * lmp_type_bytes(f->type);
    const size_t n = sparse ? 1 : (size_t)f->n_times;
    char *data = malloc(n * frame);
    lmp_status status = LMP_OK;
    if (data == NULL) return LMP_ERR_MEMORY;
    if (sparse)
        for (size_t i = 0; i < frame / 2; i++) ((uint16_t *)(void *)data)[i] = (uint16_t)(i % 60000);
    else if (fread(data, frame, n, stdin) != n)
        status = LMP_ERR_IO;
    for (int64_t k = 0; k < f->n_times && status == LMP_OK; k++) {
        const int64_t i = writer->in_order ? k : f->n_times - 1 - k, half = f->height / 2;
        char *from = sparse ? data : data + (size_t)i * frame;
        if (sparse && i > 0 && i < f->n_times - 1) continue;
        if (writer->needs_all_lanes) {
            status = write_band(writer, f, i, 0, f->height, from, budget, err);
        } else {
            status = write_band(writer, f, i, half, f->height - half, from, budget, err);
            if (status == LMP_OK && half > 0) status = write_band(writer, f, i, 0, half, from, budget, err);
        }
    }
    free(data);
    return status == LMP_OK ? writer->finish(writer->state, err) : status;
}

int main(int argc, char **argv)
{
    if (argc != 10) {
        fprintf(stderr, "tiff_probe PATH TYPE FRAMES HEIGHT WIDTH COLOURS RATE PIXEL_UM COMPRESS|sparse\n");
        return 2;
    }
    const double pixel_um = strtod(argv[8], NULL);
    const bool sparse = strcmp(argv[9], "sparse") == 0;
    const lmp_stream stream = {.format = {.kind = LMP_MOVIE,
                                          .type = find_type(argv[2]),
                                          .n_times = strtoll(argv[3], NULL, 10),
                                          .height = strtoll(argv[4], NULL, 10),
                                          .width = strtoll(argv[5], NULL, 10),
                                          .n_colours = strtoll(argv[6], NULL, 10),
                                          .rate_hz = strtod(argv[7], NULL),
                                          .pixel_width_um = pixel_um,
                                          .pixel_height_um = pixel_um,
                                          .start_unix_s = (double)NAN}};
    const lmp_write_options options = {.compress = !sparse && strcmp(argv[9], "1") == 0};
    lmp_error err = {0};
    lmp_writer writer = {0};
    lmp_budget *budget = NULL;
    if (budget_new((uint64_t)1 << 28, &budget, &err) != LMP_OK) return 3;
    lmp_status status = lmp_io_tiff.create(argv[1], &stream, &options, false, &writer, &err);
    if (status == LMP_OK) {
        status = write_all(&writer, &stream.format, sparse, budget, &err);
        writer.close(writer.state);
    }
    budget_free(budget);
    if (status == LMP_OK) return 0;
    fprintf(stderr, "%s\n", err.text);
    return 3;
}
