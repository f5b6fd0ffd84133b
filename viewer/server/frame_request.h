/* SPDX-License-Identifier: BSD-3-Clause
 *
 * frame_request.h: what addresses of frames have in common.
 */
#ifndef LIMPID_VIEWER_FRAME_REQUEST_H
#define LIMPID_VIEWER_FRAME_REQUEST_H

#include "frame_store.h"
#include "shrink.h"

#define PARAM_FRAME                                                                                                    \
    {                                                                                                                  \
        "frame", ROUTE_INTEGER, NULL, 0, 9e15, NULL, "Number of the frame, from 0 on."                                 \
    }
#define PARAM_PART                                                                                                     \
    {"x", ROUTE_INTEGER, "0", 0, 1e9, NULL, "First column of the part."},                                              \
        {"y", ROUTE_INTEGER, "0", 0, 1e9, NULL, "First row of the part."},                                             \
        {"width", ROUTE_INTEGER, "", 1, 1e9, NULL, "Columns of the part; to the right edge if missing."},              \
    {                                                                                                                  \
        "height", ROUTE_INTEGER, "", 1, 1e9, NULL, "Rows of the part; to the lower edge if missing."                   \
    }
#define PARAM_LEVEL                                                                                                    \
    {                                                                                                                  \
        "level", ROUTE_INTEGER, "0", 0, MOST_LEVEL, NULL,                                                              \
            "Detail: each value is the mean of 2^level x 2^level pixels."                                              \
    }
/* Of frames first, first + step, ... */
#define PARAM_STRETCH                                                                                                  \
    {"first", ROUTE_INTEGER, "0", 0, 9e15, NULL, "The first frame."},                                                  \
        {"count", ROUTE_INTEGER, "", 1, 9e15, NULL, "How many frames; to the end if missing."},                        \
    {                                                                                                                  \
        "step", ROUTE_INTEGER, "1", 1, 9e15, NULL, "From one frame to the next."                                       \
    }

/* The movie of the request, borrowed; NULL, and answered, if there is none, or it has not the frame or part asked for.
 * part: NULL if the address has none. */
opened *frame_request_movie(server *s, request *r, bool has_frame, frame_part *part);

typedef struct frame_stretch {
    int64_t first, count, step;
} frame_stretch;

/* False, and answered, if the movie has not these frames. */
bool frame_request_stretch(request *r, const opened *o, frame_stretch *stretch);

/* Headers that say what an answer of pixels holds. */
void frame_answer_shape(request *r, int64_t height, int64_t width, int64_t n_colours, const char *type);

#endif
