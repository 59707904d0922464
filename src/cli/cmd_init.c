#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/attributes.h"
#include "cli/command.h"
#include "cli/default_config.h"
#include "cli/report.h"
#include "repo/merge_driver.h"
#include "repo/repo.h"
#include "sync/hooks_install.h"

static const OptionRow options[] = {
    { "hooks", 0, OPTION_FLAG, NULL,
      "Also install git's hooks pre-commit, post-merge and post-checkout beside those that stand; where "
      "husky, "
      "pre-commit or a folder of your own keeps them, say what to add." },
    { 0 },
};

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

static bool init_attributes(const Config *config, const Folder *root, Steps *steps, Error *err) {
    bool changed;
    if (!attributes_write(root, config->state_dir, &changed, err))
        return false;
    step(steps, changed, ".gitattributes");
    return true;
}

static bool init_merge_driver(const Config *config, Steps *steps, Error *err) {
    MergeDriverSetUp done;
    if (!merge_driver_set_up(config->root, &done, err))
        return false;
    if (done == MERGE_DRIVER_NOWHERE)
        log_say(LOG_NOTE, "no git repository here: run `schema-sync init` again after `git init`, so that "
                          "branches are merged by record");
    else
        step(steps, done == MERGE_DRIVER_WRITTEN, "merge driver");
    return true;
}

static bool init_hooks(const Invocation *invocation, HooksInstalled *hooks, Steps *steps, Error *err) {
    if (!option_given(invocation, "hooks"))
        return true;
    if (!sync_hooks_install(&invocation->config, hooks, err))
        return false;
    for (size_t i = 0; i < hooks->count; i++)
        step(steps, hooks->files[i].written, hooks->files[i].path);
    return true;
}

static bool run(const Invocation *invocation, Error *err) {
    const Config *config = &invocation->config;
    AUTO(HooksInstalled) hooks = { 0 };
    AUTO(Folder) root = { .fd = -1 };
    AUTO(Arena) arena = { 0 };
    Steps steps = { .written = json_array_builder(&arena), .kept = json_array_builder(&arena) };
    /* The hooks come first: what cannot have them is left as it was. */
    bool done = folder_open(&root, config->root, false, err) && repo_has_work_tree(config->root, err) &&
                init_hooks(invocation, &hooks, &steps, err) && init_config(config, &root, &steps, err) &&
                init_folder(config, &root, &steps, err) && init_attributes(config, &root, &steps, err) &&
                init_merge_driver(config, &steps, err);
    if (done && invocation->json) {
        JsonObjectBuilder object = report_begin(config, &arena);
        json_object_put(&object, "written", json_array_done(&steps.written));
        json_object_put(&object, "kept", json_array_done(&steps.kept));
        if (option_given(invocation, "hooks"))
            report_put_text(&object, "advice", hooks.advice);
        report_print(&object);
    } else if (done) {
        fputs(buf_text(&steps.text), stdout);
        fputs(hooks.advice ? hooks.advice : "", stdout);
        printf("next: put DIRECTUS_URL, DIRECTUS_TOKEN and DATABASE_URL into .env (and .env into "
               ".gitignore), then "
               "`schema-sync export`\n");
    }
    buf_free(&steps.text);
    return done;
}

const CommandRow command_init = {
    .name = "init",
    .summary = "config, state folder, .gitattributes, merge driver, hooks",
    .description =
        "Prepares a project: a schema-sync.json that explains itself, the state folder, "
        ".gitattributes lines that keep line ends as they are and have state files merged by "
        "record, and the merge driver in the repository's own git configuration. What is there "
        "already is kept. In a clone, which has all of it but the driver and the hooks, run it once.\n\n"
        "  cd my-project && schema-sync init --hooks",
    .arguments = "",
    .options = options,
    .needs = NEED_CONFIG,
    .run = run,
};
