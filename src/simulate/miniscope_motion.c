/* SPDX-License-Identifier: BSD-3-Clause
 *
 * miniscope_motion.c: how the tissue moves in front of the sensor, and which frames go wrong.
 *
 * A walk has a history, a frame must not need it: the walk is kept at every STATION-th frame and walked again from
 * there, with random numbers that are functions of the frame.
 */
#include "simulate/miniscope.h"

#include "simulate/noise.h"

#include <math.h>
#include <stdlib.h>

enum { STATION = 256 };

static const double TURN = 6.283185307179586;
static const double INERTIA = 0.6;    /* how much of its speed the tissue keeps from frame to frame */
static const double STIFFNESS = 0.01; /* how much of the way back it is drawn in a frame */
static const double SWAY_S[2] = {3.1, 11.7}, SWAY_PART[2] = {0.6, 0.4};

const char *miniscope_status_name(miniscope_status status)
{
    static const char *const names[] = {"ok", "blank", "repeated", "corrupted", "saturated"};
    return names[status];
}

/* ---- The walk ---- */

/* From frame-1 to frame: a velocity that is remembered, jolts, a spring, and walls that reflect. */
static void walk_on(const miniscope_motion *m, int64_t frame, miniscope_walk *w)
{
    const miniscope_params *p = m->p;
    const double push = p->step_px * sqrt(1 - INERTIA * INERTIA), most = p->motion_px;
    const bool jumps = noise_uniform(m->jump_key, 3 * frame) < p->jumps;
    for (int a = 0; a < 2; a++) {
        double speed = INERTIA * w->speed_px[a] + push * noise_gaussian(m->walk_key, 2 * frame + a);
        if (jumps) speed += p->jump_px * noise_gaussian(m->jump_key, 3 * frame + 1 + a);
        double at = w->at_px[a] + speed - STIFFNESS * w->at_px[a];
        if (fabs(at) > most) {
            at = fabs(at) < 2 * most ? copysign(2 * most - fabs(at), at) : 0;
            speed = -speed;
        }
        w->at_px[a] = at;
        w->speed_px[a] = speed;
    }
}

static miniscope_walk walk_at(const miniscope_motion *m, int64_t frame)
{
    miniscope_walk w = m->stations[frame / STATION];
    for (int64_t t = frame / STATION * STATION + 1; t <= frame; t++) walk_on(m, t, &w);
    return w;
}

/* ---- What goes wrong ---- */

/* What befalls a frame, whatever befell those before it. The first is always sound. */
static miniscope_status draw_fault(const miniscope_motion *m, int64_t frame)
{
    const miniscope_params *p = m->p;
    const double chances[] = {p->blank, p->dropped, p->corrupted, p->saturated};
    double left = noise_uniform(m->fault_key, frame);
    for (int i = 0; i < 4 && frame > 0; i++) {
        if (left < chances[i]) return (miniscope_status)(i + 1);
        left -= chances[i];
    }
    return MINISCOPE_OK;
}

/* A dropped frame shows again what the last frame that came through showed; only sound frames are repeated. */
static miniscope_status find_fault(const miniscope_motion *m, int64_t frame, int64_t *shown)
{
    const miniscope_status fault = draw_fault(m, frame);
    *shown = frame;
    if (fault != MINISCOPE_REPEATED) return fault;
    int64_t source = frame - 1;
    while (draw_fault(m, source) == MINISCOPE_REPEATED) source--;
    if (draw_fault(m, source) != MINISCOPE_OK) return MINISCOPE_OK;
    *shown = source;
    return MINISCOPE_REPEATED;
}

/* ---- Both ---- */

static double sway(const miniscope_motion *m, int64_t frame)
{
    double sum = 0;
    for (int i = 0; i < 2; i++)
        sum += SWAY_PART[i] * sin(TURN * (double)frame / (SWAY_S[i] * m->p->rate_hz) + m->sway_rad[i]);
    return sum;
}

miniscope_moment miniscope_at(const miniscope_motion *m, int64_t frame)
{
    miniscope_moment moment = {0};
    moment.status = find_fault(m, frame, &moment.shown);
    const miniscope_walk w = walk_at(m, moment.shown);
    const double part = m->p->frames > 1 ? (double)moment.shown / (double)(m->p->frames - 1) : 0;
    moment.dy_px = w.at_px[0] + part * m->drift_y_px;
    moment.dx_px = w.at_px[1] + part * m->drift_x_px;
    moment.bend_px = m->p->bend_px > 0 ? m->p->bend_px * sway(m, moment.shown) : 0;
    return moment;
}

void miniscope_range(const miniscope_motion *m, double *y_px, double *x_px)
{
    const double both = 2 * (m->p->motion_px + m->p->bend_px);
    *y_px = both + fabs(m->drift_y_px);
    *x_px = both + fabs(m->drift_x_px);
}

static double wave_at(const miniscope_wave *w, double y, double x)
{
    return sin(w->y_rad * y + w->x_rad * x + w->phase_rad);
}

void miniscope_displacement(const miniscope_motion *m, const miniscope_moment *at, double y, double x, double *dy,
                            double *dx)
{
    *dy = at->dy_px + at->bend_px * wave_at(&m->bend_y, y, x);
    *dx = at->dx_px + at->bend_px * wave_at(&m->bend_x, y, x);
}

double miniscope_bend_wavelength(const miniscope_params *p)
{
    return (double)(p->height + p->width) / 2;
}

/* A plane wave in a direction of its own. */
static miniscope_wave make_wave(const miniscope_params *p, uint64_t key, int64_t first)
{
    const double wavelength = miniscope_bend_wavelength(p), angle = TURN * noise_uniform(key, first);
    return (miniscope_wave){.y_rad = TURN / wavelength * sin(angle),
                            .x_rad = TURN / wavelength * cos(angle),
                            .phase_rad = TURN * noise_uniform(key, first + 1)};
}

lmp_status miniscope_motion_open(miniscope_motion *m, const miniscope_params *p, lmp_error *err)
{
    const uint64_t seed = (uint64_t)p->seed, bend_key = noise_key(seed, PURPOSE_BEND, 0);
    const double direction = TURN * noise_uniform(bend_key, 6);
    const int64_t n = (p->frames - 1) / STATION + 1;
    *m = (miniscope_motion){.p = p,
                            .stations = calloc((size_t)n, sizeof *m->stations),
                            .drift_y_px = p->drift_px * sin(direction),
                            .drift_x_px = p->drift_px * cos(direction),
                            .bend_y = make_wave(p, bend_key, 0),
                            .bend_x = make_wave(p, bend_key, 2),
                            .sway_rad = {TURN * noise_uniform(bend_key, 4), TURN * noise_uniform(bend_key, 5)},
                            .walk_key = noise_key(seed, PURPOSE_WALK, 0),
                            .jump_key = noise_key(seed, PURPOSE_JUMPS, 0),
                            .fault_key = noise_key(seed, PURPOSE_FAULTS, 0)};
    if (m->stations == NULL) return lmp_fail(err, LMP_ERR_MEMORY, "the system has no memory left for a simulation");
    miniscope_walk w = {0};
    for (int64_t t = 1; t <= (n - 1) * STATION; t++) {
        walk_on(m, t, &w);
        if (t % STATION == 0) m->stations[t / STATION] = w;
    }
    return LMP_OK;
}

void miniscope_motion_close(miniscope_motion *m)
{
    free(m->stations);
    m->stations = NULL;
}
