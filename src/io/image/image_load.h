/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_load.h: what loading does to every decoded image, whatever its format: colours to grey, smaller, upright.
 *
 * In open, with the shape that the decoder gives in stream.format (type, height, width, n_colours 1 to 4):
 *
 *     status = image_load_shape(path, &source->stream.format, orientation, options, &state->load, err);
 *
 * leaves the shape that the movie has. In read_frames, for each frame, one of:
 *
 *     if (image_load_is_plain(&load)) decode straight into the frame: loading changes nothing;
 *     else decode into a buffer and image_load_finish(&load, decoded, stride, frame, budget, err);
 *     or, from decoders that give rows in order, without a whole decoded image:
 *         image_rows_begin(&rows, &load, scratch, frame), then image_rows_add(&rows, some_rows, stride, count).
 *
 * Arithmetic. Grey is 0.299 R + 0.587 G + 0.114 B. Smaller is the mean over the area that a pixel covers, parts of
 * pixels counted by their area: height round(h * ratio), at least 1, and so with the width. Integers are rounded to
 * nearest, halves up, and exact in up to 16 bits. A NaN makes every pixel NaN that it has a part in. Alpha (the last of
 * 2 or 4 colours) is dropped. Colours become grey before the mean, and each frame is by itself.
 */
#ifndef LIMPID_IO_IMAGE_LOAD_H
#define LIMPID_IO_IMAGE_LOAD_H

#include "core/source.h"

typedef struct image_load {
    lmp_type type;
    int64_t full_height, full_width;                        /* in the file */
    int64_t decoded_height, decoded_width, decoded_colours; /* as the decoder gives them: usually full */
    int64_t unit;                      /* pixels of the file on a side of a decoded one: usually 1 */
    int64_t small_height, small_width; /* made smaller, but not turned yet */
    int64_t height, width, n_colours;  /* as loaded */
    int64_t orientation;               /* 1 to 8 as in EXIF; 1: rows and columns stay */
} image_load;

/* `format` holds the decoded shape and gets the loaded one. `orientation` is EXIF's tag 274 (1 where there is none).
 * Refuses a size_ratio outside (0, 1], more than 2^31 pixels, and 64-bit integers that would need arithmetic. */
LMP_CHECKED lmp_status image_load_shape(const char *path, lmp_format *format, int64_t orientation,
                                        const lmp_open_options *options, image_load *load, lmp_error *err);

/* For decoders that can give smaller images by themselves (JPEG): each decoded pixel stands for unit x unit pixels of
 * the file, the last row and column perhaps for fewer. False, and nothing changes, if that is smaller than wanted. */
bool image_load_decode_by(image_load *load, int64_t unit);

/* True if the loaded frame is the decoded image, number for number. */
bool image_load_is_plain(const image_load *load);

size_t image_load_decoded_bytes(const image_load *load); /* of a decoded image without gaps between rows */
size_t image_load_bytes(const image_load *load);         /* of a loaded frame */
size_t image_load_scratch_bytes(const image_load *load); /* of image_rows_begin(): a few rows; may be 0 */

/* From a decoded image, rows `stride` bytes apart, to a loaded frame without gaps. */
LMP_CHECKED lmp_status image_load_finish(const image_load *load, const void *decoded, size_t stride, void *frame,
                                         lmp_budget *budget, lmp_error *err);

/* The same, some rows at a time from the top; all must be added for the frame to be complete. Fields are private. */
typedef struct image_rows {
    const image_load *load;
    char *frame;
    int64_t next_row, small_row; /* to come in, to go out */
    double *across, *sum;        /* a row made narrower; the small row that is being summed */
    char *line, *small_line;
} image_rows;
void image_rows_begin(image_rows *rows, const image_load *load, void *scratch, void *frame);
void image_rows_add(image_rows *rows, const void *decoded, size_t stride, int64_t count);

#endif
