/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.h: all steps on movies.
 */
#ifndef LIMPID_MOVIE_LIST_H
#define LIMPID_MOVIE_LIST_H

#include "core/engine.h"

extern const lmp_step *const movie_steps[]; /* ended by NULL */

#endif
