/* SPDX-License-Identifier: BSD-3-Clause
 *
 * list.c: all steps on recordings of any kind, one line each.
 */
#include "common/list.h"

extern const lmp_step lmp_step_crop, lmp_step_frames, lmp_step_write, lmp_step_tee;

const lmp_step *const common_steps[] = {
    &lmp_step_crop, &lmp_step_frames, &lmp_step_write, &lmp_step_tee, NULL,
};
