/* SPDX-License-Identifier: BSD-3-Clause
 *
 * channel_list.h: the channels of a request, "0-3,7".
 */
#ifndef LIMPID_VIEWER_CHANNEL_LIST_H
#define LIMPID_VIEWER_CHANNEL_LIST_H

#include <limpid/limpid.h>

/* Numbers and ranges of channels of a recording that has `n_channels`, in any order, none twice. Puts an array from
 * malloc into `channels`; on failure there is none and `err` says what is wrong with the text. */
LMP_CHECKED lmp_status channel_list_parse(const char *text, int64_t n_channels, int64_t **channels, int64_t *count,
                                          lmp_error *err);

#endif
