#include "sync/hooks_install.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "repo/hooks_dir.h"
#include "sync/hook_scripts.h"

static const struct {
    const char *name, *text;
    const char *arguments; /* as git hands them on */
} hooks[HOOK_FILES] = {
    { "pre-commit", hook_pre_commit, "" },
    { "post-merge", hook_post_merge, " \"$@\"" },
    { "post-checkout", hook_post_checkout, " \"$@\"" },
};

/* ---- scripts ---- */

/* This program, for a hook that is run without the user's PATH: by an editor, say. */
static const char *own_path(Arena *arena) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    return length > 0 ? arena_strndup(arena, path, (size_t)length) : "schema-sync";
}

/* The text with what stands between the first `from` and the next `to` replaced. */
static void put_between(const char *text, const char *from, const char *to, const char *value, Buf *out) {
    const char *begin = strstr(text, from), *end = begin ? strstr(begin + strlen(from), to) : NULL;
    if (!end) {
        buf_puts(out, text);
        return;
    }
    buf_append(out, text, (size_t)(begin - text) + strlen(from));
    buf_puts(out, value);
    buf_puts(out, end);
}

static void put_script(const char *text, const HooksDir *dir, Buf *out) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) half = { 0 };
    put_between(text, "\nfallback=", "\n", str_shell_word(&arena, own_path(&arena)), &half);
    put_between(buf_text(&half), "\nfor project in ", "; do\n", str_shell_word(&arena, dir->project), out);
}

static bool is_ours(const Buf *text) {
    return str_starts(buf_text(text), "#!/bin/sh\n# schema-sync ");
}

/* False: the script serves the project already. */
static bool add_project(const Buf *old, const HooksDir *dir, Buf *out) {
    AUTO(Arena) arena = { 0 };
    static const char from[] = "\nfor project in ", to[] = "; do\n";
    const char *begin = strstr(buf_text(old), from), *end = begin ? strstr(begin, to) : NULL;
    if (!end)
        return false;
    begin += strlen(from);
    const char *list = arena_printf(&arena, " %.*s ", (int)(end - begin), begin);
    const char *word = str_shell_word(&arena, dir->project);
    if (strstr(list, arena_printf(&arena, " %s ", word)))
        return false;
    put_between(buf_text(old), from, to, arena_printf(&arena, "%.*s %s", (int)(end - begin), begin, word),
                out);
    return true;
}

static bool install_one(const HooksDir *dir, size_t which, HooksInstalled *result, Error *err) {
    AUTO(Buf) old = { 0 };
    AUTO(Buf) text = { 0 };
    bool found;
    HookFile *file = &result->files[result->count++];
    file->path = arena_printf(&result->arena, "%s/%s", dir->path, hooks[which].name);
    if (!hooks_dir_read(dir, hooks[which].name, &old, &found, err))
        return false;
    bool ours = found && is_ours(&old);
    if (ours && !add_project(&old, dir, &text))
        return true;
    if (!ours)
        put_script(hooks[which].text, dir, &text);
    file->written = true;
    return hooks_dir_write(dir, hooks[which].name, &text, ours, err);
}

/* ---- advice ---- */

static const char *command_line(const HooksDir *dir, size_t which, Arena *arena) {
    if (strcmp(dir->project, ".") == 0)
        return arena_printf(arena, "schema-sync hook %s", hooks[which].name);
    return arena_printf(arena, "schema-sync --config %s/schema-sync.json hook %s",
                        str_shell_word(arena, dir->project), hooks[which].name);
}

/* Whether a file of another program's calls us for this hook. */
static bool calls_us(const HooksDir *dir, const char *path, size_t which) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    Error ignored = { 0 };
    bool found = false;
    return file_read(path, 0, &text, &found, &ignored) && found &&
           strstr(buf_text(&text), command_line(dir, which, &arena));
}

static void advise_yaml(const HooksDir *dir, Buf *out) {
    AUTO(Arena) arena = { 0 };
    buf_printf(out, "pre-commit (3.2 or newer) keeps this repository's hooks: add to %s\n\n", dir->path);
    buf_puts(out, "  - repo: local\n    hooks:\n");
    for (size_t i = 0; i < HOOK_FILES; i++)
        buf_printf(out,
                   "      - { id: schema-sync-%s, name: schema-sync, entry: %s, language: system, "
                   "always_run: true, pass_filenames: false, verbose: true, stages: [%s] }\n",
                   hooks[i].name, command_line(dir, i, &arena), hooks[i].name);
    buf_puts(out, "\nand run `pre-commit install -t pre-commit -t post-merge -t post-checkout`\n");
}

static void advise_shell(const HooksDir *dir, Buf *out) {
    static const char *const who[] = {
        [HOOKS_VERSIONED] = "core.hooksPath names a folder that is committed",
        [HOOKS_ELSEWHERE] = "core.hooksPath names a folder outside of this repository",
        [HOOKS_HUSKY] = "husky keeps this repository's hooks",
    };
    AUTO(Arena) arena = { 0 };
    buf_printf(out, "%s: add a line to each\n", who[dir->keeper]);
    for (size_t i = 0; i < HOOK_FILES; i++)
        buf_printf(out, "  %s/%s: %s%s\n", dir->path, hooks[i].name, command_line(dir, i, &arena),
                   hooks[i].arguments);
}

static void advise(const HooksDir *dir, HooksInstalled *result) {
    AUTO(Buf) out = { 0 };
    bool yaml = dir->keeper == HOOKS_PRE_COMMIT, complete = true;
    for (size_t i = 0; i < HOOK_FILES; i++) {
        const char *path = yaml ? dir->path : arena_printf(&result->arena, "%s/%s", dir->path, hooks[i].name);
        bool calls = calls_us(dir, path, i);
        complete &= calls;
        if (calls && (!yaml || i == 0))
            result->files[result->count++] = (HookFile){ .path = arena_strdup(&result->arena, path) };
    }
    if (complete)
        return;
    (yaml ? advise_yaml : advise_shell)(dir, &out);
    result->advice = arena_strdup(&result->arena, buf_text(&out));
}

bool sync_hooks_install(const Config *config, HooksInstalled *result, Error *err) {
    AUTO(HooksDir) dir = { 0 };
    if (!hooks_dir_find(config->root, &dir, err))
        return false;
    if (dir.keeper != HOOKS_FREE) {
        advise(&dir, result);
        return true;
    }
    for (size_t i = 0; i < HOOK_FILES; i++)
        if (!install_one(&dir, i, result, err))
            return false;
    return true;
}

void hooks_installed_free(HooksInstalled *result) {
    arena_free(&result->arena);
    *result = (HooksInstalled){ 0 };
}
