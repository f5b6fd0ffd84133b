/* SPDX-License-Identifier: BSD-3-Clause
 *
 * main.c: the limpid command: finds the sub-command and hands over.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct command {
    const char *name;
    int (*run)(cli *c);
    const char *arguments, *summary;
} command;

static const command commands[] = {
    {"info", cmd_info, "FILE...", "what is in there: format, duration, channels, events, memory it would need"},
    {"run", cmd_run, "IN STEP [key=value...] ! STEP ... ! write OUT", "any chain of steps"},
    {"plan", cmd_plan, "(as for run)", "stages, lanes, memory and passes of a chain; runs nothing"},
    {"eeg-fmri", cmd_eeg_fmri, "IN OUT [key=value...]",
     "EEG recorded in an MRI scanner, cleaned; with --report FILE.html"},
    {"motion", cmd_motion, "IN [OUT] [--shifts SHIFTS.csv] [key=value...]",
     "a movie, freed of motion; with --report FILE.html"},
    {"view", cmd_view, "FILE... | SESSION.json", "shows recordings in the browser, here or through an SSH tunnel"},
    {"score", cmd_score, "RESULT | motion [[BEFORE] AFTER]", "quality of a result, with or without known truth"},
    {"report", cmd_report, "RESULT FILE.html", "a page about a result, made anew from its record"},
    {"simulate", cmd_simulate, "eeg-fmri|series|miniscope OUT [key=value...]", "a recording with known truth"},
    {"verify", cmd_verify, "FILE...", "check outputs against their provenance records"},
    {"bench", cmd_bench, "IN STEP ... ! write OUT", "seconds and memory of a chain over threads"},
    {"steps", cmd_steps, "", "all steps"},
    {"formats", cmd_formats, "", "all file formats"},
    {"schema", cmd_schema, "", "JSON Schema of chain files; with --api, the viewer's interface as OpenAPI"},
    {"help", cmd_help, "[NAME]", "how to use a command, a step, a preset or a simulator"},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_usage(FILE *out)
{
    fprintf(out, "limpid %s: cleans and explores recordings that are bigger than memory\n\n", lmp_version());
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  limpid %-8s %-46s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
    fprintf(
        out,
        "\nOptions, anywhere after the command:\n"
        "  --threads N       workers; 0: one per core (the result is the same)\n"
        "  --memory SIZE     limit for data, e.g. 256M (the result is the same); default: half of the machine's\n"
        "  --scratch DIR     where intermediate files go, if any are needed; default: beside the output\n"
        "  --overwrite       outputs may replace existing files; the input never\n"
        "  --rate HZ         samples or frames per second of a file that does not say (.npy, images)\n"
        "  --scale-uv X      microvolts per unit of a file that does not say (.npy)\n"
        "  --events FILE.tsv events from a BIDS events.tsv, for files that hold none\n"
        "  --salvage         read a damaged file as far as it is sound\n"
        "  --kind signals|movie   of a file that may be either (.npy, HDF5, Zarr)\n"
        "  --dataset NAME    array inside a file of several (.npz, HDF5, Zarr)\n"
        "  --grey            colours become grey while loading\n"
        "  --size RATIO      images are made smaller while loading, e.g. 0.5\n"
        "  --group PATTERN   files of a folder to take, e.g. '*.tif'; a folder or '*.avi' in quotes is one movie\n"
        "  --broken refuse|skip   files of a folder that cannot be decoded; skip decodes all of them once to find "
        "those\n"
        "  --sizes refuse|crop    images of several sizes; crop: the top left part that all have\n"
        "  --plugin FILE.so  steps from a shared object\n"
        "  --chain FILE.yaml --out OUT   the chain of `run` or `plan` from a file\n"
        "  --shifts FILE.csv  --prepare 'STEP ! STEP'  --apply-to FILE   (motion) the table of shifts; steps before "
        "they\n"
        "                    are found, but not in the result; another movie to move\n"
        "  --report FILE.html  --print   (eeg-fmri, motion) write a report; show the chain and run nothing\n"
        "  --before FILE --truth FILE --record FILE --pattern LABEL --bands LIST --tones LIST   (score, report)\n"
        "  --shifts FILE.csv --truth FILE --report FILE.html   (score motion)\n"
        "  --port N  --root FOLDER  --no-browser   (view) the port; a folder the page may use beside those of the "
        "files\n"
        "  --scratch-limit SIZE   (view) what results of previews may take on the disk; default: half of what is free\n"
        "  --json  --quiet  --progress auto|plain|json|none\n"
        "\nExit codes: 0 done, 2 usage, 3 unusable input, 4 input/output, 5 memory limit too small, 6 a check failed, "
        "130 cancelled.\n");
}

static const command *find_command(const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

bool cli_print_command(const char *name)
{
    const command *known = find_command(name);
    if (known != NULL) printf("usage: limpid %s %s\n%s\n", known->name, known->arguments, known->summary);
    return known != NULL;
}

int main(int argc, char **argv)
{
    lmp_survive_lost_inputs();
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || (strcmp(argv[1], "help") == 0 && argc == 2)) {
        print_usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("limpid %s\n", lmp_version());
        return 0;
    }
    const command *known = find_command(argv[1]);
    if (known != NULL) {
        cli c;
        int code = cli_parse(argc, argv, &c);
        if (code == 0 && c.help)
            (void)cli_print_command(known->name);
        else if (code == 0)
            code = known->run(&c);
        cli_clear(&c);
        return code;
    }
    return cli_usage("there is no command \"%s\": limpid help lists them", argv[1]);
}
