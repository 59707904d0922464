#include "model/placeholder.h"

#include <string.h>

static bool is_name_byte(char byte, bool first) {
    return (byte >= 'A' && byte <= 'Z') || (!first && ((byte >= '0' && byte <= '9') || byte == '_'));
}

bool placeholder_is_name(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!is_name_byte(text[i], i == 0))
            return false;
    return length > 0;
}

/* "$…${NAME}": where it stands, how many '$' it begins with, and its name. */
typedef struct {
    size_t at, end, dollars;
    const char *name;
    size_t name_length;
} Form;

static bool form_at(const char *text, size_t length, size_t at, Form *form) {
    *form = (Form){ .at = at };
    while (at + form->dollars < length && text[at + form->dollars] == '$')
        form->dollars++;
    size_t name = at + form->dollars + 1, end = name;
    if (!form->dollars || name >= length || text[name - 1] != '{')
        return false;
    while (end < length && is_name_byte(text[end], end == name))
        end++;
    form->name = text + name;
    form->name_length = end - name;
    form->end = end + 1;
    return end > name && end < length && text[end] == '}';
}

/* The next form at or behind `from`: with `within` anywhere, else only the whole text. */
static bool next_form(const char *text, size_t length, size_t from, bool within, Form *form) {
    if (!within)
        return from == 0 && length > 3 && text[0] == '$' && form_at(text, length, 0, form) &&
               form->end == length;
    while (from < length) {
        const char *dollar = memchr(text + from, '$', length - from);
        if (!dollar)
            return false;
        from = (size_t)(dollar - text);
        if (form_at(text, length, from, form))
            return true;
        from += form->dollars;
    }
    return false;
}

bool placeholder_is_whole(const char *text, size_t length) {
    Form form;
    return next_form(text, length, 0, false, &form) && form.dollars == 1;
}

static const char *value_of(const Form *form, const ValueSource *source) {
    AUTO(Buf) name = { 0 };
    buf_append(&name, form->name, form->name_length);
    return source->look_up(source->context, buf_text(&name));
}

TextKind placeholder_fill(const char *text, size_t length, bool within, const ValueSource *source, Buf *out,
                          Buf *missing) {
    TextKind kind = TEXT_PLAIN;
    Form form;
    size_t copied = 0;
    for (size_t from = 0; next_form(text, length, from, within, &form); from = form.end) {
        buf_append(out, text + copied, form.at - copied);
        copied = form.end;
        const char *value = form.dollars == 1 ? value_of(&form, source) : NULL;
        if (form.dollars > 1) {
            buf_append(out, text + form.at + 1, form.end - form.at - 1);
            kind = kind < TEXT_ESCAPED ? TEXT_ESCAPED : kind;
        } else if (value) {
            buf_puts(out, value);
            kind = kind < TEXT_FILLED ? TEXT_FILLED : kind;
        } else {
            kind = TEXT_MISSING;
            if (missing) {
                buf_append(missing, form.name, form.name_length);
                buf_putc(missing, '\n');
            }
        }
    }
    if (kind != TEXT_PLAIN)
        buf_append(out, text + copied, length - copied);
    return kind;
}

bool placeholder_escape(const char *text, size_t length, bool within, Buf *out) {
    Form form;
    size_t copied = 0;
    bool any = false;
    for (size_t from = 0; next_form(text, length, from, within, &form); from = form.end) {
        buf_append(out, text + copied, form.at - copied);
        buf_putc(out, '$');
        copied = form.at;
        any = true;
    }
    if (any)
        buf_append(out, text + copied, length - copied);
    return any;
}
