/* SPDX-License-Identifier: BSD-3-Clause
 *
 * spectra.h: power spectral densities of several channels at once.
 */
#ifndef LIMPID_VIEWER_SPECTRA_H
#define LIMPID_VIEWER_SPECTRA_H

#include "server.h"

typedef struct spectra_request {
    const int64_t *channels;
    int64_t n_channels, first, count, segment;
} spectra_request;

/* Rows of segment / 2 + 1 densities, a row for each channel; by as many threads as the server has. Gives up with the
 * request. */
LMP_CHECKED lmp_status spectra_make(server *s, const request *r, const opened *o, const spectra_request *q,
                                    double *power, lmp_error *err);

#endif
