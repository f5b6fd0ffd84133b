/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.h: all steps on recordings of any kind.
 */
#ifndef LIMPID_COMMON_LIST_H
#define LIMPID_COMMON_LIST_H

#include "core/engine.h"

extern const lmp_step *const common_steps[]; /* ended by NULL */

#endif
