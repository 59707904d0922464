#include "config/variables.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *joined(const char *folder, const char *name) {
    AUTO(Buf) path = { 0 };
    buf_printf(&path, "%s%s%s", folder, str_ends(folder, "/") ? "" : "/", name);
    return mem_strdup(buf_text(&path));
}

bool variables_load(Variables *variables, char *const *environ, const char *folder, Error *err) {
    static const char *const names[] = { ".env", ".env.directus" };
    variables->environ = environ;
    for (size_t i = 0; i < 2; i++) {
        variables->paths[i] = joined(folder, names[i]);
        if (!dotenv_read(variables->paths[i], &variables->files[i], err))
            return false;
    }
    return true;
}

static const char *from_environment(const Variables *variables, const char *name) {
    size_t length = strlen(name);
    for (char *const *entry = variables->environ; entry && *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}

Setting variables_get(const Variables *variables, const char *name, Arena *arena) {
    const char *text = from_environment(variables, name);
    if (text && *text)
        return (Setting){ text, arena_strdup(arena, name) };
    for (size_t i = 0; i < 2; i++) {
        text = dotenv_get(&variables->files[i], name);
        if (text && *text)
            return (Setting){ text, arena_printf(arena, "%s in %s", name, variables->paths[i]) };
    }
    return (Setting){ 0 };
}

void variables_each(const Variables *variables,
                    void (*visit)(void *visitor, const char *name, const char *value), void *visitor) {
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < variables->files[i].count; j++)
            visit(visitor, variables->files[i].entries[j].name, variables->files[i].entries[j].value);
    for (char *const *entry = variables->environ; entry && *entry; entry++) {
        AUTO(Buf) name = { 0 };
        const char *equals = strchr(*entry, '=');
        if (!equals)
            continue;
        buf_append(&name, *entry, (size_t)(equals - *entry));
        visit(visitor, buf_text(&name), equals + 1);
    }
}

bool variables_flag(const Variables *variables, const char *name, bool otherwise, bool *value, Error *err) {
    static const char *const words[] = { "false", "true", "0", "1", "no", "yes", "off", "on" };
    AUTO(Arena) arena = { 0 };
    Setting setting = variables_get(variables, name, &arena);
    *value = otherwise;
    if (!setting.text)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(setting.text, words[i]) == 0) {
            *value = i % 2 == 1;
            return true;
        }
    }
    error_set(err, ERR_CONFIG, "%s: must be true or false, not \"%s\"", setting.place, setting.text);
    return error_hint(err, "write true or false, or unset it");
}

void variables_free(Variables *variables) {
    for (size_t i = 0; i < 2; i++) {
        dotenv_free(&variables->files[i]);
        free(variables->paths[i]);
    }
    *variables = (Variables){ 0 };
}
