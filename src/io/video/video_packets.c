/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_packets.c: finds all coded pictures of a video file, and where they lie, by walking through it once.
 *
 * Later they are read straight from their places, so that the nth picture is the nth however it is reached: seeking by
 * time stamps, where containers and demuxers round and guess, is not needed.
 */
#include "io/video/video_track.h"

#include "io/video/ffmpeg.h"
#include "io/video/video_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Where a packet lies ---------------------------------------------------------------------------------- */

enum { PROBE = 32, WINDOW = 1024 };

static bool reads_as(const video_track *track, int64_t position, const uint8_t *bytes, size_t n)
{
    uint8_t there[PROBE];
    size_t got = 0;
    return os_file_read(track->input.file, position, there, n, &got) == 0 && got == n && memcmp(there, bytes, n) == 0;
}

static bool lies_at(const video_track *track, int64_t position, const AVPacket *packet)
{
    const size_t size = (size_t)packet->size, n = size < PROBE ? size : PROBE;
    if (position < 0 || position > track->input.info.size - packet->size) return false;
    return reads_as(track, position, packet->data, n) &&
           reads_as(track, position + (int64_t)(size - n), packet->data + size - n, n);
}

/* Demuxers tell where the packet's data, its chunk (8 bytes before) or its block (a short header before) begins. */
static int64_t locate(const video_track *track, const AVPacket *packet)
{
    uint8_t window[WINDOW];
    size_t got = 0;
    if (packet->pos < 0) return -1;
    if (lies_at(track, packet->pos, packet)) return packet->pos;
    if (lies_at(track, packet->pos + 8, packet)) return packet->pos + 8;
    if (os_file_read(track->input.file, packet->pos, window, sizeof window, &got) != 0) return -1;
    const size_t n = packet->size < PROBE ? (size_t)packet->size : PROBE;
    for (size_t i = 0; i + n <= got; i++) {
        const uint8_t *found = memmem(window + i, got - i, packet->data, n);
        if (found == NULL) return -1;
        i = (size_t)(found - window);
        if (lies_at(track, packet->pos + (int64_t)i, packet)) return packet->pos + (int64_t)i;
    }
    return -1;
}

/* ---- Keeping them ----------------------------------------------------------------------------------------- */

/* Pictures that are asked whether FFV1 has check sums: one that is damaged must not hide them. */
enum { SAMPLED = 8 };

static video_packet *add_packet(video_track *track)
{
    if (track->n_packets == track->packet_room) {
        const int64_t room = track->packet_room == 0 ? 256 : 2 * track->packet_room;
        video_packet *grown = realloc(track->packets, (size_t)room * sizeof *grown);
        if (grown == NULL) return NULL;
        track->packets = grown;
        track->packet_room = room;
    }
    video_packet *added = &track->packets[track->n_packets++];
    *added = (video_packet){.pts = AV_NOPTS_VALUE, .dts = AV_NOPTS_VALUE, .frame = -1};
    return added;
}

static lmp_status keep_palette(video_track *track, video_packet *kept, const AVPacket *packet, lmp_error *err)
{
    size_t size = 0;
    const uint8_t *palette = av_packet_get_side_data(packet, AV_PKT_DATA_PALETTE, &size);
    if (palette == NULL || size < AVPALETTE_SIZE) return LMP_OK;
    kept->palette = malloc(AVPALETTE_SIZE);
    if (kept->palette == NULL) return video_no_memory(track, err);
    memcpy(kept->palette, palette, AVPALETTE_SIZE);
    return LMP_OK;
}

static lmp_status check_packet(const video_track *track, const AVPacket *packet, lmp_error *err)
{
    const char *path = track->input.path;
    if (av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, NULL) != NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is encrypted; get a copy that is not", path);
    if (track->n_packets > 0 && av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, NULL) != NULL)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s changes its coding at picture %" PRId64 " (files joined to one); read its parts one by one",
                        path, track->n_packets);
    return LMP_OK;
}

static lmp_status keep_packet(video_track *track, const AVPacket *packet, lmp_error *err)
{
    lmp_status status = check_packet(track, packet, err);
    if (status != LMP_OK) return status;
    const int64_t position = locate(track, packet);
    if (position < 0)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s does not hold picture %" PRId64 " in one piece (the container compresses it); copy it to "
                        "another container without recoding",
                        track->input.path, track->n_packets);
    video_packet *kept = add_packet(track);
    if (kept == NULL) return video_no_memory(track, err);
    kept->position = position;
    kept->size = packet->size;
    kept->pts = packet->pts;
    kept->dts = packet->dts;
    kept->is_key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
    kept->is_silent = (packet->flags & AV_PKT_FLAG_DISCARD) != 0;
    if (track->n_packets <= SAMPLED && track->codec->id == AV_CODEC_ID_FFV1)
        track->has_sums |= video_ffv1_is_sound(packet->data, packet->size);
    if (packet->size > track->largest_packet) track->largest_packet = packet->size;
    return keep_palette(track, kept, packet, err);
}

/* ---- Walking ---------------------------------------------------------------------------------------------- */

typedef struct walk {
    int64_t clock;  /* sum of durations, for containers that give no times (GIF) */
    bool is_cut;    /* the file ends before its last picture does */
    int64_t wanted; /* pictures that the container lists; 0 if it does not */
} walk;

static lmp_status walk_packets(video_track *track, AVFormatContext *demuxer, int stream, AVPacket *packet, walk *w,
                               lmp_error *err)
{
    lmp_status status = LMP_OK;
    int code = 0;
    while (status == LMP_OK && (code = av_read_frame(demuxer, packet)) >= 0) {
        const bool is_ours = packet->stream_index == stream && packet->size > 0;
        if (is_ours && (packet->flags & AV_PKT_FLAG_CORRUPT) != 0) {
            w->is_cut = true;
        } else if (is_ours) {
            if (packet->pts == AV_NOPTS_VALUE && packet->dts == AV_NOPTS_VALUE && packet->duration > 0)
                packet->pts = w->clock;
            if (packet->duration > 0 && w->clock < INT64_MAX - packet->duration) w->clock += packet->duration;
            status = keep_packet(track, packet, err);
        }
        av_packet_unref(packet);
    }
    if (status == LMP_OK && code == AVERROR(ENOMEM)) return video_no_memory(track, err);
    if (status == LMP_OK && code != AVERROR_EOF) w->is_cut = true;
    return status;
}

static lmp_status judge(const video_track *track, const walk *w, bool salvage, char **warnings, lmp_error *err)
{
    const char *path = track->input.path;
    if (track->n_packets == 0)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s holds none of its pictures (it is cut short, or parts of it are elsewhere); "
                        "get the complete file again",
                        path);
    if (!w->is_cut && track->n_packets >= w->wanted) return LMP_OK;
    if (!salvage)
        return lmp_fail(
            err, LMP_ERR_INPUT,
            "%s is damaged or cut short; get the complete file again, or salvage it (--salvage) to read the %" PRId64
            " pictures that are there",
            path, track->n_packets);
    file_warn(warnings, "%s is damaged or cut short; the %" PRId64 " pictures that are there are read", path,
              track->n_packets);
    return LMP_OK;
}

/* What the palette holds for all pictures is known to every decoder from the first one. A change can only be followed
 * from the picture it comes with. */
static bool changes_palette(const video_track *track)
{
    for (int64_t i = 1; i < track->n_packets; i++)
        if (track->packets[i].palette != NULL) return true;
    return false;
}

static void settle_keys(video_track *track)
{
    const bool changes = changes_palette(track);
    track->is_intra = track->codec->is_intra && !changes;
    for (int64_t i = 0; i < track->n_packets; i++) {
        video_packet *p = &track->packets[i];
        if (track->codec->id == AV_CODEC_ID_FFV1) {
            track->is_intra &= p->is_key; /* its pictures may also depend on each other */
            continue;
        }
        if (track->codec->is_intra) p->is_key = !changes || p->palette != NULL;
    }
    track->packets[0].is_key = true;
}

lmp_status video_packets_read(video_track *track, AVFormatContext *demuxer, int stream, bool salvage, char **warnings,
                              lmp_error *err)
{
    const int64_t listed = avformat_index_get_entries_count(demuxer->streams[stream]);
    walk w = {.is_cut = video_is_cut(&track->input), .wanted = track->is_avi ? 0 : listed};
    AVPacket *packet = av_packet_alloc();
    if (packet == NULL) return video_no_memory(track, err);
    lmp_status status = walk_packets(track, demuxer, stream, packet, &w, err);
    av_packet_free(&packet);
    if (status == LMP_OK) status = judge(track, &w, salvage, warnings, err);
    if (status != LMP_OK) return status;
    if (track->is_avi && listed == 0)
        file_warn(warnings, "%s has no index: its recording was not completed; %" PRId64 " pictures were found",
                  track->input.path, track->n_packets);
    settle_keys(track);
    return LMP_OK;
}
