/* SPDX-License-Identifier: BSD-3-Clause
 *
 * npy_stream.h: a part of a movie as a NumPy array, made while it is sent.
 */
#ifndef LIMPID_VIEWER_NPY_STREAM_H
#define LIMPID_VIEWER_NPY_STREAM_H

#include "server.h"

enum { NPY_HEADER_ROOM = 256 };

/* Magic, version and header of a little-endian C-order array; returns how many bytes it has, a multiple of 64. */
size_t npy_header(char to[NPY_HEADER_ROOM], lmp_type type, const int64_t *shape, int n_dimensions);

/* GET .../array */
void npy_answer(server *s, request *r);

#endif
