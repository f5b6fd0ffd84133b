/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_order.c: the order of presentation, and the times of frames.
 */
#include "io/video/video_track.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool video_order_set(video_track *track, const int64_t *packets, int64_t n_frames)
{
    int64_t *copy = malloc((size_t)(n_frames > 0 ? n_frames : 1) * sizeof *copy);
    if (copy == NULL) return false;
    for (int64_t i = 0; i < track->n_packets; i++) track->packets[i].frame = -1;
    for (int64_t i = 0; i < n_frames; i++) {
        copy[i] = packets[i];
        track->packets[packets[i]].frame = i;
    }
    free(track->packet_of_frame);
    track->packet_of_frame = copy;
    track->n_frames = n_frames;
    return true;
}

typedef struct shown {
    int64_t time, packet;
} shown;

static int by_time(const void *a, const void *b)
{
    const shown *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->packet < y->packet ? -1 : x->packet > y->packet;
}

/* Pictures that depend on those before them and lead a file that was cut out of a longer one are not all shown. */
static bool begins_clean(const video_track *track)
{
    const video_packet *first = &track->packets[0];
    for (int64_t i = 1; i < track->n_packets; i++)
        if (track->packets[i].pts < first->pts) return false;
    return true;
}

/* Codecs that reorder: only the file's own presentation times tell the order. Those of AVI files know none, and the
 * marks of their key frames are not to be relied on. */
static bool tells_order(const video_track *track)
{
    if (track->codec->is_intra) return true;
    if (track->codec->hides || track->is_avi) return false;
    if (track->codec->is_in_step) return true;
    for (int64_t i = 0; i < track->n_packets; i++)
        if (track->packets[i].pts == AV_NOPTS_VALUE) return false;
    return begins_clean(track);
}

static int64_t time_of(const video_packet *packet)
{
    return packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
}

static int64_t list_shown(const video_track *track, shown *list, bool *is_timed)
{
    int64_t n = 0;
    *is_timed = true;
    for (int64_t i = 0; i < track->n_packets; i++) {
        if (track->packets[i].is_silent) continue;
        list[n++] = (shown){.time = time_of(&track->packets[i]), .packet = i};
        *is_timed &= time_of(&track->packets[i]) != AV_NOPTS_VALUE;
    }
    return n;
}

bool video_order_by_packets(video_track *track)
{
    if (!tells_order(track)) return false;
    shown *list = malloc((size_t)track->n_packets * sizeof *list);
    int64_t *packets = malloc((size_t)track->n_packets * sizeof *packets);
    bool is_timed = true, is_told = list != NULL && packets != NULL;
    if (is_told) {
        const int64_t n = list_shown(track, list, &is_timed);
        if (is_timed && !track->codec->is_in_step) qsort(list, (size_t)n, sizeof *list, by_time);
        for (int64_t i = 0; i < n && is_told; i++) {
            packets[i] = list[i].packet;
            is_told = track->codec->is_in_step || i == 0 || list[i].time > list[i - 1].time;
        }
        is_told = is_told && video_order_set(track, packets, n);
    }
    free(list);
    free(packets);
    return is_told;
}

/* ---- Times ------------------------------------------------------------------------------------------------ */

static int compare_times(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Presentation times of the frames in ticks; decoding times, in order, where a file knows no others. */
static bool list_ticks(const video_track *track, int64_t *ticks)
{
    bool has_pts = true, has_dts = true;
    for (int64_t i = 0; i < track->n_frames; i++) {
        const video_packet *packet = &track->packets[track->packet_of_frame[i]];
        has_pts &= packet->pts != AV_NOPTS_VALUE;
        has_dts &= packet->dts != AV_NOPTS_VALUE;
    }
    for (int64_t i = 0; i < track->n_frames && (has_pts || has_dts); i++) {
        const video_packet *packet = &track->packets[track->packet_of_frame[i]];
        ticks[i] = has_pts ? packet->pts : packet->dts;
    }
    if (!has_pts && has_dts) qsort(ticks, (size_t)track->n_frames, sizeof *ticks, compare_times);
    return has_pts || has_dts;
}

/* Times that a container rounds to its ticks are as regular as they can be. */
static bool fits_rate(const double *times_s, int64_t n, double rate_hz, double tick_s)
{
    for (int64_t i = 0; i < n; i++)
        if (!(fabs(times_s[i] - (double)i / rate_hz) <= 1.001 * tick_s)) return false;
    return true;
}

/* The rate that the container says if it fits, else the mean rate if that fits; else what it says, with times. */
static void choose_rate(const double *times_s, int64_t n, double tick_s, double *rate_hz, bool *is_regular)
{
    const double mean_hz = (double)(n - 1) / times_s[n - 1];
    *is_regular = *rate_hz > 0 && fits_rate(times_s, n, *rate_hz, tick_s);
    if (*is_regular || !(mean_hz > 0) || !isfinite(mean_hz)) return;
    *is_regular = fits_rate(times_s, n, mean_hz, tick_s);
    if (*is_regular || *rate_hz == 0) *rate_hz = mean_hz;
}

double *video_times(const video_track *track, double *rate_hz, bool *is_regular)
{
    const int64_t n = track->n_frames;
    const double tick_s = av_q2d(track->time_base);
    double *times_s = calloc((size_t)n, sizeof *times_s);
    int64_t *ticks = malloc((size_t)n * sizeof *ticks);
    *rate_hz = track->said_rate_hz;
    *is_regular = true;
    if (times_s != NULL && ticks != NULL && list_ticks(track, ticks) && n > 1) {
        for (int64_t i = 0; i < n; i++) times_s[i] = ((double)ticks[i] - (double)ticks[0]) * tick_s;
        choose_rate(times_s, n, tick_s, rate_hz, is_regular);
    }
    if (ticks == NULL) {
        free(times_s);
        times_s = NULL;
    }
    free(ticks);
    return times_s;
}
