/* SPDX-License-Identifier: BSD-3-Clause
 *
 * series.c: the simulated image series: its parameters and its truth.
 */
#include "simulate/series.h"

#include "core/stream.h"
#include "simulate/noise.h"

#include <jansson.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum { MOST_SPOTS = 10000, MOST_HOT = 1000000 };

enum { PURPOSE_SPOTS = 101, PURPOSE_HOT, PURPOSE_FLICKER, PURPOSE_SHOT, PURPOSE_READ };

#define FIELD(name) offsetof(series_params, name)

static const lmp_param params_table[] = {
    {"frames", LMP_PARAM_INTEGER, FIELD(frames), "500", 1, 1e9, "", NULL, "Number of frames."},
    {"height", LMP_PARAM_INTEGER, FIELD(height), "256", 1, 65536, "px", NULL, "Rows of a frame."},
    {"width", LMP_PARAM_INTEGER, FIELD(width), "256", 1, 65536, "px", NULL, "Columns of a frame."},
    {"type", LMP_PARAM_CHOICE, FIELD(type), "uint16", 0, 0, "", "uint8|uint16|float32", "Number type of the camera."},
    {"rate", LMP_PARAM_NUMBER, FIELD(rate_hz), "30", 1e-6, 1e9, "Hz", NULL, "Frames per second."},
    {"background", LMP_PARAM_NUMBER, FIELD(background), "120", 0, 1e6, "", NULL, "Level in the middle of the image."},
    {"vignette", LMP_PARAM_NUMBER, FIELD(vignette_percent), "30", 0, 100, "%", NULL,
     "How much darker the corners are."},
    {"drift", LMP_PARAM_NUMBER, FIELD(drift_percent), "10", 0, 100, "%", NULL,
     "Change of the light from the first frame to the last; half of it comes and goes as a tilt."},
    {"flicker", LMP_PARAM_NUMBER, FIELD(flicker_percent), "1", 0, 100, "%", NULL,
     "Standard deviation of the light from frame to frame."},
    {"hot-pixels", LMP_PARAM_INTEGER, FIELD(hot_pixels), "50", 0, MOST_HOT, "", NULL,
     "Pixels that shine by themselves."},
    {"hot-level", LMP_PARAM_NUMBER, FIELD(hot_level), "80", 0, 1e6, "", NULL, "Most that a hot pixel adds."},
    {"spots", LMP_PARAM_INTEGER, FIELD(spots), "6", 0, MOST_SPOTS, "", NULL, "Bright spots that move."},
    {"spot-level", LMP_PARAM_NUMBER, FIELD(spot_level), "60", 0, 1e6, "", NULL, "Height of the brightest spot."},
    {"spot-sigma", LMP_PARAM_NUMBER, FIELD(spot_sigma_px), "3", 0.1, 1000, "px", NULL, "Width of a spot."},
    {"travel", LMP_PARAM_NUMBER, FIELD(travel_px), "40", 0, 65536, "px", NULL, "Half the widest way of a spot."},
    {"photons", LMP_PARAM_NUMBER, FIELD(photons_per_level), "8", 0, 1e9, "", NULL,
     "Photons per level, for shot noise; 0: none."},
    {"read-noise", LMP_PARAM_NUMBER, FIELD(read_noise), "1.5", 0, 1e6, "", NULL,
     "Standard deviation of the camera's own noise."},
    {"seed", LMP_PARAM_INTEGER, FIELD(seed), "1", 0, 9e15, "", NULL, "Another seed, another series."},
    {0},
};

static const char doc[] =
    "Frame t of the series is\n\n"
    "    camera(flicker(t) * light(t, x) * (background(x, y) + spots(t, x, y)) + noise) + hot(x, y)\n\n"
    "- `background`: a level that falls off towards the corners with the square of the distance (`vignette`).\n"
    "- `spots`: Gaussian spots on ellipses; the JSON beside the output holds their parameters, so that the centre at "
    "any "
    "frame is known exactly.\n"
    "- `light`: drifts by `drift` percent from the first frame to the last, plus a tilt from left to right that comes "
    "and "
    "goes once.\n"
    "- `flicker`: one normal factor a frame, listed in the JSON.\n"
    "- noise: shot noise of `photons` photons per level (normal approximation) and read noise.\n"
    "- `camera`: rounds to the number type and saturates at its ends, as cameras do.\n\n"
    "The truth, written beside as float32, is `background + spots`: what a perfect correction would leave.\n\n"
    "Any frame is generated alone: a series of any length takes no memory, and the same settings give the same bits.\n";

static uint64_t key_for(const series_params *p, uint64_t purpose)
{
    return noise_key((uint64_t)p->seed, purpose, 0);
}

/* ---- What is in the series ---- */

static void place_spots(series *s)
{
    const uint64_t key = key_for(&s->p, PURPOSE_SPOTS);
    for (int64_t i = 0; i < s->p.spots; i++) {
        const int64_t at = 8 * i;
        s->spots[i] = (series_spot){.x_px = noise_uniform(key, at) * (double)(s->p.width - 1),
                                    .y_px = noise_uniform(key, at + 1) * (double)(s->p.height - 1),
                                    .reach_x_px = noise_uniform(key, at + 2) * s->p.travel_px,
                                    .reach_y_px = noise_uniform(key, at + 3) * s->p.travel_px,
                                    .turns = 1 + 4 * noise_uniform(key, at + 4),
                                    .phase = 6.283185307179586 * noise_uniform(key, at + 5),
                                    .level = s->p.spot_level * (0.5 + 0.5 * noise_uniform(key, at + 6))};
    }
}

static void place_hot_pixels(series *s)
{
    const uint64_t key = key_for(&s->p, PURPOSE_HOT);
    for (int64_t i = 0; i < s->p.hot_pixels; i++)
        s->hot[i] = (series_hot){.x = (int64_t)(noise_uniform(key, 3 * i) * (double)s->p.width),
                                 .y = (int64_t)(noise_uniform(key, 3 * i + 1) * (double)s->p.height),
                                 .level = s->p.hot_level * (0.3 + 0.7 * noise_uniform(key, 3 * i + 2))};
}

static json_t *spots_json(const series *s)
{
    json_t *all = json_array();
    for (int64_t i = 0; i < s->p.spots; i++) {
        const series_spot *a = &s->spots[i];
        json_array_append_new(all, json_pack("{s:f,s:f,s:f,s:f,s:f,s:f,s:f}", "x_px", a->x_px, "y_px", a->y_px,
                                             "reach_x_px", a->reach_x_px, "reach_y_px", a->reach_y_px, "turns",
                                             a->turns, "phase_rad", a->phase, "level", a->level));
    }
    return all;
}

static json_t *hot_json(const series *s)
{
    json_t *all = json_array();
    for (int64_t i = 0; i < s->p.hot_pixels; i++)
        json_array_append_new(all, json_pack("{s:I,s:I,s:f}", "x", (json_int_t)s->hot[i].x, "y",
                                             (json_int_t)s->hot[i].y, "level", s->hot[i].level));
    return all;
}

enum { MOST_LISTED = 100000 };

static json_t *flicker_json(const series *s)
{
    json_t *all = json_array();
    for (int64_t t = 0; t < s->p.frames && t < MOST_LISTED; t++)
        json_array_append_new(all, json_real(series_flicker(s, t)));
    return all;
}

static json_t *describe(const series *s)
{
    const series_params *p = &s->p;
    json_t *o = json_pack("{s:s,s:I,s:I,s:I,s:f,s:I}", "simulator", "series", "frames", (json_int_t)p->frames, "height",
                          (json_int_t)p->height, "width", (json_int_t)p->width, "rate_hz", p->rate_hz, "seed",
                          (json_int_t)p->seed);
    json_object_set_new(o, "spot_path",
                        json_string("x = x_px + reach_x_px sin(2 pi turns t / frames + phase_rad), y = y_px + "
                                    "reach_y_px cos(2 pi turns t / frames + phase_rad)"));
    json_object_set_new(o, "spot_sigma_px", json_real(p->spot_sigma_px));
    json_object_set_new(o, "spots", spots_json(s));
    json_object_set_new(o, "hot_pixels", hot_json(s));
    json_object_set_new(o, "flicker", flicker_json(s));
    return o;
}

/* ---- Life ---- */

static void close_series(void *state)
{
    series *s = state;
    if (s == NULL) return;
    free(s->spots);
    free(s->hot);
    free(s);
}

static lmp_status open_series(const void *params, bool truth, lmp_source *source, lmp_error *err)
{
    static const lmp_type types[] = {LMP_UINT8, LMP_UINT16, LMP_FLOAT32};
    const series_params *p = params;
    series *s = calloc(1, sizeof *s);
    if (s != NULL) {
        *s = (series){.p = *p, .is_truth = truth, .type = truth ? LMP_FLOAT32 : types[p->type]};
        s->spots = calloc((size_t)p->spots + 1, sizeof *s->spots);
        s->hot = calloc((size_t)p->hot_pixels + 1, sizeof *s->hot);
    }
    if (s == NULL || s->spots == NULL || s->hot == NULL) {
        close_series(s);
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a simulation");
    }
    s->flicker_key = key_for(p, PURPOSE_FLICKER);
    s->shot_key = key_for(p, PURPOSE_SHOT);
    s->read_key = key_for(p, PURPOSE_READ);
    place_spots(s);
    place_hot_pixels(s);
    source->stream.format = (lmp_format){.kind = LMP_MOVIE,
                                         .type = s->type,
                                         .n_times = p->frames,
                                         .rate_hz = p->rate_hz,
                                         .height = p->height,
                                         .width = p->width,
                                         .n_colours = 1,
                                         .start_unix_s = (double)NAN,
                                         .subject = "",
                                         .session = ""};
    source->facts = describe(s);
    source->format_name = truth ? "simulation: truth of series" : "simulation: series";
    source->bytes_per_time = (size_t)p->width * sizeof(double);
    source->state = s;
    source->read_frames = series_read_frames;
    source->reads_rows = true;
    source->close = close_series;
    return LMP_OK;
}

const lmp_simulator lmp_simulator_series = {
    .struct_size = sizeof(lmp_simulator),
    .name = "series",
    .summary = "Image series: drifting light, flicker, hot pixels, moving spots, noise, and the truth beneath.",
    .doc = doc,
    .params = params_table,
    .params_size = sizeof(series_params),
    .open = open_series,
};
