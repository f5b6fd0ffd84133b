/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.h: all simulators.
 */
#ifndef LIMPID_SIMULATE_LIST_H
#define LIMPID_SIMULATE_LIST_H

#include "core/simulator.h"

extern const lmp_simulator *const simulators[]; /* ended by NULL */

#endif
