/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_scan.c: decodes a whole file once, where its packets do not tell which frames come in which order, or to find
 * the frames that are damaged.
 *
 * A damaged frame is shown as the last sound one before it. Frames that are built upon damaged ones are damaged too, up
 * to the next sound key frame: what a decoder makes up for them would depend on where it began.
 */
#include "io/video/video_decoder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct scan {
    video_track *track;
    bool salvage, orders;         /* orders: packets do not tell the order */
    bool *came, *is_bad, *is_key; /* of each packet */
    int64_t *order;               /* packets in the order of their frames */
    int64_t n_frames;
} scan;

static lmp_status fail_damage(const scan *s, int64_t frame, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT,
                    "frame %" PRId64
                    " of %s cannot be decoded; get a sound copy, or salvage it (--salvage) to repeat the frame before",
                    frame, s->track->input.path);
}

static void place(scan *s, int64_t packet)
{
    if (!s->came[packet] && !s->is_bad[packet] && s->n_frames < s->track->n_packets) s->order[s->n_frames++] = packet;
}

static lmp_status take_event(scan *s, const video_decoder *d, video_event event, lmp_error *err)
{
    const int64_t packet = d->packet;
    if (event == VIDEO_DAMAGE) {
        if (!s->salvage) return fail_damage(s, s->n_frames, err);
        if (packet < 0) return LMP_OK;
        place(s, packet);
        s->is_bad[packet] = true;
        return LMP_OK;
    }
    if (s->came[packet])
        return lmp_fail(err, LMP_ERR_INPUT, "%s holds two frames in picture %" PRId64 "; convert it to FFV1",
                        s->track->input.path, packet);
    place(s, packet);
    s->came[packet] = true;
    s->is_key[packet] = d->frame->key_frame != 0;
    return LMP_OK;
}

/* One pass; with one thread the codec can say which packet is damaged. */
static lmp_status decode_all(scan *s, int threads, bool *is_damaged, lmp_error *err)
{
    video_decoder d;
    const size_t n = (size_t)s->track->n_packets;
    memset(s->came, 0, n * sizeof *s->came);
    memset(s->is_bad, 0, n * sizeof *s->is_bad);
    s->n_frames = 0;
    *is_damaged = false;
    lmp_status status = video_decoder_open(s->track, threads, &d, err);
    if (status != LMP_OK) return status;
    for (video_event event = VIDEO_PICTURE; status == LMP_OK;) {
        event = video_decoder_step(&d, &status, err);
        if (event == VIDEO_END || status != LMP_OK) break;
        *is_damaged |= event == VIDEO_DAMAGE;
        if (event == VIDEO_DAMAGE && threads > 1) break;
        status = take_event(s, &d, event, err);
    }
    video_decoder_close(&d);
    return status;
}

/* ---- What is damaged --------------------------------------------------------------------------------------- */

static void spread_damage(scan *s)
{
    const video_track *track = s->track;
    bool is_dirty = false;
    int64_t leads = 0; /* frames before this one may be built upon damaged ones */
    for (int64_t i = 0; i < track->n_packets && !track->is_intra; i++) {
        const video_packet *p = &track->packets[i];
        if (p->is_key && !s->is_bad[i]) {
            leads = is_dirty && p->frame >= 0 ? p->frame : 0;
            is_dirty = false;
        }
        is_dirty |= s->is_bad[i];
        s->is_bad[i] |= is_dirty || (p->frame >= 0 && p->frame < leads);
    }
}

static lmp_status find_stand_ins(scan *s, int64_t *n_bad, lmp_error *err)
{
    video_track *track = s->track;
    int64_t first = 0;
    while (first < track->n_frames && s->is_bad[track->packet_of_frame[first]]) first++;
    if (first == track->n_frames)
        return lmp_fail(err, LMP_ERR_INPUT, "%s holds no frame that can be decoded; get a sound copy",
                        track->input.path);
    track->stand_in = malloc((size_t)track->n_frames * sizeof *track->stand_in);
    if (track->stand_in == NULL) return video_no_memory(track, err);
    *n_bad = 0;
    for (int64_t i = 0, last = first; i < track->n_frames; i++) {
        const bool is_bad = s->is_bad[track->packet_of_frame[i]];
        if (!is_bad) last = i;
        *n_bad += is_bad;
        track->stand_in[i] = last;
    }
    return LMP_OK;
}

/* "3-7, 12 and others" */
static void print_ranges(const video_track *track, char *text, size_t size)
{
    size_t used = 0;
    int n = 0;
    for (int64_t i = 0; i < track->n_frames && used < size; i++) {
        if (track->stand_in[i] == i) continue;
        int64_t last = i;
        while (last + 1 < track->n_frames && track->stand_in[last + 1] != last + 1) last++;
        if (n++ == 8) {
            snprintf(text + used, size - used, " and others");
            return;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%" PRId64, n > 1 ? ", " : "", i);
        if (last > i && used < size) used += (size_t)snprintf(text + used, size - used, "-%" PRId64, last);
        i = last;
    }
}

static lmp_status judge_damage(scan *s, char **warnings, lmp_error *err)
{
    video_track *track = s->track;
    char ranges[400] = "";
    int64_t n_bad = 0;
    /* Where packets tell the order, a frame that did not come is damaged. */
    for (int64_t i = 0; i < track->n_packets && !s->orders; i++)
        s->is_bad[i] |= !s->came[i] && track->packets[i].frame >= 0;
    spread_damage(s);
    const lmp_status status = find_stand_ins(s, &n_bad, err);
    if (status != LMP_OK || n_bad == 0) return status;
    print_ranges(track, ranges, sizeof ranges);
    file_warn(warnings, "%" PRId64 " of the %" PRId64 " frames of %s are damaged and repeat the last sound one: %s",
              n_bad, track->n_frames, track->input.path, ranges);
    return LMP_OK;
}

/* ---- The scan ---------------------------------------------------------------------------------------------- */

static lmp_status run_scan(scan *s, char **warnings, lmp_error *err)
{
    video_track *track = s->track;
    bool is_damaged = false;
    const int threads = video_decoder_threads(track);
    lmp_status status = decode_all(s, threads, &is_damaged, err);
    if (status == LMP_OK && is_damaged && threads > 1) status = decode_all(s, 1, &is_damaged, err);
    if (status != LMP_OK) return status;
    if (s->orders) {
        if (s->n_frames == 0)
            return lmp_fail(err, LMP_ERR_INPUT, "%s holds no frame that can be decoded; get a sound copy",
                            track->input.path);
        if (!video_order_set(track, s->order, s->n_frames)) return video_no_memory(track, err);
        for (int64_t i = 1; i < track->n_packets && !track->codec->is_intra; i++)
            track->packets[i].is_key = s->is_key[i] && s->came[i];
    }
    return s->salvage ? judge_damage(s, warnings, err) : LMP_OK;
}

lmp_status video_scan(video_track *track, bool salvage, char **warnings, lmp_error *err)
{
    const size_t n = (size_t)track->n_packets;
    scan s = {.track = track, .salvage = salvage, .orders = track->packet_of_frame == NULL};
    s.came = calloc(n, sizeof *s.came);
    s.is_bad = calloc(n, sizeof *s.is_bad);
    s.is_key = calloc(n, sizeof *s.is_key);
    s.order = calloc(n, sizeof *s.order);
    const bool has_room = s.came != NULL && s.is_bad != NULL && s.is_key != NULL && s.order != NULL;
    const lmp_status status = has_room ? run_scan(&s, warnings, err) : video_no_memory(track, err);
    free(s.came);
    free(s.is_bad);
    free(s.is_key);
    free(s.order);
    return status;
}
