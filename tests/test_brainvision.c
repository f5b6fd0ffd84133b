/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_brainvision.c: BrainVision headers, markers and data, read.
 */
#include "io/brainvision/brainvision.h"

#include "io_support.h"

#include <pthread.h>

/* ---- Files to read ---------------------------------------------------------------------------------------- */

enum { N_CHANNELS = 3, N_TIMES = 500 };

static const char plain_header[] = "Brain Vision Data Exchange Header File Version 1.0\n"
                                   "; a comment\n\n"
                                   "[Common Infos]\nCodepage=UTF-8\nDataFile=a.eeg\nMarkerFile=a.vmrk\n"
                                   "DataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels=3\n"
                                   "SamplingInterval=1000\n\n"
                                   "[Binary Infos]\nBinaryFormat=INT_16\n\n"
                                   "[Channel Infos]\n; Ch1=not this\n"
                                   "Ch1=Fz,,0.5,\xC2\xB5V\nCh2=a\\1b,ref,0.1,mV\nCh3=ECG,,2\n\n"
                                   "[Comment]\nfree text\n[Channel Infos]\nCh1=wrong,,7\n[ x\n";

static const char plain_markers[] = "Brain Vision Data Exchange Marker File, Version 1.0\n\n"
                                    "[Common Infos]\nCodepage=UTF-8\nDataFile=a.eeg\n\n"
                                    "[Marker Infos]\n; Mk1=not this\n"
                                    "Mk1=New Segment,,1,1,0,20131113161403794232\n"
                                    "Mk2=Stimulus,S  1,11,1,0\n"
                                    "Mk3=Response,R 15,21,50,0\n"
                                    "Mk4=Scanner,s ,31,0,2,,false\n"
                                    "Mk5=Comment,one\\1 two [three],41,1,0\n"
                                    "Mk6=Event,254,51,1\n"
                                    "Mk7=SyncStatus,Sync On,61,1,0\n"
                                    "Mk8=Toggle,T  3,71\n";

/* The header with one passage replaced; the caller frees. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    char *made = malloc(strlen(text) + strlen(to) + 1);
    assert_non_null(made);
    sprintf(made, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return made;
}

static void put_replaced(const char *name, const char *text, const char *from, const char *to)
{
    char *made = replaced(text, from, to);
    io_put_text(name, made);
    free(made);
}

static int stored(int channel, int time)
{
    return (channel * 1000 + time * 37) % 65536 - 32768;
}

static void put_int16(const char *name, int n_channels, int n_times, bool vectorized, bool big)
{
    uint8_t *bytes = malloc((size_t)(2 * n_channels * n_times));
    for (int c = 0; c < n_channels; c++)
        for (int t = 0; t < n_times; t++) {
            const int place = 2 * (vectorized ? c * n_times + t : t * n_channels + c);
            const unsigned word = (unsigned)stored(c, t) & 0xFFFF;
            bytes[place] = (uint8_t)(big ? word >> 8 : word);
            bytes[place + 1] = (uint8_t)(big ? word : word >> 8);
        }
    io_put(name, bytes, (size_t)(2 * n_channels * n_times));
    free(bytes);
}

static void put_plain(void)
{
    io_put_text("a.vhdr", plain_header);
    io_put_text("a.vmrk", plain_markers);
    put_int16("a.eeg", N_CHANNELS, N_TIMES, false, false);
}

static void expect_plain_values(lmp_source *source)
{
    static const double scales[N_CHANNELS] = {0.5, 100, 2};
    double *values = io_read_all(source);
    for (int c = 0; c < N_CHANNELS; c++)
        for (int t = 0; t < N_TIMES; t++) assert_true(values[c * N_TIMES + t] == scales[c] * stored(c, t));
    free(values);
}

/* ---- Reading ---------------------------------------------------------------------------------------------- */

static void reads_a_recording(void **state)
{
    lmp_source source;
    (void)state;
    put_plain();
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), NULL, &source);
    const lmp_format *format = &source.stream.format;
    assert_null(source.warnings);
    assert_string_equal(source.format_name, "BrainVision");
    assert_string_equal(source.data_path(source.state), io_path("a.eeg"));
    assert_int_equal(source.bytes_per_time, 2 * N_CHANNELS);
    assert_int_equal(format->kind, LMP_SIGNALS);
    assert_int_equal(format->type, LMP_INT16);
    assert_int_equal(format->n_times, N_TIMES);
    assert_int_equal(format->n_channels, N_CHANNELS);
    assert_true(format->rate_hz == 1000);
    assert_true(fabs(format->start_unix_s - 1384359243.794232) < 1e-6);
    assert_string_equal(format->channels[0].name, "Fz");
    assert_string_equal(format->channels[1].name, "a,b");
    assert_string_equal(format->channels[1].unit, "uV");
    assert_true(format->channels[1].scale == 100);
    assert_true(format->channels[1].physical_min == -3276800 && format->channels[1].digital_min == -32768);
    assert_int_equal(format->channels[2].role, LMP_ROLE_ECG);
    expect_plain_values(&source);
    io_close(&source);
}

static void reads_markers(void **state)
{
    static const struct {
        double onset_s, duration_s;
        const char *label;
        int64_t code;
    } wanted[] = {{0, 0, "New Segment/", 0},          {0.01, 0, "Stimulus/S  1", 1},
                  {0.02, 0.05, "Response/R 15", 15},  {0.03, 0, "Scanner/s ", 0},
                  {0.04, 0, "one, two [three]", 0},   {0.05, 0, "Event/254", 254},
                  {0.06, 0, "SyncStatus/Sync On", 0}, {0.07, 0, "Toggle/T  3", 3}};
    lmp_source source;
    (void)state;
    put_plain();
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), NULL, &source);
    assert_int_equal(source.stream.n_events, 8);
    for (int i = 0; i < 8; i++) {
        const lmp_event *event = &source.stream.events[i];
        assert_true(event->onset_s == wanted[i].onset_s && event->duration_s == wanted[i].duration_s);
        assert_string_equal(event->label, wanted[i].label);
        assert_int_equal(event->code, wanted[i].code);
    }
    io_close(&source);
}

static void survives_odd_markers(void **state)
{
    lmp_source source;
    (void)state;
    put_plain();
    io_put_text("a.vmrk", "BrainVision Data Exchange Marker File Version 2.0\r\n[marker infos]\r\n"
                          "Mk1=New Segment,,1,1,0,00000000000000000000\r\n"
                          "Mk2=Stimulus,S2,0,1,0\r\nMk3=Stimulus,S3,501,1,0\r\nMk4=Stimulus,S4,x,1,0\r\n"
                          "Mk5=Stimulus\r\nMk6=Stimulus,S6,100,1,0\r\nMk7=,,7,1,0\r\n"
                          "Mk8=New Segment,,101,1,0,20000101000000500000\r\n"
                          "Mk9=Stimulus,S99999999999999999999,8,1,0\r\nMk10=Stimulus,S 9x,9,1,0\r\n"
                          "[Marker User Infos]\r\nMk11=Stimulus,S11,5,1,0\r\n");
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), NULL, &source);
    assert_int_equal(source.stream.n_events, 8);
    assert_non_null(strstr(source.warnings, "2 of 8 markers lie outside"));
    assert_non_null(strstr(source.warnings, "2 marker lines"));
    assert_true(source.stream.events[0].onset_s == -0.001);
    assert_string_equal(source.stream.events[2].label, "/");
    assert_int_equal(source.stream.events[3].code, 0);
    assert_int_equal(source.stream.events[4].code, 0);
    assert_true(source.stream.events[7].onset_s == 0.5);
    assert_true(fabs(source.stream.format.start_unix_s - (946684800 + 0.5 - 0.1)) < 1e-6);
    io_close(&source);
    assert_int_equal(unlink(io_path("a.vmrk")), 0);
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), NULL, &source);
    assert_int_equal(source.stream.n_events, 0);
    assert_true(isnan(source.stream.format.start_unix_s));
    assert_non_null(strstr(source.warnings, "no events"));
    io_close(&source);
}

static void reads_many_markers(void **state)
{
    enum { N = 200000 };
    lmp_source source;
    (void)state;
    put_plain();
    char *text = malloc(64 * N), *to = text;
    to += sprintf(to, "Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\n");
    for (int i = 0; i < N; i++) to += sprintf(to, "Mk%d=Scanner,s %d,%d,1,0\n", i + 1, i % 7, i % N_TIMES + 1);
    io_put_text("a.vmrk", text);
    free(text);
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), NULL, &source);
    assert_int_equal(source.stream.n_events, N);
    assert_int_equal(source.stream.events[N - 1].code, (N - 1) % 7);
    io_close(&source);
}

/* All number types, both orders and orientations, against values computed here. */
static void reads_number_types(void **state)
{
    static const struct {
        const char *name;
        size_t width;
        lmp_type type;
    } types[] = {{"INT_16", 2, LMP_INT16},
                 {"UINT_16", 2, LMP_UINT16},
                 {"INT_32", 4, LMP_INT32},
                 {"IEEE_FLOAT_32", 4, LMP_FLOAT32},
                 {"IEEE_FLOAT_64", 8, LMP_FLOAT64}};
    enum { N = 7 };
    static const double numbers[N] = {0, 1, 2, 300, 65000, 12345, 3};
    (void)state;
    for (int variant = 0; variant < 20; variant++) {
        const size_t width = types[variant / 4].width;
        const bool big = variant % 2 != 0, vectorized = variant / 2 % 2 != 0;
        uint8_t bytes[2 * N * 8];
        for (int i = 0; i < 2 * N; i++) {
            const double number = vectorized ? numbers[i % N] : numbers[i / 2];
            const uint16_t u16 = (uint16_t)number;
            const int32_t i32 = (int32_t)number;
            const float f32 = (float)number;
            uint8_t little[8];
            memcpy(little, &number, 8);
            if (variant / 4 < 2) memcpy(little, &u16, 2);
            if (variant / 4 == 2) memcpy(little, &i32, 4);
            if (variant / 4 == 3) memcpy(little, &f32, 4);
            for (size_t k = 0; k < width; k++) bytes[(size_t)i * width + k] = little[big ? width - 1 - k : k];
        }
        char header[600];
        snprintf(header, sizeof header,
                 "BrainVision Core Data Header File, Version 1.0\n[Common infos]\nNumberOfChannels=2\n"
                 "SamplingInterval=500\nDataOrientation=%s\n[BINARY INFOS]\nBinaryFormat=%s\nUseBigEndianOrder=%s\n"
                 "[Channel Infos]\nCh1=A,,0.1,uV\nCh2=B,,0.1,uV\n",
                 vectorized ? "VECTORIZED" : "MULTIPLEXED", types[variant / 4].name, big ? "YES" : "NO");
        io_put_text("t.vhdr", header);
        io_put("t.eeg", bytes, 2 * N * width);
        lmp_source source;
        io_open(&lmp_io_brainvision, io_path("t.vhdr"), NULL, &source);
        assert_int_equal(source.stream.format.type, types[variant / 4].type);
        assert_true((source.stream.format.channels[0].scale > 0) == (variant / 4 < 3));
        double *values = io_read_all(&source);
        for (int i = 0; i < 2 * N; i++) {
            const double number = variant / 4 == 0 && i % N == 4 ? 65000 - 65536 : numbers[i % N];
            assert_true(values[i] == 0.1 * number);
        }
        free(values);
        io_close(&source);
    }
}

static void reads_units(void **state)
{
    static const struct {
        const char *fields, *unit;
        double value;
    } units[] = {{"0.5,\xB5V", "uV", 0.5},
                 {"500,nV", "uV", 0.5},
                 {"0.0005,mV", "uV", 0.5},
                 {"0.0000005,V", "uV", 0.5},
                 {",", "uV", 1},
                 {",\xC2\xB5V", "uV", 1},
                 {"0.1", "uV", 0.1},
                 {"0.5,\xCE\xBCV", "uV", 0.5},
                 {"2,\xC2\xB5S", "\xC2\xB5S", 2},
                 {"2,C", "C", 2},
                 {"1e-1,uV,more,fields", "uV", 0.1}};
    const int16_t one[3] = {1, 1, 1};
    (void)state;
    put_plain();
    io_put("a.eeg", one, sizeof one);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        char line[100];
        lmp_source source;
        snprintf(line, sizeof line, "Ch1=Fz,,%s", units[i].fields);
        /* Latin-1 in the comment must not spoil UTF-8 in the channels. */
        char *made = replaced(plain_header, "Ch1=Fz,,0.5,\xC2\xB5V", line);
        put_replaced("a.vhdr", made, "free text", "free \xB5V text");
        free(made);
        io_open(&lmp_io_brainvision, io_path("a.vhdr"), NULL, &source);
        double *values = io_read_all(&source);
        assert_string_equal(source.stream.format.channels[0].unit, units[i].unit);
        assert_true(values[0] == units[i].value);
        free(values);
        io_close(&source);
    }
}

static void finds_the_files(void **state)
{
    static const struct {
        const char *from, *to, *eeg, *vmrk;
        bool is_warned;
    } cases[] = {{"DataFile=a.eeg", "DataFile=A.EEG", "a.eeg", "a.vmrk", false},
                 {"DataFile=a.eeg", "DataFile=C:\\data\\old\\a.eeg", "a.eeg", "a.vmrk", false},
                 {"DataFile=a.eeg", "DataFile=/data/old/a.eeg", "a.eeg", "a.vmrk", false},
                 {"DataFile=a.eeg", "DataFile=$b.dat", "a.dat", "a.vmrk", false},
                 {"DataFile=a.eeg\n", "", "A.EEG", "A.VMRK", false},
                 {"DataFile=a.eeg", "DataFile=other.eeg", "a.dat", "a.vmrk", true},
                 {"MarkerFile=a.vmrk", "MarkerFile=$b.VMRK", "a.eeg", "a.vmrk", false},
                 {"MarkerFile=a.vmrk\n", "", "a.eeg", "a.vmrk", false},
                 {"MarkerFile=a.vmrk", "MarkerFile=b.vmrk", "a.eeg", "a.vmrk", true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const names[3] = {"a.vhdr", cases[i].eeg, cases[i].vmrk};
        (void)io_empty();
        put_replaced("a.vhdr", plain_header, cases[i].from, cases[i].to);
        io_put_text(cases[i].vmrk, plain_markers);
        put_int16(cases[i].eeg, N_CHANNELS, N_TIMES, false, false);
        for (int k = 0; k < 3; k++) {
            lmp_source source;
            io_open(&lmp_io_brainvision, io_path(names[k]), NULL, &source);
            assert_int_equal(source.stream.n_events, 8);
            assert_true((source.warnings != NULL) == cases[i].is_warned);
            expect_plain_values(&source);
            io_close(&source);
        }
    }
    io_put_text("b.vmrk", plain_markers);
    io_refuse(&lmp_io_brainvision, io_path("b.vmrk"), NULL, LMP_ERR_INPUT, "no header of its name");
    io_refuse(&lmp_io_brainvision, io_path("none.vhdr"), NULL, LMP_ERR_IO, "none.vhdr");
}

static void refuses_in_one_sentence(void **state)
{
    static const struct {
        const char *from, *to, *word;
    } cases[] = {{"DataFile=a.eeg", "DataFile=..", "folder"},
                 {"INT_16", "INT_24", "BinaryFormat=INT_24"},
                 {"BinaryFormat=INT_16\n", "", "does not say BinaryFormat"},
                 {"BINARY", "ASCII", "DataFormat=ASCII"},
                 {"MULTIPLEXED", "SIDEWAYS", "DataOrientation=SIDEWAYS"},
                 {"SamplingInterval=1000", "SamplingInterval=0", "SamplingInterval=0"},
                 {"SamplingInterval=1000", "SamplingInterval=-5", "SamplingInterval"},
                 {"SamplingInterval=1000", "SamplingInterval=1e-320", "SamplingInterval"},
                 {"SamplingInterval=1000", "SamplingInterval=nan", "SamplingInterval=nan"},
                 {"SamplingInterval=1000\n", "", "does not say SamplingInterval"},
                 {"SamplingInterval", "DataType=FREQUENCYDOMAIN\nSamplingInterval", "DataType=FREQUENCYDOMAIN"},
                 {"SamplingInterval", "DataPoints=-1\nSamplingInterval", "DataPoints=-1"},
                 {"NumberOfChannels=3\n", "", "does not say NumberOfChannels"},
                 {"NumberOfChannels=3", "NumberOfChannels=0", "NumberOfChannels=0"},
                 {"NumberOfChannels=3", "NumberOfChannels=99999999999999999999", "NumberOfChannels=9999"},
                 {"NumberOfChannels=3", "NumberOfChannels=4", "describes 3 channels"},
                 {"NumberOfChannels=3", "NumberOfChannels=2", "up to Ch3"},
                 {"Ch3=ECG", "Ch70000=ECG", "channel 70000"},
                 {"[Channel Infos]\n; Ch1=not this\nCh1=Fz,,0.5,\xC2\xB5V\n", "[Comment]\n", "describes 1 channels"},
                 {",,0.5,", ",,half,", "resolution 'half' for channel 1"},
                 {",,0.5,", ",,0,", "resolution '0'"},
                 {"SamplingInterval", "DataPoints=501\nSamplingInterval", "cut short: 3006 bytes expected, 3000"},
                 {"SamplingInterval", "DataPoints=9223372036854775807\nSamplingInterval", "cut short"}};
    lmp_open_options salvage = LMP_OPTIONS(lmp_open_options);
    (void)state;
    put_plain();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_replaced("a.vhdr", plain_header, cases[i].from, cases[i].to);
        io_refuse(&lmp_io_brainvision, io_path("a.vhdr"), NULL, LMP_ERR_INPUT, cases[i].word);
    }
    io_put_text("a.vhdr", "hello\n");
    io_refuse(&lmp_io_brainvision, io_path("a.vhdr"), NULL, LMP_ERR_INPUT, "not a BrainVision header");
    io_put_text("a.vhdr", plain_header);
    assert_int_equal(unlink(io_path("a.eeg")), 0);
    salvage.salvage = 1;
    io_refuse(&lmp_io_brainvision, io_path("a.vhdr"), &salvage, LMP_ERR_INPUT, io_path("a.eeg"));
    io_put("a.eeg", "", 0);
    io_refuse(&lmp_io_brainvision, io_path("a.vhdr"), &salvage, LMP_ERR_INPUT, "not one instant");
}

static void salvages(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    lmp_source source;
    (void)state;
    options.salvage = 1;
    put_plain();
    assert_int_equal(truncate(io_path("a.eeg"), 2 * N_CHANNELS * 300 + 5), 0);
    io_refuse(&lmp_io_brainvision, io_path("a.vhdr"), NULL, LMP_ERR_INPUT, "1806 bytes expected, 1805 found");
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 300);
    assert_non_null(strstr(source.warnings, "cut short"));
    io_close(&source);
    /* Vectorized: the last channel is the one that is short, if the header says where channels start. */
    put_int16("a.eeg", N_CHANNELS, N_TIMES, true, false);
    assert_int_equal(truncate(io_path("a.eeg"), 2 * (2 * N_TIMES + 100) + 1), 0);
    put_replaced("a.vhdr", plain_header, "MULTIPLEXED", "VECTORIZED");
    io_refuse(&lmp_io_brainvision, io_path("a.vhdr"), &options, LMP_ERR_INPUT, "does not say DataPoints");
    put_replaced("a.vhdr", plain_header, "MULTIPLEXED", "VECTORIZED\nDataPoints=500");
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), &options, &source);
    assert_int_equal(source.stream.format.n_times, 100);
    double *values = io_read_all(&source);
    for (int t = 0; t < 100; t++) assert_true(values[200 + t] == 2 * stored(2, t));
    free(values);
    io_close(&source);
    assert_int_equal(truncate(io_path("a.eeg"), 2 * 2 * N_TIMES), 0);
    io_refuse(&lmp_io_brainvision, io_path("a.vhdr"), &options, LMP_ERR_INPUT, "not one instant");
    /* Channels without a line. */
    put_plain();
    put_replaced("a.vhdr", plain_header, "Ch2=", "Ch7=");
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), &options, &source);
    assert_string_equal(source.stream.format.channels[1].name, "Ch2");
    assert_true(source.stream.format.channels[1].scale == 1);
    io_close(&source);
}

static void reads_more_than_announced(void **state)
{
    lmp_source source;
    (void)state;
    put_plain();
    put_replaced("a.vhdr", plain_header, "SamplingInterval", "DataPoints=100\nSamplingInterval");
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), NULL, &source);
    assert_non_null(strstr(source.warnings, "500 instants are read"));
    expect_plain_values(&source);
    io_close(&source);
}

static void reads_v_amp(void **state)
{
    lmp_source source;
    (void)state;
    put_replaced("a.ahdr", plain_header, "Brain Vision Data Exchange", "Brain Vision V-Amp Data");
    put_int16("a.eeg", N_CHANNELS + 1, N_TIMES, false, false);
    io_put_text("a.amrk", plain_markers);
    io_open(&lmp_io_brainvision, io_path("a.eeg"), NULL, &source);
    assert_int_equal(source.stream.format.n_channels, N_CHANNELS);
    assert_non_null(strstr(source.warnings, "V-Amp"));
    assert_int_equal(source.stream.n_events, 8);
    expect_plain_values(&source);
    io_close(&source);
}

static void detects(void **state)
{
    const uint8_t *header = (const uint8_t *)plain_header, *markers = (const uint8_t *)plain_markers;
    static const uint8_t other[] = "0       X X X X";
    (void)state;
    assert_int_equal(lmp_io_brainvision.detect(header, sizeof plain_header, "x"), 100);
    assert_int_equal(lmp_io_brainvision.detect(markers, sizeof plain_markers, "x"), 100);
    assert_int_equal(lmp_io_brainvision.detect(other, sizeof other, "x.VHDR"), 60);
    assert_int_equal(lmp_io_brainvision.detect(other, sizeof other, "x.eeg"), 20);
    assert_int_equal(lmp_io_brainvision.detect(other, sizeof other, "x.edf"), 0);
    assert_int_equal(lmp_io_brainvision.detect(other, 0, ""), 0);
    for (size_t n = 0; n < sizeof plain_header; n++) (void)lmp_io_brainvision.detect(header, n, "x");
}

/* ---- Random access ---------------------------------------------------------------------------------------- */

typedef struct reader {
    pthread_t thread;
    lmp_source *source;
    const double *whole;
    int seed;
    bool is_equal;
} reader;

static void *read_pieces(void *user)
{
    reader *r = user;
    const int64_t n_times = r->source->stream.format.n_times;
    uint64_t random = (uint64_t)r->seed;
    lmp_budget *budget = NULL;
    r->is_equal = budget_new(1 << 26, &budget, NULL) == LMP_OK;
    for (int i = 0; i < 40 && r->is_equal; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const int64_t first = (int64_t)(random >> 33) % n_times;
        const int64_t count = 1 + (int64_t)(random >> 17 & 0xFFFFF) % (n_times - first);
        const int64_t lanes[2] = {i % 3, 3 + i % 5};
        double *values = malloc((size_t)count * 2 * sizeof *values);
        void *out[2] = {values, values + count};
        const lmp_read_request request = {.first = first, .count = count, .n_lanes = 2, .lanes = lanes, .out = out};
        r->is_equal = r->source->read(r->source->state, &request, budget, NULL) == LMP_OK;
        for (int k = 0; k < 2 && r->is_equal; k++)
            r->is_equal = memcmp(out[k], r->whole + lanes[k] * n_times + first, (size_t)count * sizeof(double)) == 0;
        free(values);
    }
    budget_free(budget);
    return NULL;
}

static void reads_anywhere_from_threads(void **state)
{
    enum { CHANNELS = 8, TIMES = 200000 };
    (void)state;
    for (int vectorized = 0; vectorized < 2; vectorized++) {
        char header[1000];
        int n = sprintf(header,
                        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nNumberOfChannels=%d\n"
                        "SamplingInterval=200\nDataOrientation=%s\n[Binary Infos]\nBinaryFormat=INT_16\n"
                        "[Channel Infos]\n",
                        CHANNELS, vectorized ? "VECTORIZED" : "MULTIPLEXED");
        for (int c = 1; c <= CHANNELS; c++) n += sprintf(header + n, "Ch%d=c%d,,0.%d\n", c, c, c);
        io_put_text("l.vhdr", header);
        put_int16("l.eeg", CHANNELS, TIMES, vectorized != 0, false);
        lmp_source source;
        io_open(&lmp_io_brainvision, io_path("l.vhdr"), NULL, &source);
        double *whole = io_read_all(&source);
        for (int t = 0; t < TIMES; t += 997) assert_true(whole[4 * TIMES + t] == 0.5 * stored(4, t));
        reader readers[4];
        for (int i = 0; i < 4; i++) {
            readers[i] = (reader){.source = &source, .whole = whole, .seed = 11 * i + 1};
            assert_int_equal(pthread_create(&readers[i].thread, NULL, read_pieces, &readers[i]), 0);
        }
        for (int i = 0; i < 4; i++) {
            pthread_join(readers[i].thread, NULL);
            assert_true(readers[i].is_equal);
        }
        free(whole);
        io_close(&source);
    }
}

static void reports_failed_reads(void **state)
{
    lmp_source source;
    lmp_error err = {0};
    lmp_budget *budget = NULL;
    double values[10];
    void *out = values;
    const int64_t lane = 1;
    lmp_read_request request = {.count = 10, .n_lanes = 1, .lanes = &lane, .out = &out};
    (void)state;
    put_plain();
    for (int nth = 1; nth <= 2; nth++) { /* header, markers */
        os_fault_inject(nth, 0);
        io_refuse(&lmp_io_brainvision, io_path("a.vhdr"), NULL, LMP_ERR_IO, "cannot read");
    }
    os_fault_inject(0, 0);
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), NULL, &source);
    assert_int_equal(budget_new(1 << 20, &budget, NULL), LMP_OK);
    os_fault_inject(1, 0);
    assert_int_equal(source.read(source.state, &request, budget, &err), LMP_ERR_IO);
    assert_int_equal(budget_used(budget), 0);
    budget_fail_at(budget, 1);
    assert_int_equal(source.read(source.state, &request, budget, &err), LMP_ERR_MEMORY);
    assert_int_equal(source.read(source.state, &request, budget, &err), LMP_OK);
    assert_int_equal(truncate(io_path("a.eeg"), 100), 0);
    request.first = N_TIMES - 10;
    assert_int_equal(source.read(source.state, &request, budget, &err), LMP_ERR_IO);
    assert_non_null(strstr(err.text, "shorter"));
    budget_free(budget);
    io_close(&source);
}

/* ---- Damaged files ---------------------------------------------------------------------------------------- */

static void survives_truncation(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    int n_opened = 0;
    (void)state;
    put_plain();
    for (int salvage = 0; salvage < 2; salvage++) {
        options.salvage = salvage;
        for (size_t n = 0; n < sizeof plain_header; n++) {
            io_put("a.vhdr", plain_header, n);
            n_opened += io_try(&lmp_io_brainvision, io_path("a.vhdr"), &options);
        }
        for (size_t n = 0; n < sizeof plain_markers; n++) {
            io_put("a.vmrk", plain_markers, n);
            assert_true(io_try(&lmp_io_brainvision, io_path("a.vhdr"), &options));
        }
        for (size_t n = 0; n < 20; n++) {
            assert_int_equal(truncate(io_path("a.eeg"), (off_t)n), 0);
            (void)io_try(&lmp_io_brainvision, io_path("a.vhdr"), &options);
        }
        put_plain();
    }
    assert_true(n_opened > 0);
}

/* Bytes replaced, removed and doubled at places of a fixed random sequence. */
static void survives_mutation(void **state)
{
    lmp_open_options options = LMP_OPTIONS(lmp_open_options);
    uint64_t random = 3;
    (void)state;
    put_plain();
    for (int i = 0; i < 1500; i++) {
        char text[2 * sizeof plain_header];
        const bool is_header = i % 4 != 0;
        strcpy(text, is_header ? plain_header : plain_markers);
        for (int k = 0; k < 1 + i % 3; k++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            const size_t size = strlen(text), at = (size_t)(random >> 33) % size;
            if (random >> 20 & 1)
                text[at] = (char)(random >> 24);
            else if (random >> 21 & 1)
                memmove(text + at, text + at + 1, size - at);
            else
                memmove(text + at + 1, text + at, size - at + 1);
        }
        io_put_text(is_header ? "a.vhdr" : "a.vmrk", text);
        options.salvage = i & 1;
        (void)io_try(&lmp_io_brainvision, io_path("a.vhdr"), &options);
        if (is_header)
            io_put_text("a.vhdr", plain_header);
        else
            io_put_text("a.vmrk", plain_markers);
    }
}

static void bounds_what_a_header_costs(void **state)
{
    enum { N = 300000 };
    (void)state;
    put_plain();
    char *text = malloc(16 * N + sizeof plain_header), *to = text;
    to += sprintf(to, "%.*s", (int)(strstr(plain_header, "Ch1=Fz") - plain_header), plain_header);
    for (int i = 0; i < N; i++) to += sprintf(to, "Ch1=x,,1\n");
    sprintf(to, "Ch2=y\nCh3=z\n");
    io_put_text("a.vhdr", text);
    lmp_source source;
    io_open(&lmp_io_brainvision, io_path("a.vhdr"), NULL, &source);
    assert_non_null(strstr(source.warnings, "299999 channel lines"));
    io_close(&source);
    free(text);
    text = malloc(20 << 20);
    memset(text, ';', 20 << 20);
    io_put("a.vhdr", text, 20 << 20);
    free(text);
    io_refuse(&lmp_io_brainvision, io_path("a.vhdr"), NULL, LMP_ERR_INPUT, "more than");
}

/* ---- Recordings of others --------------------------------------------------------------------------------- */

static void reads_shared_recordings(void **state)
{
    static const char *const names[] = {"test",
                                        "test_highpass",
                                        "test_highpass_hz",
                                        "test_lowpass_s",
                                        "test_mixed_highpass",
                                        "test_mixed_highpass_hz",
                                        "test_mixed_lowpass",
                                        "test_mixed_lowpass_s",
                                        "test_partially_disabled_hw_filter",
                                        "test_units",
                                        "testv2"};
    const char *folder = io_shared("mne_io/brainvision/tests/data");
    char path[1300];
    size_t size;
    (void)state;
    snprintf(path, sizeof path, "%s/test.eeg", folder);
    char *raw = io_get(path, &size);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        lmp_source source;
        snprintf(path, sizeof path, "%s/%s.vhdr", folder, names[i]);
        io_open(&lmp_io_brainvision, path, NULL, &source);
        assert_int_equal(source.stream.format.n_channels, 32);
        assert_int_equal(source.stream.format.n_times, 7900);
        assert_int_equal(source.stream.n_events, i == 10 ? 16 : 14);
        assert_true(source.stream.format.rate_hz == 1000);
        double *values = io_read_all(&source);
        for (int64_t k = 0; k < 32 * 7900; k++) {
            int16_t number;
            memcpy(&number, raw + 2 * k, sizeof number);
            assert_true(values[k % 32 * 7900 + k / 32] == 0.5 * number);
        }
        free(values);
        io_close(&source);
    }
    free(raw);
}

static void reads_shared_vectorized(void **state)
{
    const char *folder = io_shared("mne_io/brainvision/tests/data");
    static const char *const names[] = {"test_old_layout_latin1_software_filter",
                                        "test_old_layout_latin1_software_filter_longname"};
    char path[1300];
    size_t size;
    (void)state;
    snprintf(path, sizeof path, "%s/%s.eeg", folder, names[0]);
    char *raw = io_get(path, &size);
    for (int i = 0; i < 2; i++) {
        lmp_source source;
        snprintf(path, sizeof path, "%s/%s.vhdr", folder, names[i]);
        io_open(&lmp_io_brainvision, path, NULL, &source);
        assert_int_equal(source.stream.format.n_channels, 29);
        assert_int_equal(source.stream.format.n_times, 251);
        assert_int_equal(source.stream.n_events, 2);
        assert_string_equal(source.stream.format.channels[1].name, i == 0 ? "F3" : "F3 3 part");
        double *values = io_read_all(&source);
        for (int64_t k = 0; k < 29 * 251; k++) {
            float number;
            memcpy(&number, raw + 4 * k, sizeof number);
            assert_true(values[k] == 0.1 * (double)number);
        }
        free(values);
        io_close(&source);
    }
    free(raw);
}

static void reads_shared_bids(void **state)
{
    lmp_source source;
    (void)state;
    io_open(&lmp_io_brainvision,
            io_shared("mne_bids_tiny/tiny_bids/sub-01/ses-eeg/eeg/sub-01_ses-eeg_task-rest_eeg.vhdr"), NULL, &source);
    assert_int_equal(source.stream.format.n_channels, 69);
    assert_int_equal(source.stream.format.n_times, 10000);
    assert_true(source.stream.format.rate_hz == 5000);
    assert_int_equal(source.stream.n_events, 2);
    assert_null(source.warnings);
    io_close(&source);
}

static void names_missing_shared_data(void **state)
{
    static const char *const subjects[] = {"sub-32", "sub-35", "sub-36"};
    const char *folder = io_shared("eegfmri_markers_bids_rest");
    char path[1400], missing[64];
    (void)state;
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "%s/%s%s/eeg/%s_task-rest_eeg.vhdr", folder, i < 3 ? "" : "derivatives/",
                 subjects[i % 3], subjects[i % 3]);
        snprintf(missing, sizeof missing, "%s_task-rest_eeg.%s is not there", subjects[i % 3], i < 3 ? "eeg" : "dat");
        io_refuse(&lmp_io_brainvision, path, NULL, LMP_ERR_INPUT, missing);
        /* The markers are whole: with data of the right size beside copies they are events. */
        size_t size;
        char *header = io_get(path, &size);
        io_put("m.vhdr", header, size);
        memcpy(path + strlen(path) - 5, ".vmrk", 5);
        char *markers = io_get(path, &size);
        io_put("m.vmrk", markers, size);
        io_put("m.eeg", "", 0);
        assert_int_equal(truncate(io_path("m.eeg"), INT64_C(64) * 162023 * 4), 0);
        if (i == 3) {
            lmp_source source;
            int64_t n_slices = 0, n_volumes = 0;
            io_open(&lmp_io_brainvision, io_path("m.vhdr"), NULL, &source);
            for (int64_t k = 0; k < source.stream.n_events; k++) {
                n_slices += strcmp(source.stream.events[k].label, "Scanner/s ") == 0;
                n_volumes += strcmp(source.stream.events[k].label, "Scanner/Scan Start") == 0;
            }
            assert_int_equal(n_slices, 9000);
            assert_int_equal(n_volumes, 300);
            io_close(&source);
        }
        free(header);
        free(markers);
        (void)io_empty();
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, io_fresh)
    const struct CMUnitTest tests[] = {
        TEST(reads_a_recording),
        TEST(reads_markers),
        TEST(survives_odd_markers),
        TEST(reads_many_markers),
        TEST(reads_number_types),
        TEST(reads_units),
        TEST(finds_the_files),
        TEST(refuses_in_one_sentence),
        TEST(salvages),
        TEST(reads_more_than_announced),
        TEST(reads_v_amp),
        TEST(detects),
        TEST(reads_anywhere_from_threads),
        TEST(reports_failed_reads),
        TEST(survives_truncation),
        TEST(survives_mutation),
        TEST(bounds_what_a_header_costs),
        TEST(reads_shared_recordings),
        TEST(reads_shared_vectorized),
        TEST(reads_shared_bids),
        TEST(names_missing_shared_data),
    };
    return cmocka_run_group_tests(tests, io_setup, io_teardown);
}
