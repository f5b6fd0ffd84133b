/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_encode.c: frames into FFV1 or H.264, in AVI, MP4 or Matroska.
 */
#include "io/video/video_encode.h"

#include "io/video/ffmpeg.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rate of files whose movie does not know its own. */
enum { RATE_OF_UNKNOWN_HZ = 25 };
/* Ticks of a second where frames have times of their own. */
enum { TICKS_PER_S = 90000 };

static lmp_status no_memory(const video_encoder *e, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", e->output->path);
}

/* ---- Bytes of the container ------------------------------------------------------------------------------- */

static int write_bytes(void *user, uint8_t *bytes, int size)
{
    video_encoder *e = user;
    if (e->trouble == LMP_OK) e->trouble = file_output_write(e->output, e->position, bytes, (size_t)size, &e->why);
    if (e->trouble != LMP_OK) return AVERROR(EIO);
    e->position += size;
    return size;
}

static int64_t seek_bytes(void *user, int64_t offset, int whence)
{
    video_encoder *e = user;
    os_file_info info;
    if ((whence & AVSEEK_SIZE) != 0) return os_file_stat(e->output->file, &info) == 0 ? info.size : AVERROR(EIO);
    whence &= ~AVSEEK_FORCE;
    if (whence == SEEK_CUR) offset += e->position;
    if (whence == SEEK_END || offset < 0) return AVERROR(EINVAL);
    e->position = offset;
    return offset;
}

static lmp_status open_muxer(video_encoder *e, const char *name, lmp_error *err)
{
    enum { BUFFER_BYTES = 1 << 18 };
    uint8_t *buffer = av_malloc(BUFFER_BYTES);
    if (buffer != NULL) e->io = avio_alloc_context(buffer, BUFFER_BYTES, 1, e, NULL, write_bytes, seek_bytes);
    if (e->io == NULL) {
        av_free(buffer);
        return no_memory(e, err);
    }
    if (avformat_alloc_output_context2(&e->muxer, NULL, name, NULL) < 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s cannot be written: this FFmpeg has no muxer '%s'", e->output->path,
                        name);
    e->muxer->pb = e->io;
    e->muxer->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    return LMP_OK;
}

static lmp_status fail_bytes(const video_encoder *e, lmp_error *err)
{
    if (e->trouble == LMP_OK)
        return lmp_fail(err, LMP_ERR_INPUT, "%s cannot be written: its encoder or container refused frame %" PRId64,
                        e->output->path, e->next_frame);
    if (err != NULL) *err = e->why;
    return e->trouble;
}

/* ---- The codec -------------------------------------------------------------------------------------------- */

static enum AVPixelFormat choose_pixels(const lmp_format *format, video_coding coding)
{
    if (coding == VIDEO_H264) return AV_PIX_FMT_YUV420P;
    if (format->n_colours == 3) return format->type == LMP_UINT8 ? AV_PIX_FMT_BGR0 : AV_PIX_FMT_GBRP16;
    return format->type == LMP_UINT8 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_GRAY16;
}

/* Small frames are not worth cutting: a slice costs bytes. */
static void set_ffv1(AVCodecContext *codec, int64_t threads, AVDictionary **options)
{
    const int64_t most = threads > 0 ? threads : os_core_count();
    codec->level = 3;
    codec->gop_size = 1;
    codec->slices = codec->width >= 64 && codec->height >= 64 ? 4 : 1;
    codec->thread_type = FF_THREAD_SLICE;
    codec->thread_count = most < codec->slices ? (int)most : codec->slices;
    av_dict_set(options, "slicecrc", "1", 0);
}

/* Quality 1 is x264's rate factor 40 (poor), 65, the default, 18 (no loss that is seen), 100 is 6. */
static void set_h264(AVCodecContext *codec, double quality, AVDictionary **options)
{
    char factor[32];
    snprintf(factor, sizeof factor, "%.2f", 40 - 0.34 * (quality == 0 ? 65 : quality));
    codec->gop_size = 100;
    codec->thread_count = 4; /* x264's bits depend on it */
    codec->color_range = AVCOL_RANGE_MPEG;
    codec->colorspace = AVCOL_SPC_SMPTE170M;
    codec->color_primaries = AVCOL_PRI_SMPTE170M;
    codec->color_trc = AVCOL_TRC_SMPTE170M;
    av_dict_set(options, "preset", "medium", 0);
    av_dict_set(options, "crf", factor, 0);
    av_dict_set(options, "rc-lookahead", "20", 0);
}

static AVRational choose_time_base(const video_encoder *e)
{
    if (e->has_times) return (AVRational){1, TICKS_PER_S};
    const double rate_hz = e->format->rate_hz > 0 ? e->format->rate_hz : RATE_OF_UNKNOWN_HZ;
    const AVRational rate = av_d2q(rate_hz, 1001000);
    return rate.num > 0 && rate.den > 0 ? av_inv_q(rate) : (AVRational){1, RATE_OF_UNKNOWN_HZ};
}

static lmp_status open_codec(video_encoder *e, video_coding coding, const lmp_write_options *write, lmp_error *err)
{
    const char *name = coding == VIDEO_H264 ? "libx264" : "ffv1";
    const AVCodec *encoder = avcodec_find_encoder_by_name(name);
    AVDictionary *options = NULL;
    if (encoder == NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "%s cannot be written: this FFmpeg has no encoder '%s'; choose .npy",
                        e->output->path, name);
    AVCodecContext *codec = e->codec = avcodec_alloc_context3(encoder);
    if (codec == NULL) return no_memory(e, err);
    codec->width = (int)e->format->width;
    codec->height = (int)e->format->height;
    codec->pix_fmt = choose_pixels(e->format, coding);
    codec->time_base = choose_time_base(e);
    if (!e->has_times) codec->framerate = av_inv_q(codec->time_base);
    codec->flags |= AV_CODEC_FLAG_BITEXACT;
    if ((e->muxer->oformat->flags & AVFMT_GLOBALHEADER) != 0) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (coding == VIDEO_H264)
        set_h264(codec, write->quality, &options);
    else
        set_ffv1(codec, write->threads, &options);
    const int code = avcodec_open2(codec, encoder, &options);
    av_dict_free(&options);
    return code == 0 ? LMP_OK
                     : lmp_fail(err, LMP_ERR_INPUT, "%s cannot be written: the encoder '%s' refused frames of %d x %d",
                                e->output->path, name, codec->width, codec->height);
}

static lmp_status begin_file(video_encoder *e, lmp_error *err)
{
    AVStream *stream = avformat_new_stream(e->muxer, NULL);
    if (stream == NULL || avcodec_parameters_from_context(stream->codecpar, e->codec) < 0) return no_memory(e, err);
    stream->time_base = e->codec->time_base;
    if (!e->has_times) stream->avg_frame_rate = stream->r_frame_rate = e->codec->framerate;
    return avformat_write_header(e->muxer, NULL) < 0 ? fail_bytes(e, err) : LMP_OK;
}

static lmp_status open_frame(video_encoder *e, lmp_error *err)
{
    e->packet = av_packet_alloc();
    e->frame = av_frame_alloc();
    if (e->packet == NULL || e->frame == NULL) return no_memory(e, err);
    e->frame->format = e->codec->pix_fmt;
    e->frame->width = e->codec->width;
    e->frame->height = e->codec->height;
    if (av_frame_get_buffer(e->frame, 64) < 0) return no_memory(e, err);
    if (e->codec->pix_fmt != AV_PIX_FMT_YUV420P || e->format->n_colours != 3) return LMP_OK;
    e->scaler = sws_getContext(e->frame->width, e->frame->height, AV_PIX_FMT_RGB24, e->frame->width, e->frame->height,
                               AV_PIX_FMT_YUV420P, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, NULL, NULL, NULL);
    return e->scaler != NULL ? LMP_OK : no_memory(e, err);
}

/* AVI has a rate and nothing else. */
lmp_status video_encoder_open(video_encoder *e, const char *muxer, video_coding coding, file_output *output,
                              const lmp_format *format, const lmp_write_options *options, lmp_error *err)
{
    *e = (video_encoder){.format = format, .output = output};
    e->has_times = format->frame_times_s != NULL && strcmp(muxer, "avi") != 0;
    if (!(options->quality >= 0 && options->quality <= 100))
        return lmp_fail(err, LMP_ERR_USAGE, "%s: a quality of %g makes no sense; give 1 to 100", output->path,
                        options->quality);
    lmp_status status = open_muxer(e, muxer, err);
    if (status == LMP_OK) status = open_codec(e, coding, options, err);
    if (status == LMP_OK) status = open_frame(e, err);
    if (status == LMP_OK) status = begin_file(e, err);
    return status;
}

void video_encoder_close(video_encoder *e)
{
    if (e->io != NULL) av_freep(&e->io->buffer);
    avio_context_free(&e->io);
    avformat_free_context(e->muxer);
    sws_freeContext(e->scaler);
    avcodec_free_context(&e->codec);
    av_frame_free(&e->frame);
    av_packet_free(&e->packet);
    *e = (video_encoder){0};
}

/* ---- Frames ----------------------------------------------------------------------------------------------- */

/* 0..255 as luma in 16..235, rounded. */
static void put_luma(const uint8_t *from, int64_t n, uint8_t *to)
{
    for (int64_t x = 0; x < n; x++) to[x] = (uint8_t)(16 + (from[x] * 219 + 127) / 255);
}

static void put_bgr0(const uint8_t *from, int64_t n, uint8_t *to)
{
    for (int64_t x = 0; x < n; x++) {
        to[4 * x] = from[3 * x + 2];
        to[4 * x + 1] = from[3 * x + 1];
        to[4 * x + 2] = from[3 * x];
        to[4 * x + 3] = 0;
    }
}

/* Planes of green, blue, red. */
static void put_planes(const uint16_t *from, int64_t n, AVFrame *frame, int64_t row)
{
    static const int colour[3] = {1, 2, 0};
    for (int plane = 0; plane < 3; plane++) {
        uint8_t *to = frame->data[plane] + row * frame->linesize[plane];
        for (int64_t x = 0; x < n; x++) memcpy(to + 2 * x, &from[3 * x + colour[plane]], 2);
    }
}

static void put_row(const video_encoder *e, const void *from, int64_t row)
{
    const int64_t n = e->format->width;
    uint8_t *to = e->frame->data[0] + row * e->frame->linesize[0];
    switch (e->codec->pix_fmt) {
    case AV_PIX_FMT_YUV420P:
        put_luma(from, n, to);
        break;
    case AV_PIX_FMT_BGR0:
        put_bgr0(from, n, to);
        break;
    case AV_PIX_FMT_GBRP16:
        put_planes(from, n, e->frame, row);
        break;
    default:
        memcpy(to, from, (size_t)n * lmp_type_bytes(e->format->type));
    }
}

static bool put_frame(const video_encoder *e, const uint8_t *pixels)
{
    const int64_t height = e->format->height;
    const size_t row_bytes = (size_t)(e->format->width * e->format->n_colours) * lmp_type_bytes(e->format->type);
    if (e->scaler != NULL) {
        const int stride = (int)row_bytes;
        return sws_scale(e->scaler, &pixels, &stride, 0, (int)height, e->frame->data, e->frame->linesize) == height;
    }
    for (int64_t row = 0; row < height; row++) put_row(e, pixels + (size_t)row * row_bytes, row);
    for (int plane = 1; plane < 3 && e->codec->pix_fmt == AV_PIX_FMT_YUV420P; plane++)
        memset(e->frame->data[plane], 128, (size_t)e->frame->linesize[plane] * (size_t)(height / 2));
    return true;
}

/* How long a frame is shown: a last one without length would lie outside of what MP4 shows. */
static int64_t frame_ticks(const video_encoder *e)
{
    const double rate_hz = e->format->rate_hz > 0 ? e->format->rate_hz : RATE_OF_UNKNOWN_HZ;
    return e->has_times ? llround(fmax(1, TICKS_PER_S / rate_hz)) : 1;
}

/* Takes what the encoder has ready. */
static lmp_status pass_packets(video_encoder *e, lmp_error *err)
{
    int code = 0;
    while ((code = avcodec_receive_packet(e->codec, e->packet)) == 0) {
        if (e->packet->duration == 0) e->packet->duration = frame_ticks(e);
        av_packet_rescale_ts(e->packet, e->codec->time_base, e->muxer->streams[0]->time_base);
        e->packet->stream_index = 0;
        if (av_interleaved_write_frame(e->muxer, e->packet) < 0 || e->trouble != LMP_OK) return fail_bytes(e, err);
    }
    return code == AVERROR(EAGAIN) || code == AVERROR_EOF ? LMP_OK : fail_bytes(e, err);
}

/* Times must rise; frames that are nearer than a tick are put one tick apart. */
static int64_t choose_time(const video_encoder *e, int64_t number)
{
    if (!e->has_times) return number;
    const double ticks = (e->format->frame_times_s[number] - e->format->frame_times_s[0]) * TICKS_PER_S;
    const int64_t earliest = number == 0 ? 0 : e->frame->pts + 1;
    return ticks >= (double)earliest && ticks < 1e15 ? llround(ticks) : earliest;
}

lmp_status video_encoder_add(video_encoder *e, const void *pixels, int64_t number, lmp_error *err)
{
    if (number != e->next_frame)
        return lmp_fail(err, LMP_ERR_INPUT, "%s: frame %" PRId64 " came where %" PRId64 " was due", e->output->path,
                        number, e->next_frame);
    const int64_t time = choose_time(e, number);
    if (av_frame_make_writable(e->frame) < 0) return no_memory(e, err);
    if (!put_frame(e, pixels)) return fail_bytes(e, err);
    e->frame->pts = time;
    if (avcodec_send_frame(e->codec, e->frame) < 0) return fail_bytes(e, err);
    e->next_frame++;
    return pass_packets(e, err);
}

lmp_status video_encoder_finish(video_encoder *e, lmp_error *err)
{
    if (avcodec_send_frame(e->codec, NULL) < 0) return fail_bytes(e, err);
    const lmp_status status = pass_packets(e, err);
    if (status != LMP_OK) return status;
    const int code = av_write_trailer(e->muxer);
    avio_flush(e->io);
    return code < 0 || e->trouble != LMP_OK ? fail_bytes(e, err) : LMP_OK;
}
