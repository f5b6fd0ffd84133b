/* SPDX-License-Identifier: BSD-3-Clause
 *
 * drive_movie_data.h: what drive_movie.c runs steps on: movies in any number type, and blocks of their frames with
 * memory of their own, with gaps between the frames that must stay as they are.
 */
#ifndef LIMPID_TESTS_DRIVE_MOVIE_DATA_H
#define LIMPID_TESTS_DRIVE_MOVIE_DATA_H

#include "drive_movie.h"

enum { UNTOUCHED = 0xC3 };

typedef struct piece {
    lmp_frames frames;
    uint8_t *memory, *as_it_was;
    size_t bytes, frame_bytes, one;
} piece;

void *zeros(size_t bytes);

/* How many there are; the first of a row of a frame. */
int64_t movie_values(const drive_movie *movie);
uint8_t *movie_frame(const drive_movie *movie, int64_t frame, int64_t row);

/* A copy in another type: rounded to nearest, ties to even; what does not fit fails the test. */
drive_movie movie_in_type(const drive_movie *movie, lmp_type type);

/* Zeros as a format says, movie or signals; `type`: of a movie's numbers before they are rounded back. */
drive_movie movie_result(const lmp_format *format, lmp_type type);

/* For a step to write; for a step to read; and their ends, which check what was not to be written. */
piece piece_new(const drive_movie *of, int64_t first, int64_t count, int64_t row, int64_t rows);
piece piece_read(const drive_movie *from, int64_t first, int64_t count, int64_t row, int64_t rows);
void piece_end_read(piece *p);
void piece_end_write(piece *p, const drive_movie *to);
void assert_untouched(const uint8_t *from, size_t bytes);

#endif
