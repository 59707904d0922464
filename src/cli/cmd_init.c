#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/command.h"
#include "cli/default_config.h"
#include "cli/report.h"

/* What was done, in the order it was done. */
typedef struct {
    JsonArrayBuilder written, kept;
    Buf text;
} Steps;

static void step(Steps *steps, bool written, const char *path) {
    buf_printf(&steps->text, "%s  %s\n", written ? "written" : "kept   ", path);
    JsonArrayBuilder *list = written ? &steps->written : &steps->kept;
    json_array_add(list, json_string(list->arena, path));
}

static bool write_file(const Folder *folder, const char *path, const void *data, size_t length, Error *err) {
    AUTO(FileWriter) writer = { 0 };
    return file_writer_begin(&writer, folder, path, err) && file_writer_write(&writer, data, length, err) &&
           file_writer_commit(&writer, err);
}

static bool init_config(const Config *config, const Folder *root, Steps *steps, Error *err) {
    if (config->file) {
        step(steps, false, config->file);
        return true;
    }
    if (!write_file(root, "schema-sync.json", default_config, sizeof default_config, err))
        return false;
    step(steps, true, "schema-sync.json");
    return true;
}

static bool init_folder(const Config *config, const Folder *root, Steps *steps, Error *err) {
    AUTO(Folder) state = { .fd = -1 };
    bool there = folder_exists(root, config->state_dir);
    if (!folder_enter(root, config->state_dir, true, &state, err))
        return false;
    AUTO(Buf) name = { 0 };
    report_files(config, &name);
    step(steps, !there, buf_text(&name));
    return true;
}

static bool has_line(const char *text, const char *line) {
    size_t length = strlen(line);
    for (const char *at = text; *at;) {
        size_t here = strcspn(at, "\n");
        size_t trimmed = here > 0 && at[here - 1] == '\r' ? here - 1 : here;
        if (trimmed == length && strncmp(at, line, length) == 0)
            return true;
        at += here + (at[here] != '\0');
    }
    return false;
}

/* Line ends must survive every checkout, or the files' digests would depend on the machine. */
static bool init_attributes(const Config *config, const Folder *root, Steps *steps, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    bool found = false;
    if (!folder_read(root, ".gitattributes", 0, &text, &found, err))
        return false;
    const char *lines[] = { arena_printf(&arena, "%s/** text eol=lf", config->state_dir),
                            arena_printf(&arena, "%s/assets/** -text", config->state_dir) };
    size_t before = text.length;
    if (before > 0 && text.data[before - 1] != '\n')
        buf_putc(&text, '\n');
    bool missing = false;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (has_line(buf_text(&text), lines[i]))
            continue;
        buf_printf(&text, "%s\n", lines[i]);
        missing = true;
    }
    if (missing && !write_file(root, ".gitattributes", text.data, text.length, err))
        return false;
    step(steps, missing, ".gitattributes");
    return true;
}

static bool run(const Invocation *invocation, Error *err) {
    const Config *config = &invocation->config;
    AUTO(Folder) root = { .fd = -1 };
    AUTO(Arena) arena = { 0 };
    Steps steps = { .written = json_array_builder(&arena), .kept = json_array_builder(&arena) };
    bool done = folder_open(&root, config->root, false, err) && init_config(config, &root, &steps, err) &&
                init_folder(config, &root, &steps, err) && init_attributes(config, &root, &steps, err);
    if (done && invocation->json) {
        JsonObjectBuilder object = report_begin(config, &arena);
        json_object_put(&object, "written", json_array_done(&steps.written));
        json_object_put(&object, "kept", json_array_done(&steps.kept));
        report_print(&object);
    } else if (done) {
        fputs(buf_text(&steps.text), stdout);
        printf("next: put DIRECTUS_URL, DIRECTUS_TOKEN and DATABASE_URL into .env (and .env into "
               ".gitignore), then "
               "`schema-sync export`\n");
    }
    buf_free(&steps.text);
    return done;
}

const CommandRow command_init = {
    .name = "init",
    .summary = "config, state folder, .gitattributes",
    .description = "Prepares a project: a schema-sync.json that explains itself, the state folder, and "
                   ".gitattributes lines that keep "
                   "line ends as they are. What is there already is kept.\n\n"
                   "  cd my-project && schema-sync init",
    .arguments = "",
    .needs = NEED_CONFIG,
    .run = run,
};
