/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Forward-backward filtering (Gustafsson, IEEE Trans. Signal Process. 44:988, 1996, sec. II) in a stream.
 *
 * Inputs wait in `pending` until a chunk of CHUNK samples and the look-ahead for gaps and the left end are there. The
 * forward pass turns the chunk into values in `kept`. Once hop + ahead values are kept, the backward pass runs over
 * them from the last to the first in steady state with the last; the first hop values are outputs. Chunks and segments
 * are counted from sample 0, so nothing depends on how the inputs came. Sections are direct form II transposed, two at
 * a time because one alone waits for its own sums.
 */
#include "math/zero_phase.h"

#include "math/gap.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 4096, WORD = 64 };
#define LONGEST_AHEAD ((int64_t)1 << 27)

struct zero_phase_lane {
    double *pending; /* inputs as they came; room for CHUNK + edge + GAP_REACH */
    int64_t n_pending;
    gap_before before; /* what is before the first pending input */
    bool started;      /* a sample that is not missing has been seen */
    int64_t n_inputs;  /* since then */
    double *recent;    /* the last edge + 1 inputs of the forward pass */
    double *state;     /* two per section */

    double *kept;      /* forward pass, from output number `given` on */
    uint64_t *missing; /* a bit per kept value */
    bool any_missing;
    int64_t n_kept;
};

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ---- Sizes ------------------------------------------------------------------------------------------------- */

/* Modulus of the larger pole. */
static double slowest_pole(const biquad *s)
{
    double square = s->a1 * s->a1 / 4.0 - s->a2;
    return square < 0.0 ? sqrt(s->a2) : fabs(s->a1) / 2.0 + sqrt(square);
}

/* Samples that continue the ends: three times the filter's order, not counting delays of zeros and poles at 0. */
static int64_t count_edge(const biquad *sections, int64_t n_sections)
{
    int64_t no_b2 = 0, no_a2 = 0;
    for (int64_t i = 0; i < n_sections; i++) {
        no_b2 += sections[i].b2 == 0.0;
        no_a2 += sections[i].a2 == 0.0;
    }
    return 3 * (2 * n_sections + 1 - smaller(no_b2, no_a2));
}

static int64_t pending_room(const zero_phase_layout *layout)
{
    return CHUNK + layout->edge + GAP_REACH;
}

bool zero_phase_lay_out(const biquad *sections, int64_t n_sections, int64_t n_times, zero_phase_layout *layout)
{
    double slowest = 0.0;
    for (int64_t i = 0; i < n_sections; i++) slowest = fmax(slowest, slowest_pole(&sections[i]));
    double ahead = slowest < 1.0 ? ceil(log(1e-15) / log(fmax(slowest, 0.5))) : HUGE_VAL;
    if (!(ahead < (double)LONGEST_AHEAD)) return false;
    *layout = (zero_phase_layout){.n_sections = n_sections, .edge = count_edge(sections, n_sections)};
    layout->ahead = round_up(smaller((int64_t)ahead, larger(n_times, 1)), CHUNK);
    layout->hop = larger(layout->ahead, smaller(4 * CHUNK, round_up(larger(n_times, 1), CHUNK)));
    layout->room = round_up(layout->hop + layout->ahead + 2 * layout->edge + GAP_REACH, WORD);
    layout->burst = layout->hop + layout->ahead + pending_room(layout);
    int64_t doubles = pending_room(layout) + layout->edge + 1 + 2 * n_sections + layout->room + layout->room / WORD;
    layout->lane_bytes = sizeof(zero_phase_lane) + (size_t)doubles * sizeof(double);
    layout->scratch_bytes = (size_t)(CHUNK + layout->edge) * sizeof(double);
    return true;
}

int64_t zero_phase_ready(const zero_phase_layout *layout, int64_t n_in, bool ended)
{
    if (ended) return n_in;
    int64_t forward = larger(n_in - layout->edge - GAP_REACH, 0) / CHUNK * CHUNK;
    return larger(forward - layout->ahead, 0) / layout->hop * layout->hop;
}

/* ---- Recursion --------------------------------------------------------------------------------------------- */

/* State of all sections after an endless stretch of `value`. */
static void settle_state(const biquad *sections, int64_t n_sections, double value, double *state)
{
    for (int64_t i = 0; i < n_sections; i++) {
        const biquad *s = &sections[i];
        double gain = (s->b0 + s->b1 + s->b2) / (1.0 + s->a1 + s->a2);
        state[2 * i] = (gain - s->b0) * value;
        state[2 * i + 1] = (s->b2 - s->a2 * gain) * value;
        value *= gain;
    }
}

static void run_one(const biquad *section, double *state, double *values, int64_t count)
{
    const biquad s = *section;
    double z1 = state[0], z2 = state[1];
    for (int64_t i = 0; i < count; i++) {
        double x = values[i], y = s.b0 * x + z1;
        z1 = (s.b1 * x + z2) - s.a1 * y;
        z2 = s.b2 * x - s.a2 * y;
        values[i] = y;
    }
    state[0] = z1;
    state[1] = z2;
}

static void run_two(const biquad *sections, double *state, double *values, int64_t count)
{
    const biquad s = sections[0], t = sections[1];
    double z1 = state[0], z2 = state[1], w1 = state[2], w2 = state[3];
    for (int64_t i = 0; i < count; i++) {
        double x = values[i], y = s.b0 * x + z1, v = t.b0 * y + w1;
        z1 = (s.b1 * x + z2) - s.a1 * y;
        z2 = s.b2 * x - s.a2 * y;
        w1 = (t.b1 * y + w2) - t.a1 * v;
        w2 = t.b2 * y - t.a2 * v;
        values[i] = v;
    }
    state[0] = z1;
    state[1] = z2;
    state[2] = w1;
    state[3] = w2;
}

static void run_sections(const biquad *sections, int64_t n_sections, double *state, double *values, int64_t count)
{
    int64_t i = 0;
    for (; i + 1 < n_sections; i += 2) run_two(sections + i, state + 2 * i, values, count);
    if (i < n_sections) run_one(sections + i, state + 2 * i, values, count);
}

/* ---- Lanes ------------------------------------------------------------------------------------------------- */

lmp_status zero_phase_lane_open(const zero_phase_layout *layout, lmp_budget *budget, zero_phase_lane **lane,
                                lmp_error *err)
{
    /* One allocation: the arrays follow the struct. */
    zero_phase_lane *made = NULL;
    lmp_status status = lmp_take(budget, layout->lane_bytes, (void **)&made, err);
    if (status != LMP_OK) return status;
    made->pending = (double *)(made + 1);
    made->recent = made->pending + pending_room(layout);
    made->state = made->recent + layout->edge + 1;
    made->kept = made->state + 2 * layout->n_sections;
    made->missing = (uint64_t *)(made->kept + layout->room);
    *lane = made;
    return LMP_OK;
}

void zero_phase_lane_close(zero_phase_lane *lane, lmp_budget *budget)
{
    lmp_give(budget, lane);
}

/* The forward pass begins at inputs[0], of which `count` are known: first the continuation to the left. */
static void start_forward(const zero_phase_layout *layout, const biquad *sections, zero_phase_lane *lane,
                          const double *inputs, int64_t count)
{
    int64_t edge = smaller(layout->edge, count - 1);
    settle_state(sections, layout->n_sections, 2.0 * inputs[0] - inputs[edge], lane->state);
    for (int64_t k = edge; k >= 1; k--) {
        double value = 2.0 * inputs[0] - inputs[k];
        run_sections(sections, layout->n_sections, lane->state, &value, 1);
    }
    lane->started = true;
}

/* Remembers the last edge + 1 of the inputs seen. */
static void remember_inputs(const zero_phase_layout *layout, zero_phase_lane *lane, const double *inputs, int64_t count)
{
    int64_t room = layout->edge + 1, new = smaller(count, room);
    memmove(lane->recent, lane->recent + new, (size_t)(room - new) * sizeof(double));
    memcpy(lane->recent + room - new, inputs + count - new, (size_t) new * sizeof(double));
    lane->n_inputs += count;
}

static void mark_missing(zero_phase_lane *lane, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(lane->pending[i])) {
            int64_t at = lane->n_kept + i;
            lane->missing[at / WORD] |= (uint64_t)1 << at % WORD;
            lane->any_missing = true;
        }
}

/* Runs the forward pass over the first `count` pending inputs. */
static void run_forward(const zero_phase_layout *layout, const biquad *sections, zero_phase_lane *lane, double *work,
                        int64_t count)
{
    double *kept = lane->kept + lane->n_kept;
    int64_t seen = smaller(count + layout->edge, lane->n_pending), first = 0;
    gap_fill_samples(lane->before, lane->pending, seen, lane->n_pending, GAP_REACH, work);
    mark_missing(lane, count);
    if (!lane->started) {
        while (first < count && !isfinite(lane->pending[first])) kept[first++] = 0.0;
        if (first < count) start_forward(layout, sections, lane, work + first, seen - first);
    }
    remember_inputs(layout, lane, work + first, count - first);
    memcpy(kept + first, work + first, (size_t)(count - first) * sizeof(double));
    run_sections(sections, layout->n_sections, lane->state, kept + first, count - first);
    lane->before = gap_move_on(lane->before, lane->pending, count);
    lane->n_kept += count;
    lane->n_pending -= count;
    memmove(lane->pending, lane->pending + count, (size_t)lane->n_pending * sizeof(double));
}

/* Continues the forward pass beyond the end of the recording; returns the number of values added. */
static int64_t extend_forward(const zero_phase_layout *layout, const biquad *sections, zero_phase_lane *lane)
{
    int64_t edge = smaller(layout->edge, lane->n_inputs - 1);
    const double *last = lane->recent + layout->edge;
    double *beyond = lane->kept + lane->n_kept;
    for (int64_t k = 1; k <= edge; k++) beyond[k - 1] = 2.0 * last[0] - last[-k];
    if (edge > 0) run_sections(sections, layout->n_sections, lane->state, beyond, edge);
    return larger(edge, 0);
}

/* Backward over kept[0 .. end), giving the first `count` outputs. */
static void run_backward(const zero_phase_layout *layout, const biquad *sections, zero_phase_lane *lane, int64_t end,
                         double *work, double *out, int64_t count)
{
    double state[2 * ZERO_PHASE_SECTIONS_MAX];
    if (end > 0) settle_state(sections, layout->n_sections, lane->kept[end - 1], state);
    while (end > 0) {
        int64_t n = smaller(CHUNK, end);
        for (int64_t i = 0; i < n; i++) work[i] = lane->kept[end - 1 - i];
        run_sections(sections, layout->n_sections, state, work, n);
        for (int64_t i = larger(end - count, 0); i < n; i++) out[end - 1 - i] = work[i];
        end -= n;
    }
    if (!lane->any_missing) return;
    for (int64_t i = 0; i < count; i++)
        if (lane->missing[i / WORD] >> i % WORD & 1) out[i] = nan("");
}

/* Drops the first hop of the kept values. */
static void advance_kept(const zero_phase_layout *layout, zero_phase_lane *lane)
{
    lane->n_kept -= layout->hop;
    memmove(lane->kept, lane->kept + layout->hop, (size_t)lane->n_kept * sizeof(double));
    if (!lane->any_missing) return;
    int64_t words = layout->room / WORD, gone = layout->hop / WORD;
    memmove(lane->missing, lane->missing + gone, (size_t)(words - gone) * sizeof(uint64_t));
    memset(lane->missing + words - gone, 0, (size_t)gone * sizeof(uint64_t));
    lane->any_missing = false;
    for (int64_t i = 0; i < words; i++) lane->any_missing |= lane->missing[i] != 0;
}

static int64_t finish_lane(const zero_phase_layout *layout, const biquad *sections, zero_phase_lane *lane, double *work,
                           double *out)
{
    while (lane->n_pending > 0) run_forward(layout, sections, lane, work, smaller(lane->n_pending, CHUNK));
    int64_t count = lane->n_kept, beyond = extend_forward(layout, sections, lane);
    run_backward(layout, sections, lane, count + beyond, work, out, count);
    lane->n_kept = 0;
    return count;
}

int64_t zero_phase_lane_process(const zero_phase_layout *layout, const biquad *sections, zero_phase_lane *lane,
                                double *scratch, const double *in, int64_t n_in, double *out, bool ended)
{
    int64_t given = 0;
    while (n_in > 0) {
        int64_t count = smaller(n_in, pending_room(layout) - lane->n_pending);
        memcpy(lane->pending + lane->n_pending, in, (size_t)count * sizeof(double));
        lane->n_pending += count;
        in += count;
        n_in -= count;
        if (lane->n_pending < pending_room(layout)) break;
        run_forward(layout, sections, lane, scratch, CHUNK);
        if (lane->n_kept < layout->hop + layout->ahead) continue;
        run_backward(layout, sections, lane, layout->hop + layout->ahead, scratch, out + given, layout->hop);
        advance_kept(layout, lane);
        given += layout->hop;
    }
    return ended ? given + finish_lane(layout, sections, lane, scratch, out + given) : given;
}
