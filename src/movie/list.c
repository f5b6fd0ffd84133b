/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.c: all steps on movies, one line each.
 */
#include "movie/list.h"

const lmp_step *const movie_steps[] = {
    NULL,
};
