/* What placeholders stand for. */
#include <ctype.h>
#include <string.h>

#include "config/config.h"
#include "model/placeholder.h"

/* "PROD_" of the environment "prod"; nothing of the default one. */
static void put_prefix(const Config *config, Buf *out) {
    for (const char *at = config->environment; *at; at++)
        buf_putc(out, *at == '-' ? '_' : (char)toupper((unsigned char)*at));
    if (out->length)
        buf_putc(out, '_');
}

const char *config_value(const Config *config, const char *name) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) own = { 0 };
    for (size_t i = 0; i < config->withheld_count; i++)
        if (strcmp(config->withheld[i].name, name) == 0)
            return config->withheld[i].value;
    put_prefix(config, &own);
    size_t prefix = own.length;
    buf_puts(&own, name);
    Setting setting = { 0 };
    if (prefix)
        setting = variables_get(&config->variables, buf_text(&own), &arena);
    if (!setting.text)
        setting = variables_get(&config->variables, name, &arena);
    return setting.text;
}

/* What reaches the target belongs to this program, and differs between environments by its name already. */
static bool reaches_target(const char *name) {
    static const char *const endings[] = { "DIRECTUS_URL",      "DIRECTUS_TOKEN", "DIRECTUS_EMAIL",
                                           "DIRECTUS_PASSWORD", "DATABASE_URL",   "ADMIN_TOKEN",
                                           "ADMIN_PASSWORD",    "DB_PASSWORD",    "DB_CONNECTION_STRING" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_ends(name, endings[i]))
            return true;
    return str_starts(name, "SCHEMA_SYNC_");
}

typedef struct {
    const Config *config;
    const char *prefix;
    void (*visit)(void *visitor, const char *name, const char *value);
    void *visitor;
} Visiting;

static void visit_one(void *context, const char *name, const char *value) {
    enum { SHORTEST = 8 };
    const Visiting *visiting = context;
    size_t prefix = strlen(visiting->prefix);
    const char *plain = prefix && str_starts(name, visiting->prefix) ? name + prefix : name;
    if (strlen(value) < SHORTEST || reaches_target(name) || !placeholder_is_name(plain, strlen(plain)) ||
        !str_equal(config_value(visiting->config, plain), value))
        return;
    visiting->visit(visiting->visitor, plain, value);
}

void config_each_value(const Config *config,
                       void (*visit)(void *visitor, const char *name, const char *value), void *visitor) {
    AUTO(Buf) prefix = { 0 };
    put_prefix(config, &prefix);
    Visiting visiting = { config, buf_text(&prefix), visit, visitor };
    variables_each(&config->variables, visit_one, &visiting);
}
