/* SPDX-License-Identifier: BSD-3-Clause */
#include "drive_movie_data.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GAP_VALUES = 3 };

/* ---- Numbers ----------------------------------------------------------------------------------------------- */

/* type, C type, smallest, one beyond the largest */
#define INTEGER_TYPES(X)                                                                                               \
    X(LMP_INT8, int8_t, -0x1p7, 0x1p7)                                                                                 \
    X(LMP_UINT8, uint8_t, 0.0, 0x1p8)                                                                                  \
    X(LMP_INT16, int16_t, -0x1p15, 0x1p15)                                                                             \
    X(LMP_UINT16, uint16_t, 0.0, 0x1p16)                                                                               \
    X(LMP_INT32, int32_t, -0x1p31, 0x1p31)                                                                             \
    X(LMP_UINT32, uint32_t, 0.0, 0x1p32)                                                                               \
    X(LMP_INT64, int64_t, -0x1p63, 0x1p63)                                                                             \
    X(LMP_UINT64, uint64_t, 0.0, 0x1p64)

static double get_number(lmp_type type, const void *data, int64_t i)
{
    switch (type) {
#define GET(name, c, low, end)                                                                                         \
    case name:                                                                                                         \
        return (double)((const c *)data)[i];
        INTEGER_TYPES(GET)
#undef GET
    case LMP_FLOAT32:
        return (double)((const float *)data)[i];
    case LMP_FLOAT64:
        return ((const double *)data)[i];
    default:
        fail_msg("movies have no numbers of type %d", (int)type);
        return 0;
    }
}

/* Straight from the type, without a double between. */
static float get_float32(lmp_type type, const void *data, int64_t i)
{
    switch (type) {
#define GET(name, c, low, end)                                                                                         \
    case name:                                                                                                         \
        return (float)((const c *)data)[i];
        INTEGER_TYPES(GET)
#undef GET
    default:
        return (float)get_number(type, data, i);
    }
}

/* To nearest, ties to even; what does not fit fails the test. */
static void set_number(lmp_type type, void *data, int64_t i, double value)
{
    const double whole = rint(value);
    switch (type) {
#define SET(name, c, low, end)                                                                                         \
    case name:                                                                                                         \
        if (!(whole >= (low) && whole < (end))) fail_msg("%g does not fit the type %d", value, (int)type);             \
        ((c *)data)[i] = (c)whole;                                                                                     \
        break;
        INTEGER_TYPES(SET)
#undef SET
    case LMP_FLOAT32:
        ((float *)data)[i] = (float)value;
        break;
    case LMP_FLOAT64:
        ((double *)data)[i] = value;
        break;
    default:
        fail_msg("movies have no numbers of type %d", (int)type);
    }
}

int64_t movie_values(const drive_movie *movie)
{
    return movie->n_times * movie->height * movie->width * movie->n_colours;
}

double drive_movie_get(const drive_movie *movie, int64_t i)
{
    assert_true(i >= 0 && i < movie_values(movie));
    return get_number(movie->type, movie->data, i);
}

void drive_movie_set(drive_movie *movie, int64_t i, double value)
{
    assert_true(i >= 0 && i < movie_values(movie));
    set_number(movie->type, movie->data, i, value);
}

drive_movie movie_in_type(const drive_movie *movie, lmp_type type)
{
    drive_movie made = drive_movie_new(type, movie->n_times, movie->height, movie->width, movie->n_colours);
    made.rate_hz = movie->rate_hz;
    const int64_t n = movie_values(movie);
    if (type == movie->type)
        memcpy(made.data, movie->data, (size_t)n * lmp_type_bytes(type));
    else
        for (int64_t i = 0; i < n; i++)
            if (type == LMP_FLOAT32)
                ((float *)made.data)[i] = get_float32(movie->type, movie->data, i);
            else
                set_number(type, made.data, i, get_number(movie->type, movie->data, i));
    return made;
}

/* ---- Movies and signals ------------------------------------------------------------------------------------ */

void *zeros(size_t bytes)
{
    void *memory = calloc(1, bytes > 0 ? bytes : 1);
    assert_non_null(memory);
    return memory;
}

drive_movie drive_movie_new(lmp_type type, int64_t n_times, int64_t height, int64_t width, int64_t n_colours)
{
    drive_movie made = {
        .kind = LMP_MOVIE, .type = type, .n_times = n_times, .height = height, .width = width, .n_colours = n_colours};
    made.data = zeros((size_t)movie_values(&made) * lmp_type_bytes(type));
    return made;
}

static drive_movie new_signals(const lmp_format *format)
{
    drive_movie made = {.kind = LMP_SIGNALS, .type = LMP_FLOAT64, .n_times = format->n_times};
    made.n_lanes = format->n_channels;
    made.lanes = zeros((size_t)made.n_lanes * sizeof *made.lanes);
    made.lane_names = zeros((size_t)made.n_lanes * sizeof *made.lane_names);
    for (int64_t i = 0; i < made.n_lanes; i++) {
        made.lanes[i] = zeros((size_t)made.n_times * sizeof(double));
        snprintf(made.lane_names[i], sizeof made.lane_names[i], "%s", format->channels[i].name);
    }
    return made;
}

drive_movie movie_result(const lmp_format *format, lmp_type type)
{
    drive_movie made = format->kind == LMP_SIGNALS
                           ? new_signals(format)
                           : drive_movie_new(type, format->n_times, format->height, format->width, format->n_colours);
    made.rate_hz = format->rate_hz;
    return made;
}

void drive_movie_free(drive_movie *movie)
{
    for (int64_t i = 0; i < movie->n_lanes; i++) free(movie->lanes[i]);
    free(movie->lanes);
    free(movie->lane_names);
    free(movie->data);
    *movie = (drive_movie){0};
}

/* ---- Blocks of frames with memory of their own ------------------------------------------------------------- */

piece piece_new(const drive_movie *of, int64_t first, int64_t count, int64_t row, int64_t rows)
{
    const size_t one = lmp_type_bytes(of->type);
    const size_t frame_bytes = (size_t)(rows * of->width * of->n_colours) * one,
                 stride = frame_bytes + GAP_VALUES * one;
    piece made = {.bytes = (size_t)count * stride + 2 * one, .frame_bytes = frame_bytes, .one = one};
    made.memory = zeros(made.bytes);
    memset(made.memory, UNTOUCHED, made.bytes);
    made.frames = (lmp_frames){.first = first,
                               .count = count,
                               .row = row,
                               .rows = rows,
                               .width = of->width,
                               .n_colours = of->n_colours,
                               .type = of->type,
                               .data = made.memory + one,
                               .stride = stride};
    return made;
}

uint8_t *movie_frame(const drive_movie *movie, int64_t frame, int64_t row)
{
    const int64_t value = (frame * movie->height + row) * movie->width * movie->n_colours;
    return (uint8_t *)movie->data + (size_t)value * lmp_type_bytes(movie->type);
}

static uint8_t *piece_frame(const piece *p, int64_t i)
{
    return (uint8_t *)p->frames.data + (size_t)i * p->frames.stride;
}

piece piece_read(const drive_movie *from, int64_t first, int64_t count, int64_t row, int64_t rows)
{
    piece made = piece_new(from, first, count, row, rows);
    for (int64_t i = 0; i < count; i++)
        memcpy(piece_frame(&made, i), movie_frame(from, first + i, row), made.frame_bytes);
    made.as_it_was = malloc(made.bytes);
    assert_non_null(made.as_it_was);
    memcpy(made.as_it_was, made.memory, made.bytes);
    return made;
}

/* Data that come in stay as they are. */
void piece_end_read(piece *p)
{
    assert_memory_equal(p->memory, p->as_it_was, p->bytes);
    free(p->as_it_was);
    free(p->memory);
}

void assert_untouched(const uint8_t *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) assert_int_equal(from[i], UNTOUCHED);
}

/* Nothing is written beside the frames. */
void piece_end_write(piece *p, const drive_movie *to)
{
    const lmp_frames *f = &p->frames;
    assert_untouched(p->memory, p->one);
    assert_untouched(p->memory + p->bytes - p->one, p->one);
    for (int64_t i = 0; i < f->count; i++) {
        assert_untouched(piece_frame(p, i) + p->frame_bytes, GAP_VALUES * p->one);
        memcpy(movie_frame(to, f->first + i, f->row), piece_frame(p, i), p->frame_bytes);
    }
    free(p->memory);
}
