#include "cli/report.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/redact.h"
#include "model/canon.h"
#include "model/show.h"

void report_instance(const Config *config, Buf *out) {
    bool named = config->environment && *config->environment;
    if (named)
        buf_puts(out, config->environment);
    if (config->url)
        buf_printf(out, "%s%s", named ? " — " : "", config->url);
    if (!named && !config->url)
        buf_puts(out, "the instance");
}

void report_files(const Config *config, Buf *out) {
    enum { COMMIT = 40, SHOWN = 12 };
    const char *ref = config->ref ? config->ref : "";
    bool commit = strlen(ref) == COMMIT && strspn(ref, "0123456789abcdef") == COMMIT;
    buf_printf(out, "%.*s%s%s/", commit ? SHOWN : (int)strlen(ref), ref, *ref ? ":" : "", config->state_dir);
}

void report_hash(const char *hash, Buf *out) {
    buf_printf(out, "%.8s…", hash);
}

void report_count(uint64_t count, const char *singular, const char *plural, Buf *out) {
    buf_printf(out, "%llu %s", (unsigned long long)count, count == 1 ? singular : plural);
}

JsonObjectBuilder report_begin(const Config *config, Arena *arena) {
    JsonObjectBuilder object = json_object_builder(arena);
    report_put_text(&object, "environment", config->environment);
    report_put_text(&object, "url", config->url);
    report_put_text(&object, "dir", config->state_dir);
    if (config->ref)
        report_put_text(&object, "ref", config->ref);
    return object;
}

void report_put_text(JsonObjectBuilder *object, const char *key, const char *text) {
    json_object_put(object, key, text ? json_string(object->arena, text) : json_null());
}

void report_put_count(JsonObjectBuilder *object, const char *key, uint64_t count) {
    json_object_put(object, key, json_number((double)count));
}

void report_text(JsonObjectBuilder *object, Buf *out) {
    Json document = json_object_done(object);
    AUTO(Buf) text = { 0 };
    canon_pretty(&text, &document);
    show_json(out, &text);
    buf_putc(out, '\n');
}

void report_print(JsonObjectBuilder *object) {
    AUTO(Buf) text = { 0 };
    report_text(object, &text);
    report_put(&text);
}

void report_put(const Buf *text) {
    AUTO(Buf) shown = { 0 };
    redact_append(&shown, buf_text(text), text->length);
    (void)fwrite(buf_text(&shown), 1, shown.length, stdout);
}

bool report_is_left(void) {
    struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
    return ferror(stdout) && poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}
