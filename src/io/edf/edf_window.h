/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_window.h: a window that moves along a file, for readers that want many small pieces in ascending order.
 */
#ifndef LIMPID_IO_EDF_WINDOW_H
#define LIMPID_IO_EDF_WINDOW_H

#include "io/file.h"

enum {
    EDF_WINDOW_MOST = 384 * 1024, /* bytes in view at a time: these stay in the second cache */
    EDF_WINDOW_PAGE = 4096        /* skipping less than this saves nothing */
};

/* Start with the first four set. */
typedef struct edf_window {
    const file_input *input;
    lmp_budget *budget;
    int64_t ahead; /* bytes to fetch at a time; 0: just what is asked for */
    int64_t end;   /* no byte from here on is needed */
    file_view view;
    int64_t first, size; /* bytes of the file in view */
} edf_window;

/* Bytes from `at` on, borrowed until the next call: at least `least`, at most `most`; *got is how many. */
LMP_CHECKED lmp_status edf_window_look(edf_window *window, int64_t at, int64_t least, int64_t most,
                                       const uint8_t **bytes, int64_t *got, lmp_error *err);
void edf_window_close(edf_window *window);

#endif
