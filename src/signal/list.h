/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.h: all steps and presets on signals.
 */
#ifndef LIMPID_SIGNAL_LIST_H
#define LIMPID_SIGNAL_LIST_H

#include "core/engine.h"

extern const lmp_step *const signal_steps[];     /* ended by NULL */
extern const lmp_preset *const signal_presets[]; /* ended by NULL */

#endif
