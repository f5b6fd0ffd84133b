/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fft_planner.c: a flag that spins; planning is rare and takes a fraction of a millisecond.
 */
#include "math/fft_planner.h"

#include <stdatomic.h>
#include <threads.h>

static atomic_flag planner_busy = ATOMIC_FLAG_INIT;

void fft_planner_lock(void)
{
    while (atomic_flag_test_and_set_explicit(&planner_busy, memory_order_acquire)) thrd_yield();
}

void fft_planner_unlock(void)
{
    atomic_flag_clear_explicit(&planner_busy, memory_order_release);
}
