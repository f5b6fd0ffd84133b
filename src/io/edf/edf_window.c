/* SPDX-License-Identifier: BSD-3-Clause
 *
 * edf_window.c: a window that moves along a file.
 */
#include "io/edf/edf_window.h"

lmp_status edf_window_look(edf_window *window, int64_t at, int64_t least, int64_t most, const uint8_t **bytes,
                           int64_t *got, lmp_error *err)
{
    if (at < window->first || at + least > window->first + window->size) {
        int64_t fetch = window->ahead > most ? window->ahead : most;
        if (fetch > EDF_WINDOW_MOST) fetch = EDF_WINDOW_MOST;
        if (fetch > window->end - at) fetch = window->end - at;
        if (fetch < least) fetch = least;
        edf_window_close(window);
        const lmp_status status = file_view_begin(window->input, at, (size_t)fetch, window->budget, &window->view, err);
        if (status != LMP_OK) return status;
        window->first = at;
        window->size = fetch;
    }
    const int64_t in_view = window->first + window->size - at;
    *bytes = window->view.bytes + (at - window->first);
    *got = in_view < most ? in_view : most;
    return LMP_OK;
}

void edf_window_close(edf_window *window)
{
    file_view_end(&window->view);
    window->size = 0;
}
