/* SPDX-License-Identifier: BSD-3-Clause
 *
 * video_track.c: opens a video file with one of FFmpeg's demuxers.
 *
 * The demuxer is named, never guessed, and sees nothing but the bytes of this file: it cannot open another file or a
 * network address. Only codecs of the list below are decoded.
 */
#include "io/video/video_track.h"

#include "io/video/ffmpeg.h"
#include "io/video/video.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const video_codec codecs[] = {
    {AV_CODEC_ID_RAWVIDEO, NULL, true, true, false},    {AV_CODEC_ID_FFV1, NULL, true, true, false},
    {AV_CODEC_ID_MJPEG, NULL, true, true, false},       {AV_CODEC_ID_HUFFYUV, NULL, true, true, false},
    {AV_CODEC_ID_FFVHUFF, NULL, true, true, false},     {AV_CODEC_ID_UTVIDEO, NULL, true, true, false},
    {AV_CODEC_ID_MAGICYUV, NULL, true, true, false},    {AV_CODEC_ID_LAGARITH, NULL, true, true, false},
    {AV_CODEC_ID_PRORES, NULL, true, true, false},      {AV_CODEC_ID_DNXHD, NULL, true, true, false},
    {AV_CODEC_ID_PNG, NULL, true, true, false},         {AV_CODEC_ID_DVVIDEO, NULL, true, true, false},
    {AV_CODEC_ID_V210, NULL, true, true, false},        {AV_CODEC_ID_QTRLE, NULL, false, true, false},
    {AV_CODEC_ID_GIF, NULL, false, true, false},        {AV_CODEC_ID_MPEG4, NULL, false, false, false},
    {AV_CODEC_ID_MSMPEG4V1, NULL, false, true, false},  {AV_CODEC_ID_MSMPEG4V2, NULL, false, true, false},
    {AV_CODEC_ID_MSMPEG4V3, NULL, false, true, false},  {AV_CODEC_ID_WMV1, NULL, false, true, false},
    {AV_CODEC_ID_WMV2, NULL, false, true, false},       {AV_CODEC_ID_H263, NULL, false, true, false},
    {AV_CODEC_ID_H264, NULL, false, false, false},      {AV_CODEC_ID_HEVC, NULL, false, false, false},
    {AV_CODEC_ID_VP8, NULL, false, false, true},        {AV_CODEC_ID_VP9, NULL, false, false, true},
    {AV_CODEC_ID_AV1, "libdav1d", false, false, false},
};

lmp_status video_no_memory(const video_track *track, lmp_error *err)
{
    return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for %s", track->input.path);
}

static const video_codec *find_codec(enum AVCodecID id)
{
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if (codecs[i].id == id) return &codecs[i];
    return NULL;
}

/* ---- Bytes for the demuxer -------------------------------------------------------------------------------- */

typedef struct byte_reader {
    const file_input *input;
    int64_t position;
} byte_reader;

static int read_bytes(void *user, uint8_t *bytes, int size)
{
    byte_reader *r = user;
    size_t got = 0;
    if (r->position >= r->input->info.size) return AVERROR_EOF;
    const int code = os_file_read(r->input->file, r->position, bytes, (size_t)size, &got);
    if (code != 0) return AVERROR(code);
    if (got == 0) return AVERROR_EOF;
    r->position += (int64_t)got;
    return (int)got;
}

static int64_t seek_bytes(void *user, int64_t offset, int whence)
{
    byte_reader *r = user;
    if ((whence & AVSEEK_SIZE) != 0) return r->input->info.size;
    whence &= ~AVSEEK_FORCE;
    int64_t base = 0;
    if (whence == SEEK_CUR) base = r->position;
    if (whence == SEEK_END) base = r->input->info.size;
    if (offset < -base || offset > INT64_MAX / 2) return AVERROR(EINVAL);
    r->position = base + offset;
    return r->position;
}

/* For demuxers that would open what a file names. */
static int refuse_to_open(struct AVFormatContext *demuxer, AVIOContext **io, const char *url, int flags,
                          AVDictionary **options)
{
    (void)demuxer, (void)io, (void)url, (void)flags, (void)options;
    return AVERROR(EPERM);
}

static void close_demuxer(AVFormatContext *demuxer, AVIOContext *io)
{
    avformat_close_input(&demuxer);
    if (io != NULL) av_freep(&io->buffer);
    avio_context_free(&io);
}

enum { BUFFER_BYTES = 1 << 18 };

static lmp_status open_demuxer(video_track *track, byte_reader *bytes, const char *name, AVFormatContext **demuxer,
                               AVIOContext **io, lmp_error *err)
{
    const AVInputFormat *format = av_find_input_format(name);
    uint8_t *buffer = av_malloc(BUFFER_BYTES);
    if (format == NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "%s cannot be read: this FFmpeg has no demuxer '%s'", track->input.path,
                        name);
    if (buffer != NULL) *io = avio_alloc_context(buffer, BUFFER_BYTES, 0, bytes, read_bytes, NULL, seek_bytes);
    if (*io == NULL) av_free(buffer);
    *demuxer = avformat_alloc_context();
    if (*io == NULL || *demuxer == NULL) {
        close_demuxer(*demuxer, *io);
        return video_no_memory(track, err);
    }
    (*demuxer)->pb = *io;
    (*demuxer)->io_open = refuse_to_open;
    /* Packets as they lie in the file, with the times that it gives them. */
    (*demuxer)->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
    if (avformat_open_input(demuxer, NULL, format, NULL) < 0) {
        close_demuxer(NULL, *io);
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s is damaged or cut short: its header cannot be read; get the complete file again",
                        track->input.path);
    }
    return LMP_OK;
}

/* ---- The stream ------------------------------------------------------------------------------------------- */

static bool is_movie(const AVStream *stream)
{
    return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
           (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
}

static lmp_status choose_stream(const video_track *track, AVFormatContext *demuxer, int *chosen, char **warnings,
                                lmp_error *err)
{
    int n = 0;
    *chosen = -1;
    for (unsigned i = 0; i < demuxer->nb_streams; i++) {
        if (is_movie(demuxer->streams[i]) && n++ == 0) *chosen = (int)i;
        demuxer->streams[i]->discard = *chosen == (int)i ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    if (n == 0)
        return lmp_fail(err, LMP_ERR_INPUT, "%s holds no video that can be read; choose another file",
                        track->input.path);
    if (n > 1) file_warn(warnings, "%s holds %d videos; the first is read", track->input.path, n);
    return LMP_OK;
}

static bool is_encrypted(const AVStream *stream)
{
    const uint32_t tag = stream->codecpar->codec_tag;
    return tag == MKTAG('e', 'n', 'c', 'v') ||
           av_stream_get_side_data(stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, NULL) != NULL;
}

static lmp_status check_codec(video_track *track, const AVStream *stream, lmp_error *err)
{
    const AVCodecParameters *p = stream->codecpar;
    const char *path = track->input.path;
    char tag[AV_FOURCC_MAX_STRING_SIZE];
    if (is_encrypted(stream)) return lmp_fail(err, LMP_ERR_INPUT, "%s is encrypted; get a copy that is not", path);
    track->codec = find_codec(p->codec_id);
    if (track->codec == NULL)
        return lmp_fail(err, LMP_ERR_INPUT, "%s is coded as %s (%s), which limpid does not read; convert it to FFV1",
                        path, avcodec_get_name(p->codec_id), av_fourcc_make_string(tag, p->codec_tag));
    if (p->width < 0 || p->height < 0 || (int64_t)p->width * p->height > track->pixel_limit)
        return lmp_fail(err, LMP_ERR_INPUT,
                        "%s claims frames of %d x %d pixels, more than a file of %" PRId64 " bytes can hold", path,
                        p->width, p->height, track->input.info.size);
    return LMP_OK;
}

static double as_rate(AVRational rate)
{
    return rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
}

static lmp_status keep_stream(video_track *track, const AVStream *stream, lmp_error *err)
{
    track->time_base = stream->time_base;
    track->said_rate_hz = as_rate(stream->r_frame_rate);
    if (track->said_rate_hz == 0) track->said_rate_hz = as_rate(stream->avg_frame_rate);
    size_t size = 0;
    const uint8_t *matrix = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    track->has_matrix = matrix != NULL && size >= sizeof track->matrix;
    if (track->has_matrix) memcpy(track->matrix, matrix, sizeof track->matrix);
    track->parameters = avcodec_parameters_alloc();
    if (track->parameters == NULL || avcodec_parameters_copy(track->parameters, stream->codecpar) < 0)
        return video_no_memory(track, err);
    return LMP_OK;
}

/* A uniform picture takes about a byte for 5000 pixels in the codecs that compress most; smaller files that claim more
 * are hostile. */
static int64_t limit_pixels(int64_t file_bytes)
{
    const int64_t floor = 1 << 22, most = 1 << 28, per_byte = 1 << 13;
    return file_bytes > (most - floor) / per_byte ? most : floor + per_byte * file_bytes;
}

lmp_status video_track_open(const char *path, const char *demuxer_name, bool salvage, video_track *track,
                            char **warnings, lmp_error *err)
{
    AVFormatContext *demuxer = NULL;
    AVIOContext *io = NULL;
    int stream = -1;
    *track = (video_track){.threads = track->threads, .is_avi = strcmp(demuxer_name, "avi") == 0};
    lmp_status status = file_input_open(path, &track->input, err);
    if (status != LMP_OK) return status;
    track->pixel_limit = limit_pixels(track->input.info.size);
    byte_reader bytes = {.input = &track->input};
    status = open_demuxer(track, &bytes, demuxer_name, &demuxer, &io, err);
    if (status == LMP_OK) {
        status = choose_stream(track, demuxer, &stream, warnings, err);
        if (status == LMP_OK) status = check_codec(track, demuxer->streams[stream], err);
        if (status == LMP_OK) status = keep_stream(track, demuxer->streams[stream], err);
        if (status == LMP_OK) status = video_packets_read(track, demuxer, stream, salvage, warnings, err);
        close_demuxer(demuxer, io);
    }
    if (status != LMP_OK) video_track_close(track);
    return status;
}

void video_track_close(video_track *track)
{
    for (int64_t i = 0; i < track->n_packets; i++) free(track->packets[i].palette);
    free(track->packets);
    free(track->packet_of_frame);
    free(track->stand_in);
    avcodec_parameters_free(&track->parameters);
    file_input_close(&track->input);
    *track = (video_track){.input = {.file = {-1}}};
}
