/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ffmpeg.h: FFmpeg's functions, loaded when the first video is opened or written.
 *
 * FFmpeg brings more than a hundred shared libraries: linked, they would cost every start of the command a tenth of a
 * second and 20 MB (see on_demand.h). Include this header instead of FFmpeg's own; the functions are called as ever,
 * after ffmpeg_load().
 */
#ifndef LIMPID_IO_FFMPEG_H
#define LIMPID_IO_FFMPEG_H

#include "io/on_demand.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/bswap.h>
#include <libavutil/crc.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

/* Loads the libraries once, silences their log, and names the package to install if one is missing. Any thread. */
LMP_CHECKED lmp_status ffmpeg_load(lmp_error *err);

/* The functions in use, by library. */
#define FFMPEG_UTIL(X)                                                                                                 \
    X(av_crc)                                                                                                          \
    X(av_crc_get_table)                                                                                                \
    X(av_d2q)                                                                                                          \
    X(av_dict_free)                                                                                                    \
    X(av_dict_set)                                                                                                     \
    X(av_fourcc_make_string)                                                                                           \
    X(av_frame_alloc)                                                                                                  \
    X(av_frame_free)                                                                                                   \
    X(av_frame_get_buffer)                                                                                             \
    X(av_frame_make_writable)                                                                                          \
    X(av_free)                                                                                                         \
    X(av_freep)                                                                                                        \
    X(av_log_set_callback)                                                                                             \
    X(av_malloc)                                                                                                       \
    X(av_pix_fmt_desc_get)
#define FFMPEG_CODEC(X)                                                                                                \
    X(av_new_packet)                                                                                                   \
    X(av_packet_alloc)                                                                                                 \
    X(av_packet_free)                                                                                                  \
    X(av_packet_get_side_data)                                                                                         \
    X(av_packet_new_side_data)                                                                                         \
    X(av_packet_rescale_ts)                                                                                            \
    X(av_packet_unref)                                                                                                 \
    X(avcodec_alloc_context3)                                                                                          \
    X(avcodec_find_decoder)                                                                                            \
    X(avcodec_find_decoder_by_name)                                                                                    \
    X(avcodec_find_encoder_by_name)                                                                                    \
    X(avcodec_flush_buffers)                                                                                           \
    X(avcodec_free_context)                                                                                            \
    X(avcodec_get_name)                                                                                                \
    X(avcodec_open2)                                                                                                   \
    X(avcodec_parameters_alloc)                                                                                        \
    X(avcodec_parameters_copy)                                                                                         \
    X(avcodec_parameters_free)                                                                                         \
    X(avcodec_parameters_from_context)                                                                                 \
    X(avcodec_parameters_to_context)                                                                                   \
    X(avcodec_receive_frame)                                                                                           \
    X(avcodec_receive_packet)                                                                                          \
    X(avcodec_send_frame)                                                                                              \
    X(avcodec_send_packet)
#define FFMPEG_FORMAT(X)                                                                                               \
    X(av_find_input_format)                                                                                            \
    X(av_interleaved_write_frame)                                                                                      \
    X(av_read_frame)                                                                                                   \
    X(av_stream_get_side_data)                                                                                         \
    X(av_write_trailer)                                                                                                \
    X(avformat_alloc_context)                                                                                          \
    X(avformat_alloc_output_context2)                                                                                  \
    X(avformat_close_input)                                                                                            \
    X(avformat_free_context)                                                                                           \
    X(avformat_index_get_entries_count)                                                                                \
    X(avformat_new_stream)                                                                                             \
    X(avformat_open_input)                                                                                             \
    X(avformat_write_header)                                                                                           \
    X(avio_alloc_context)                                                                                              \
    X(avio_context_free)                                                                                               \
    X(avio_flush)
#define FFMPEG_SCALE(X)                                                                                                \
    X(sws_freeContext)                                                                                                 \
    X(sws_getCachedContext)                                                                                            \
    X(sws_getCoefficients)                                                                                             \
    X(sws_getContext)                                                                                                  \
    X(sws_isSupportedInput)                                                                                            \
    X(sws_scale)                                                                                                       \
    X(sws_setColorspaceDetails)

typedef struct ffmpeg_functions {
    FFMPEG_UTIL(ON_DEMAND_POINTER)
    FFMPEG_CODEC(ON_DEMAND_POINTER)
    FFMPEG_FORMAT(ON_DEMAND_POINTER)
    FFMPEG_SCALE(ON_DEMAND_POINTER)
} ffmpeg_functions;

/* Written once, by ffmpeg_load(). */
extern ffmpeg_functions ffmpeg;

#define av_crc                           ffmpeg.av_crc_at
#define av_crc_get_table                 ffmpeg.av_crc_get_table_at
#define av_d2q                           ffmpeg.av_d2q_at
#define av_dict_free                     ffmpeg.av_dict_free_at
#define av_dict_set                      ffmpeg.av_dict_set_at
#define av_fourcc_make_string            ffmpeg.av_fourcc_make_string_at
#define av_frame_alloc                   ffmpeg.av_frame_alloc_at
#define av_frame_free                    ffmpeg.av_frame_free_at
#define av_frame_get_buffer              ffmpeg.av_frame_get_buffer_at
#define av_frame_make_writable           ffmpeg.av_frame_make_writable_at
#define av_free                          ffmpeg.av_free_at
#define av_freep                         ffmpeg.av_freep_at
#define av_log_set_callback              ffmpeg.av_log_set_callback_at
#define av_malloc                        ffmpeg.av_malloc_at
#define av_pix_fmt_desc_get              ffmpeg.av_pix_fmt_desc_get_at
#define av_new_packet                    ffmpeg.av_new_packet_at
#define av_packet_alloc                  ffmpeg.av_packet_alloc_at
#define av_packet_free                   ffmpeg.av_packet_free_at
#define av_packet_get_side_data          ffmpeg.av_packet_get_side_data_at
#define av_packet_new_side_data          ffmpeg.av_packet_new_side_data_at
#define av_packet_rescale_ts             ffmpeg.av_packet_rescale_ts_at
#define av_packet_unref                  ffmpeg.av_packet_unref_at
#define avcodec_alloc_context3           ffmpeg.avcodec_alloc_context3_at
#define avcodec_find_decoder             ffmpeg.avcodec_find_decoder_at
#define avcodec_find_decoder_by_name     ffmpeg.avcodec_find_decoder_by_name_at
#define avcodec_find_encoder_by_name     ffmpeg.avcodec_find_encoder_by_name_at
#define avcodec_flush_buffers            ffmpeg.avcodec_flush_buffers_at
#define avcodec_free_context             ffmpeg.avcodec_free_context_at
#define avcodec_get_name                 ffmpeg.avcodec_get_name_at
#define avcodec_open2                    ffmpeg.avcodec_open2_at
#define avcodec_parameters_alloc         ffmpeg.avcodec_parameters_alloc_at
#define avcodec_parameters_copy          ffmpeg.avcodec_parameters_copy_at
#define avcodec_parameters_free          ffmpeg.avcodec_parameters_free_at
#define avcodec_parameters_from_context  ffmpeg.avcodec_parameters_from_context_at
#define avcodec_parameters_to_context    ffmpeg.avcodec_parameters_to_context_at
#define avcodec_receive_frame            ffmpeg.avcodec_receive_frame_at
#define avcodec_receive_packet           ffmpeg.avcodec_receive_packet_at
#define avcodec_send_frame               ffmpeg.avcodec_send_frame_at
#define avcodec_send_packet              ffmpeg.avcodec_send_packet_at
#define av_find_input_format             ffmpeg.av_find_input_format_at
#define av_interleaved_write_frame       ffmpeg.av_interleaved_write_frame_at
#define av_read_frame                    ffmpeg.av_read_frame_at
#define av_stream_get_side_data          ffmpeg.av_stream_get_side_data_at
#define av_write_trailer                 ffmpeg.av_write_trailer_at
#define avformat_alloc_context           ffmpeg.avformat_alloc_context_at
#define avformat_alloc_output_context2   ffmpeg.avformat_alloc_output_context2_at
#define avformat_close_input             ffmpeg.avformat_close_input_at
#define avformat_free_context            ffmpeg.avformat_free_context_at
#define avformat_index_get_entries_count ffmpeg.avformat_index_get_entries_count_at
#define avformat_new_stream              ffmpeg.avformat_new_stream_at
#define avformat_open_input              ffmpeg.avformat_open_input_at
#define avformat_write_header            ffmpeg.avformat_write_header_at
#define avio_alloc_context               ffmpeg.avio_alloc_context_at
#define avio_context_free                ffmpeg.avio_context_free_at
#define avio_flush                       ffmpeg.avio_flush_at
#define sws_freeContext                  ffmpeg.sws_freeContext_at
#define sws_getCachedContext             ffmpeg.sws_getCachedContext_at
#define sws_getCoefficients              ffmpeg.sws_getCoefficients_at
#define sws_getContext                   ffmpeg.sws_getContext_at
#define sws_isSupportedInput             ffmpeg.sws_isSupportedInput_at
#define sws_scale                        ffmpeg.sws_scale_at
#define sws_setColorspaceDetails         ffmpeg.sws_setColorspaceDetails_at

#endif
