/* SPDX-License-Identifier: BSD-3-Clause
 *
 * miniscope.c: the simulated movie of moving tissue: its parameters, its documentation, its life.
 */
#include "simulate/miniscope.h"

#include "core/recording.h"
#include "simulate/noise.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum { FULL_8 = 255, FULL_16 = 65535 };

#define FIELD(name) offsetof(miniscope_params, name)

static const lmp_param params_table[] = {
    {"frames", LMP_PARAM_INTEGER, FIELD(frames), "1000", 1, 1e7, "", NULL, "Number of frames."},
    {"height", LMP_PARAM_INTEGER, FIELD(height), "480", 16, 16384, "px", NULL, "Rows of a frame."},
    {"width", LMP_PARAM_INTEGER, FIELD(width), "752", 16, 16384, "px", NULL, "Columns of a frame."},
    {"type", LMP_PARAM_CHOICE, FIELD(type), "uint8", 0, 0, "", "uint8|uint16|float32", "Number type of the camera."},
    {"scene", LMP_PARAM_CHOICE, FIELD(scene), "miniscope", 0, 0, "", "miniscope|two-photon",
     "Bright tissue through a small lens, or dark tissue with ring-shaped cells and few photons."},
    {"rate", LMP_PARAM_NUMBER, FIELD(rate_hz), "20", 0.1, 1000, "Hz", NULL, "Frames per second."},
    {"motion", LMP_PARAM_NUMBER, FIELD(motion_px), "15", 0, 1000, "px", NULL,
     "Largest displacement of the walk, in y and in x."},
    {"step", LMP_PARAM_NUMBER, FIELD(step_px), "0.55", 0, 1000, "px", NULL,
     "Displacement from frame to frame, rms in y and in x, jumps not counted."},
    {"jumps", LMP_PARAM_NUMBER, FIELD(jumps), "0.01", 0, 1, "", NULL, "Probability of a jump in a frame."},
    {"jump-size", LMP_PARAM_NUMBER, FIELD(jump_px), "4", 0, 1000, "px", NULL,
     "Standard deviation of a jump, in y and in x."},
    {"drift", LMP_PARAM_NUMBER, FIELD(drift_px), "0", 0, 10000, "px", NULL,
     "Slow displacement from the first frame to the last, in a direction of its own; new tissue comes into sight."},
    {"bend", LMP_PARAM_NUMBER, FIELD(bend_px), "0", 0, 500, "px", NULL,
     "Largest displacement by a bend, in y and in x; at most (height + width) / 64."},
    {"vessels", LMP_PARAM_INTEGER, FIELD(vessels), "auto", 0, 10000, "", "auto",
     "Vessels in a frame, nearly twice as long as it is wide. auto: 12 in 480 x 752 pixels, as dense in others."},
    {"cells", LMP_PARAM_INTEGER, FIELD(cells), "auto", 0, 100000, "", "auto",
     "Cells in a frame. auto: 280 in 480 x 752 pixels, as dense in others."},
    {"vignette", LMP_PARAM_NUMBER, FIELD(vignette_percent), "auto", 0, 100, "%", "auto",
     "Light that the sensor lacks far from the middle of the lens. auto: 75 % (miniscope), 0 (two-photon)."},
    {"dirt", LMP_PARAM_INTEGER, FIELD(dirt), "0", 0, 10000, "", NULL, "Dark specks on the sensor, which never move."},
    {"glow", LMP_PARAM_NUMBER, FIELD(glow), "0", 0, 65535, "", NULL,
     "Levels of light in the middle of the lens that never move."},
    {"bleaching", LMP_PARAM_NUMBER, FIELD(bleaching_percent), "0", 0, 99, "%", NULL,
     "Light of the tissue that is lost from the first frame to the last."},
    {"gain", LMP_PARAM_NUMBER, FIELD(gain), "70", 0, 65535, "", NULL,
     "Level of tissue of mean brightness in the middle of the lens (two-photon: of 8 times the mean)."},
    {"offset", LMP_PARAM_NUMBER, FIELD(offset), "12", 0, 65535, "", NULL, "Level of the darkness."},
    {"photons", LMP_PARAM_NUMBER, FIELD(photons_per_level), "auto", 0, 1e9, "", "auto",
     "Photons per level, for shot noise; 0: none. auto: 9 (miniscope), 0.15 (two-photon)."},
    {"read-noise", LMP_PARAM_NUMBER, FIELD(read_noise), "0.6", 0, 65535, "", NULL,
     "Standard deviation of the camera's own noise."},
    {"full", LMP_PARAM_NUMBER, FIELD(full), "255", 1, FULL_16, "", NULL, "Level at which a pixel saturates."},
    {"blank", LMP_PARAM_NUMBER, FIELD(blank), "0", 0, 0.5, "", NULL, "Probability that a frame has no light."},
    {"dropped", LMP_PARAM_NUMBER, FIELD(dropped), "0", 0, 0.5, "", NULL,
     "Probability that a frame was lost: the one before it is there twice."},
    {"corrupted", LMP_PARAM_NUMBER, FIELD(corrupted), "0", 0, 0.5, "", NULL,
     "Probability of bands of rows that are torn aside or noise."},
    {"saturated", LMP_PARAM_NUMBER, FIELD(saturated), "0", 0, 0.5, "", NULL,
     "Probability that a frame has 20 times the light."},
    {"seed", LMP_PARAM_INTEGER, FIELD(seed), "1", 0, 9e15, "", NULL, "Another seed, another movie."},
    {0},
};

static const char doc[] =
    "Frame t of the movie is\n\n"
    "    camera(light(y, x) * bleaching(t) * tissue(t, y - dy(t), x - dx(t)) + glow(y, x) + offset + noise)\n\n"
    "- `tissue`: smooth texture of two sizes (60 and 14 px; two-photon 40 and 3 px), dark vessels, and Gaussian cells "
    "(two-photon: rings) that rest and fire; a spike dies away by 1/e in 0.6 s. The texture repeats far outside of "
    "what is seen, has next to nothing at the highest frequencies, and is displaced by a phase ramp on its Fourier "
    "spectrum; cells are evaluated where they come to lie. Both are exact, to single precision, for any part of a "
    "pixel.\n"
    "- `dy`, `dx`: displacement of the content, down and to the right; what corrects it is `-dy`, `-dx`. A velocity "
    "that is kept by 60 % from frame to frame, `step`, `jumps`, a weak spring, and walls at `motion` that reflect; "
    "`drift` is added to it. Frame 0 is not displaced, though it may be "
    "bent.\n"
    "- `bend`: with b(t) the `bend_px` of the frame, the tissue at (y, x) is seen at (y + dy + b sin(k1 . (y, x) + "
    "a1), x + dx + b sin(k2 . (y, x) + a2)): two plane waves, (height + width) / 2 long, that belong to the tissue, so "
    "that the correction of pixel (y, x) of the corrected movie is exactly minus this displacement. b(t) is the sum of "
    "two sines of 3.1 and 11.7 s. The JSON has k and a. A bent canvas is sampled with cubic B-splines, "
    "with an error below 1e-4 of its contrast.\n"
    "- `light`: `vignette` about a point off the middle, and `dirt`; they belong to the sensor and never move, nor "
    "does "
    "`glow`.\n"
    "- `noise`: shot noise of `photons` photons per level (normal; below 16 photons Poisson) and read noise.\n"
    "- `camera`: rounds to the number type, saturates at `full`; whole numbers end at 0.\n\n"
    "**Frames that went wrong** are never the first: `blank` ones hold the offset and read noise; `repeated` ones the "
    "frame before them, bit by bit; `corrupted` ones have 1 to 4 bands of rows that are turned to the right or are "
    "noise; `saturated` ones have 20 times the light.\n\n"
    "**Truth**, written beside: `OUT.truth.csv` with `frame,dy_px,dx_px,status,bend_px` of each frame (of a repeated "
    "frame: of what it shows); `OUT.truth.json` with the same (of the first 100,000 frames), the bend and the cells; "
    "`OUT.truth.npy`, float32, the tissue at rest in the middle of the lens, without bleaching, offset and noise: what "
    "a perfect correction would leave.\n\n"
    "Any frame is generated alone: a movie of any length takes the memory of its canvas, which has the size of a "
    "frame and the way it goes, and the same settings give the same bits. Only the table is made in memory, 60 bytes a "
    "frame.\n";

/* ---- What cannot be ---- */

static lmp_status check(const miniscope_params *p, lmp_error *err)
{
    const double wrong = p->blank + p->dropped + p->corrupted + p->saturated;
    if (wrong > 1)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "blank, dropped, corrupted and saturated are %g together: give probabilities whose sum is at "
                        "most 1",
                        wrong);
    const double most = miniscope_bend_wavelength(p) / 32;
    if (p->bend_px > most)
        return lmp_fail(err, LMP_ERR_USAGE,
                        "bend=%g would fold frames of %lld x %lld pixels: give %g or less, or larger frames",
                        p->bend_px, (long long)p->height, (long long)p->width, floor(10 * most) / 10);
    if (p->type == 0 && p->full > FULL_8)
        return lmp_fail(err, LMP_ERR_USAGE, "full=%g is beyond uint8: give %d or less, or type=uint16", p->full,
                        (int)FULL_8);
    return LMP_OK;
}

/* Canvas, painting and maps of the sensor must fit into what is there. */
static lmp_status check_memory(const miniscope_params *p, double range_y, double range_x, const lmp_source *source,
                               lmp_error *err)
{
    const double bytes = miniscope_scene_bytes(p, range_y, range_x) +
                         2 * sizeof(float) * (double)p->height * (double)p->width + 0.125 * (double)p->frames;
    const double limit = (double)source_limits(source).memory;
    if (bytes <= limit) return LMP_OK;
    return lmp_fail(err, LMP_ERR_MEMORY,
                    "painting the tissue of this movie takes %.0f MB and %.0f MB may be used: allow more memory, or "
                    "give smaller frames or less drift",
                    ceil(bytes / 1e6), floor(limit / 1e6));
}

/* ---- Life ---- */

static void close_miniscope(void *state)
{
    miniscope *m = state;
    if (m == NULL) return;
    miniscope_motion_close(&m->motion);
    miniscope_scene_close(&m->scene);
    free(m->light);
    free(m->haze);
    free(m);
}

static lmp_status set_up(miniscope *m, const lmp_source *source, lmp_error *err)
{
    const miniscope_params *p = &m->p;
    const uint64_t seed = (uint64_t)p->seed;
    double range_y, range_x;
    lmp_status status = check(p, err);
    if (status == LMP_OK) status = miniscope_motion_open(&m->motion, p, err);
    if (status != LMP_OK) return status;
    miniscope_range(&m->motion, &range_y, &range_x);
    status = check_memory(p, range_y, range_x, source, err);
    if (status == LMP_OK) status = miniscope_scene_open(&m->scene, p, range_y, range_x, err);
    if (status != LMP_OK) return status;
    m->light = miniscope_floats(p->height * p->width);
    m->haze = miniscope_floats(p->height * p->width);
    if (m->light == NULL || m->haze == NULL)
        return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a simulation");
    m->band_key = noise_key(seed, PURPOSE_BANDS, 0);
    m->static_key = noise_key(seed, PURPOSE_STATIC, 0);
    m->photon_key = noise_key(seed, PURPOSE_PHOTONS, 0);
    m->read_key = noise_key(seed, PURPOSE_READ_OUT, 0);
    miniscope_light_sensor(m);
    return LMP_OK;
}

static lmp_status open_miniscope(const void *params, bool truth, lmp_source *source, lmp_error *err)
{
    static const lmp_type types[] = {LMP_UINT8, LMP_UINT16, LMP_FLOAT32};
    const miniscope_params *p = params;
    miniscope *m = calloc(1, sizeof *m);
    if (m == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a simulation");
    *m = (miniscope){.p = *p, .is_truth = truth, .type = truth ? LMP_FLOAT32 : types[p->type]};
    const lmp_status status = set_up(m, source, err);
    if (status != LMP_OK) {
        close_miniscope(m);
        return status;
    }
    source->stream.format = (lmp_format){.kind = LMP_MOVIE,
                                         .type = m->type,
                                         .n_times = p->frames,
                                         .rate_hz = p->rate_hz,
                                         .height = p->height,
                                         .width = p->width,
                                         .n_colours = 1,
                                         .start_unix_s = (double)NAN,
                                         .subject = "",
                                         .session = ""};
    source->facts = miniscope_describe(m);
    source->format_name = truth ? "simulation: truth of miniscope" : "simulation: miniscope";
    source->bytes_per_time = miniscope_read_bytes(m);
    source->state = m;
    source->read_frames = miniscope_read_frames;
    source->close = close_miniscope;
    return LMP_OK;
}

const lmp_simulator lmp_simulator_miniscope = {
    .struct_size = sizeof(lmp_simulator),
    .name = "miniscope",
    .summary = "Movie of brain tissue that moves and bends, with cells that fire, and the displacement of each frame.",
    .doc = doc,
    .params = params_table,
    .params_size = sizeof(miniscope_params),
    .open = open_miniscope,
    .tabulate = miniscope_tabulate,
};
