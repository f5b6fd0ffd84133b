/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ffmpeg.c: FFmpeg's four libraries, by the versions of the headers that limpid was compiled against.
 */
#include "io/ffmpeg.h"

#include "os/os.h"

#include <stdatomic.h>

ffmpeg_functions ffmpeg;

#define FFMPEG_NAME(name)    #name,
#define FFMPEG_ADDRESS(name) (void **)(void *)&name,

static void be_silent(void *user, int level, const char *format, va_list values)
{
    (void)user, (void)level, (void)format, (void)values;
}

typedef struct part {
    const char *soname, *package;
    const char *const *names;
    void **const *places; /* one for each name */
    size_t n;
} part;

enum { MOST_FUNCTIONS = 64 };

static lmp_status load_part(const part *p, lmp_error *err)
{
    void *functions[MOST_FUNCTIONS];
    const char *why = "";
    if (!os_library_load(p->soname, p->names, functions, p->n, &why))
        return lmp_fail(err, LMP_ERR_IO, "video needs FFmpeg's %s, which cannot be used (%s): install the package %s",
                        p->soname, why, p->package);
    for (size_t i = 0; i < p->n; i++) *p->places[i] = functions[i];
    return LMP_OK;
}

#define PART(name, library, version)                                                                                   \
    {                                                                                                                  \
        "lib" library ".so." AV_STRINGIFY(version), "lib" library AV_STRINGIFY(version), name##_names, name##_places,  \
            sizeof name##_names / sizeof *name##_names                                                                 \
    }

static lmp_status load_all(lmp_error *err)
{
    static const char *const util_names[] = {FFMPEG_UTIL(FFMPEG_NAME)}, *const codec_names[] = {FFMPEG_CODEC(
                                                                                            FFMPEG_NAME)},
                             *const format_names[] = {FFMPEG_FORMAT(FFMPEG_NAME)},
                             *const scale_names[] = {FFMPEG_SCALE(FFMPEG_NAME)};
    static void **const util_places[] = {FFMPEG_UTIL(FFMPEG_ADDRESS)}, **const codec_places[] = {FFMPEG_CODEC(
                                                                           FFMPEG_ADDRESS)},
                **const format_places[] = {FFMPEG_FORMAT(FFMPEG_ADDRESS)},
                **const scale_places[] = {FFMPEG_SCALE(FFMPEG_ADDRESS)};
    const part parts[] = {PART(util, "avutil", LIBAVUTIL_VERSION_MAJOR), PART(codec, "avcodec", LIBAVCODEC_VERSION_MAJOR),
                          PART(format, "avformat", LIBAVFORMAT_VERSION_MAJOR),
                          PART(scale, "swscale", LIBSWSCALE_VERSION_MAJOR)};
    lmp_status status = LMP_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == LMP_OK; i++) status = load_part(&parts[i], err);
    if (status == LMP_OK) av_log_set_callback(be_silent);
    return status;
}

lmp_status ffmpeg_load(lmp_error *err)
{
    static atomic_bool is_loaded;
    static atomic_flag is_busy = ATOMIC_FLAG_INIT;
    if (atomic_load_explicit(&is_loaded, memory_order_acquire)) return LMP_OK;
    while (atomic_flag_test_and_set(&is_busy)) os_thread_yield();
    lmp_status status = LMP_OK;
    if (!atomic_load(&is_loaded)) {
        status = load_all(err);
        if (status == LMP_OK) atomic_store_explicit(&is_loaded, true, memory_order_release);
    }
    atomic_flag_clear(&is_busy);
    return status;
}
