/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ffmpeg.c: FFmpeg's four libraries, by the versions of the headers that limpid was compiled against.
 */
#include "io/video/ffmpeg.h"

ffmpeg_functions ffmpeg;

#define FFMPEG_PLACE(name) (void **)(void *)&ffmpeg.name##_at,

static const char *const util_names[] = {FFMPEG_UTIL(ON_DEMAND_NAME)};
static const char *const codec_names[] = {FFMPEG_CODEC(ON_DEMAND_NAME)};
static const char *const format_names[] = {FFMPEG_FORMAT(ON_DEMAND_NAME)};
static const char *const scale_names[] = {FFMPEG_SCALE(ON_DEMAND_NAME)};
static void **const util_places[] = {FFMPEG_UTIL(FFMPEG_PLACE)};
static void **const codec_places[] = {FFMPEG_CODEC(FFMPEG_PLACE)};
static void **const format_places[] = {FFMPEG_FORMAT(FFMPEG_PLACE)};
static void **const scale_places[] = {FFMPEG_SCALE(FFMPEG_PLACE)};

#define LIBRARY(part, name, version)                                                                                   \
    {                                                                                                                  \
        "lib" name ".so." AV_STRINGIFY(version), "lib" name AV_STRINGIFY(version), part##_names, part##_places,        \
            sizeof part##_names / sizeof *part##_names                                                                 \
    }

static const on_demand_library libraries[] = {
    LIBRARY(util, "avutil", LIBAVUTIL_VERSION_MAJOR),
    LIBRARY(codec, "avcodec", LIBAVCODEC_VERSION_MAJOR),
    LIBRARY(format, "avformat", LIBAVFORMAT_VERSION_MAJOR),
    LIBRARY(scale, "swscale", LIBSWSCALE_VERSION_MAJOR),
};

static void be_silent(void *user, int level, const char *format, va_list values)
{
    (void)user, (void)level, (void)format, (void)values;
}

static void silence(void)
{
    av_log_set_callback(be_silent);
}

lmp_status ffmpeg_load(lmp_error *err)
{
    static on_demand_once once;
    return on_demand_load(&once, "video", libraries, sizeof libraries / sizeof *libraries, silence, err);
}
