/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lost_inputs.h: inputs that become shorter or unreadable while they are read.
 *
 * What is lost of a mapped file reads as zeros and is counted (os.h); whatever reads files compares the count of before
 * with that of after. The count is the process's: a loss fails all that runs at that time, so that none is missed.
 */
#ifndef LIMPID_CORE_LOST_INPUTS_H
#define LIMPID_CORE_LOST_INPUTS_H

#include <limpid/step.h>
#include <stdint.h>

/* LMP_ERR_IO with the one sentence there is for this. */
LMP_CHECKED lmp_status lost_fail(const char *path, lmp_error *err);

/* `status` if nothing was lost since os_lost_count() was `before`, or it is LMP_CANCELLED; else a failure that names
 * the file: what else went wrong may have come of it. */
LMP_CHECKED lmp_status lost_check(uint64_t before, lmp_status status, lmp_error *err);

#endif
