/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_decoder.c: packets into FFmpeg's decoders, pictures out of them.
 *
 * Each packet goes in with its place as its time stamp, which comes out again with the picture: the frame number of a
 * picture is known whatever delay or order the codec has.
 */
#include "io/video/video_decoder.h"

#include "io/video/ffmpeg.h"
#include "io/video/video_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 4 };

int video_decoder_threads(const video_track *track)
{
    if (track->is_intra || track->codec->is_in_step) return 1;
    return track->threads < MOST_THREADS ? (int)track->threads : MOST_THREADS;
}

static lmp_status fail_decoder(const video_track *track, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_INPUT, "%s is coded as %s, but what describes its coding is damaged or not supported",
                    track->input.path, avcodec_get_name(track->codec->id));
}

static const AVCodec *find_decoder(const video_codec *codec)
{
    return codec->decoder != NULL ? avcodec_find_decoder_by_name(codec->decoder) : avcodec_find_decoder(codec->id);
}

static lmp_status open_codec(video_decoder *d, int threads, lmp_error *err)
{
    const video_track *track = d->track;
    const AVCodec *decoder = find_decoder(track->codec);
    if (decoder == NULL)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is coded as %s, for which this FFmpeg has no decoder; convert it to FFV1",
                        track->input.path, avcodec_get_name(track->codec->id));
    d->codec = avcodec_alloc_context3(decoder);
    if (d->codec == NULL) return video_no_memory(track, err);
    if (avcodec_parameters_to_context(d->codec, track->parameters) < 0) return fail_decoder(track, err);
    d->codec->max_pixels = track->pixel_limit;
    d->codec->thread_count = threads;
    d->codec->pkt_timebase = track->time_base;
    d->codec->err_recognition = AV_EF_CRCCHECK;
    /* Where every picture stands by itself, one that is not whole is better missing than made up. */
    if (track->codec->is_intra) d->codec->err_recognition |= AV_EF_EXPLODE;
    return avcodec_open2(d->codec, decoder, NULL) == 0 ? LMP_OK : fail_decoder(track, err);
}

/* Some codecs say once, in their first picture, how all are to be read. */
static lmp_status prime(video_decoder *d, lmp_error *err)
{
    lmp_status status = LMP_OK;
    if (d->track->is_intra && d->track->packets[0].palette == NULL) return LMP_OK;
    if (video_decoder_step(d, &status, err) == VIDEO_FAILED_READ) return status;
    video_decoder_seek(d, 0);
    return LMP_OK;
}

lmp_status video_decoder_open(const video_track *track, int threads, video_decoder *decoder, lmp_error *err)
{
    *decoder = (video_decoder){.track = track};
    decoder->frame = av_frame_alloc();
    decoder->sent = av_packet_alloc();
    lmp_status status = decoder->frame == NULL || decoder->sent == NULL ? video_no_memory(track, err)
                                                                        : open_codec(decoder, threads, err);
    if (status == LMP_OK) status = prime(decoder, err);
    if (status != LMP_OK) video_decoder_close(decoder);
    return status;
}

void video_decoder_close(video_decoder *decoder)
{
    avcodec_free_context(&decoder->codec);
    av_frame_free(&decoder->frame);
    av_packet_free(&decoder->sent);
    *decoder = (video_decoder){0};
}

void video_decoder_seek(video_decoder *decoder, int64_t packet)
{
    avcodec_flush_buffers(decoder->codec);
    decoder->next_packet = packet;
    decoder->next_frame = INT64_MAX;
    decoder->is_ended = false;
}

/* ---- Packets in ------------------------------------------------------------------------------------------- */

static lmp_status load_packet(video_decoder *d, int64_t i, lmp_error *err)
{
    const video_packet *from = &d->track->packets[i];
    size_t got = 0;
    if (av_new_packet(d->sent, from->size) < 0) return video_no_memory(d->track, err);
    const int code = os_file_read(d->track->input.file, from->position, d->sent->data, (size_t)from->size, &got);
    if (code != 0) return lmp_fail(err, LMP_ERR_IO, "cannot read %s: %s", d->track->input.path, strerror(code));
    if (got < (size_t)from->size)
        return lmp_fail(err, LMP_ERR_INPUT, "%s became shorter while it was read", d->track->input.path);
    d->sent->pts = i;
    d->sent->flags = (from->is_key ? AV_PKT_FLAG_KEY : 0) | (from->is_silent ? AV_PKT_FLAG_DISCARD : 0);
    if (from->palette == NULL) return LMP_OK;
    uint8_t *palette = av_packet_new_side_data(d->sent, AV_PKT_DATA_PALETTE, AVPALETTE_SIZE);
    if (palette == NULL) return video_no_memory(d->track, err);
    memcpy(palette, from->palette, AVPALETTE_SIZE);
    return LMP_OK;
}

/* The next packet, or at their end the request for what is still inside. `code`: FFmpeg's. */
static lmp_status send_next(video_decoder *d, int *code, lmp_error *err)
{
    if (d->next_packet == d->track->n_packets) {
        *code = avcodec_send_packet(d->codec, NULL);
        return LMP_OK;
    }
    const lmp_status status = load_packet(d, d->next_packet, err);
    if (status == LMP_OK && d->track->has_sums && !video_ffv1_is_sound(d->sent->data, d->sent->size))
        *code = AVERROR_INVALIDDATA; /* the decoder would fill it with what was there before */
    else if (status == LMP_OK)
        *code = avcodec_send_packet(d->codec, d->sent);
    av_packet_unref(d->sent);
    d->next_packet++;
    return status;
}

/* ---- Pictures out ----------------------------------------------------------------------------------------- */

static video_event take_picture(video_decoder *d)
{
    const bool is_known = d->frame->pts >= 0 && d->frame->pts < d->track->n_packets;
    d->packet = is_known ? d->frame->pts : -1;
    const bool is_whole = d->frame->decode_error_flags == 0 && (d->frame->flags & AV_FRAME_FLAG_CORRUPT) == 0;
    return is_known && is_whole ? VIDEO_PICTURE : VIDEO_DAMAGE;
}

static video_event note_damage(video_decoder *d)
{
    d->packet = d->codec->thread_count > 1 ? -1 : d->next_packet - 1;
    return VIDEO_DAMAGE;
}

video_event video_decoder_step(video_decoder *d, lmp_status *status, lmp_error *err)
{
    *status = LMP_OK;
    while (!d->is_ended) {
        int code = avcodec_receive_frame(d->codec, d->frame);
        if (code == 0) return take_picture(d);
        if (code == AVERROR_EOF) d->is_ended = true;
        if (code == AVERROR(ENOMEM)) *status = video_no_memory(d->track, err);
        if (code == AVERROR(EAGAIN)) *status = send_next(d, &code, err);
        if (*status != LMP_OK) return VIDEO_FAILED_READ;
        if (code < 0 && code != AVERROR_EOF) return note_damage(d);
    }
    return VIDEO_END;
}

/* ---- Where to begin --------------------------------------------------------------------------------------- */

int64_t video_decoder_start(const video_track *track, int64_t frame)
{
    const int64_t wanted = track->packet_of_frame[frame];
    for (int64_t i = wanted; i > 0; i--) {
        const video_packet *p = &track->packets[i];
        if (!p->is_key) continue;
        /* What is shown before a key frame but coded behind it may need pictures before it. */
        if (p->frame >= 0 ? p->frame <= frame : p->pts <= track->packets[wanted].pts) return i;
    }
    return 0;
}
