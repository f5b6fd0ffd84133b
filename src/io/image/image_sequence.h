/* SPDX-License-Identifier: BSD-3-Clause
 *
 * image_sequence.h: writers that make one file of each frame.
 *
 * "OUT_%05d.png" names frame 0 OUT_00000.png. Without a field, a movie of one frame is that very file, and of several
 * "OUT.png" means "OUT_%05d.png". Frames are written in any order by any worker, under temporary names; all get their
 * names in finish().
 */
#ifndef LIMPID_IO_IMAGE_SEQUENCE_H
#define LIMPID_IO_IMAGE_SEQUENCE_H

#include "io/file.h"

typedef struct image_sequence image_sequence;

/* Encodes a frame (rows without gaps) into an open file. Any thread. */
typedef lmp_status image_encode(const image_sequence *sequence, const void *pixels, file_output *output,
                                lmp_budget *budget, lmp_error *err);

struct image_sequence {
    lmp_type type;
    int64_t n_frames, height, width, n_colours;
    double quality; /* as asked for: 0 to 100 */
    bool compress, overwrite;
    image_encode *encode;
    char *before, *after; /* the field in the path of a frame */
    int digits;           /* of a frame's number, at least; 0: no number */
    file_output *outputs; /* of each frame */
};

/* Refuses signals, colours other than 1 or 3, and files that exist. */
LMP_CHECKED lmp_status image_sequence_create(const char *path, const lmp_stream *stream,
                                             const lmp_write_options *options, image_encode *encode, lmp_writer *writer,
                                             lmp_error *err);

#endif
