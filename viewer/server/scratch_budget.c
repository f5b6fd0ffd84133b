/* SPDX-License-Identifier: BSD-3-Clause
 *
 * scratch_budget.c: how much of the disk results of previews may take, so that it cannot be filled by looking around.
 */
#include "state.h"

#include <limpid/step.h>
#include <stdio.h>
#include <sys/statvfs.h>

enum { SHARE = 2 }; /* of what is free as the server starts: one byte in so many */

static uint64_t free_bytes(const server *s)
{
    struct statvfs disk;
    return statvfs(s->scratch, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : UINT64_MAX;
}

void scratch_budget_make(server *s)
{
    s->scratch_limit = s->options.scratch_limit > 0 ? s->options.scratch_limit : free_bytes(s) / SHARE;
}

uint64_t scratch_limit(const server *s)
{
    return s->scratch_limit;
}

uint64_t scratch_used(server *s)
{
    return atomic_load(&s->scratch_used);
}

static void print_size(uint64_t bytes, char text[24])
{
    const double b = (double)bytes;
    if (b >= 1e9)
        snprintf(text, 24, "%.3g GB", b / 1e9);
    else
        snprintf(text, 24, "%.3g MB", b / 1e6);
}

static lmp_status refuse(const server *s, uint64_t bytes, uint64_t left, lmp_error *err)
{
    char wanted[24], room[24], limit[24];
    print_size(bytes, wanted);
    print_size(left, room);
    print_size(s->scratch_limit, limit);
    return lmp_fail(err, LMP_ERR_IO,
                    "the preview takes %s on the disk, and %s of the %s for previews are left: choose a shorter part, "
                    "close results, or start limpid view with --scratch on a disk with more room",
                    wanted, room, limit);
}

lmp_status scratch_take(server *s, uint64_t bytes, lmp_error *err)
{
    const uint64_t on_disk = free_bytes(s);
    uint64_t used = atomic_load(&s->scratch_used), left;
    do {
        left = used < s->scratch_limit ? s->scratch_limit - used : 0;
        if (left > on_disk) left = on_disk;
        if (bytes > left) return refuse(s, bytes, left, err);
    } while (!atomic_compare_exchange_weak(&s->scratch_used, &used, used + bytes));
    return LMP_OK;
}

void scratch_give(server *s, uint64_t bytes)
{
    atomic_fetch_sub(&s->scratch_used, bytes);
}
