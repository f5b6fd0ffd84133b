/* SPDX-License-Identifier: BSD-3-Clause
 *
 * signal_request.c: checks what is asked of signals against what they have.
 */
#include "signal_request.h"

bool signal_request_is_inside(request *r, const opened *o)
{
    const int64_t first = request_integer(r, "first"), count = request_integer(r, "count");
    const int64_t n = o->format->n_times;
    if (first <= n && count <= n - first) return true;
    answer_error(r, 400, "%lld samples from %lld on were asked for, the recording has %lld.", (long long)count,
                 (long long)first, (long long)n);
    return false;
}

bool signal_request_has_channel(request *r, const opened *o)
{
    const int64_t channel = request_integer(r, "channel");
    if (channel < o->format->n_channels) return true;
    answer_error(r, 400, "Channel %lld was asked for, the recording has %lld, numbered from 0.", (long long)channel,
                 (long long)o->format->n_channels);
    return false;
}
