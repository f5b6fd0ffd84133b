/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.c: all simulators, one line each.
 */
#include "simulate/list.h"

extern const lmp_simulator lmp_simulator_eeg_fmri, lmp_simulator_miniscope, lmp_simulator_series;

const lmp_simulator *const simulators[] = {
    &lmp_simulator_eeg_fmri,
    &lmp_simulator_miniscope,
    &lmp_simulator_series,
    NULL,
};
