/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lost_inputs.c: inputs that become shorter or unreadable while they are read.
 */
#include "core/lost_inputs.h"

#include "os/os.h"

void lmp_survive_lost_inputs(void)
{
    os_lost_watch();
}

lmp_status lost_fail(const char *path, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_IO,
                    "%s became shorter or unreadable while it was read: check the disk and that nobody writes to it",
                    path);
}

lmp_status lost_check(uint64_t before, lmp_status status, lmp_error *err)
{
    char path[sizeof err->text];
    if (status == LMP_CANCELLED || os_lost_count() == before) return status;
    return lost_fail(os_lost_path(path, sizeof path) ? path : "an input", err);
}
