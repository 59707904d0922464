#include "model/secret_scan.h"

#include <string.h>

#include "base/str.h"
#include "model/secret_shapes.h"

enum {
    TOKEN = BYTE_WORD | BYTE_BASE64,
    SHORTEST_TEXT = 8,   /* nothing shorter is looked at */
    SHORTEST_TOKEN = 16, /* no known shape has only shorter parts, and chance needs 20 */
    SHORTEST_VALUE = 8,
    UUID = 36,
};

typedef struct {
    const char *text;
    size_t length;
    bool shapes_only;
    const char *name; /* looked at only where it matters: most texts are told without it */
    size_t quiet;     /* up to here chance is not looked for: an address, encoded data, a certificate */
    SecretFinding *found;
} Scan;

static bool finding(Scan *scan, const char *kind, size_t at, size_t length) {
    *scan->found = (SecretFinding){ .kind = kind, .at = at, .length = length };
    return true;
}

/* ---- names ---- */

/* A name as it is compared: letters and digits, lower-case. Of a long one its end. */
typedef struct {
    char text[64];
    size_t length;
} Name;

static Name name_of(const char *text, size_t length) {
    Name name = { 0 };
    size_t from = length > sizeof name.text - 1 ? length - (sizeof name.text - 1) : 0;
    for (size_t i = from; i < length; i++)
        if (is_class(text[i], BYTE_ALNUM))
            name.text[name.length++] = is_class(text[i], BYTE_UPPER) ? (char)(text[i] + 32) : text[i];
    return name;
}

static bool ends_with_one(const Name *name, const char *const *endings) {
    for (; *endings; endings++)
        if (str_ends(name->text, *endings))
            return true;
    return false;
}

static bool names_password(const Name *name) {
    static const char *const endings[] = { "password", "passwd", "passphrase", "pwd", "passwort", NULL };
    return ends_with_one(name, endings);
}

static bool names_secret(const Name *name) {
    static const char *const endings[] = { "secret",     "token",      "apikey",        "accesskey",
                                           "privatekey", "authkey",    "signingkey",    "encryptionkey",
                                           "secretkey",  "credential", "authorization", "accountkey",
                                           "masterkey",  "sharedkey",  "credentials",   NULL };
    static const char *const whole[] = { "auth", "pass", "pat", "jwt", "bearer" };
    if (name->length == 0)
        return false;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strcmp(name->text, whole[i]) == 0)
            return true;
    return names_password(name) || ends_with_one(name, endings);
}

/* Nothing is made of an id's or a hash's looking random. */
static bool names_hash(const Name *name) {
    static const char *const endings[] = { "id",     "ids",         "hash",   "checksum",  "sha",
                                           "sha1",   "sha256",      "sha512", "md5",       "etag",
                                           "digest", "svg",         "commit", "integrity", "revision",
                                           "uuid",   "fingerprint", "guid",   "icon",      "filename",
                                           "path",   "slug",        "color",  NULL };
    return name->length > 0 && ends_with_one(name, endings);
}

/* ---- values ---- */

bool secret_is_reference(const char *text, size_t length) {
    while (length && text[0] == ' ')
        text++, length--;
    while (length && text[length - 1] == ' ')
        length--;
    if (length < 2)
        return false;
    if (length > 4 && memcmp(text, "{{", 2) == 0 && memcmp(text + length - 2, "}}", 2) == 0)
        return true;
    if (memcmp(text, "${", 2) == 0 && text[length - 1] == '}')
        return true;
    size_t name = 1;
    while (name < length && (is_class(text[name], BYTE_WORD | BYTE_DOT) || strchr("[]", text[name])))
        name++;
    return text[0] == '$' && name == length;
}

static bool holds(const char *text, size_t length, const char *part) {
    return memmem(text, length, part, strlen(part)) != NULL;
}

static bool has_template(const char *text, size_t length) {
    return holds(text, length, "{{") || holds(text, length, "${") || holds(text, length, "<%") ||
           secret_is_reference(text, length);
}

static bool is_uuid(const char *text, size_t length) {
    if (length < UUID)
        return false;
    for (size_t i = 0; i < UUID; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_class(text[i], BYTE_HEX))
            return false;
    }
    return true;
}

/* "user_token_2": what a program calls something. */
static bool is_identifier(const char *text, size_t length) {
    size_t letters = class_run(text, length, 0, BYTE_UPPER | BYTE_LOWER | BYTE_JOINER | BYTE_DOT);
    return letters > 0 && length - letters <= 2 &&
           letters + class_run(text, length, letters, BYTE_DIGIT) == length;
}

/* Letters and digits, or letters of both cases and a symbol: what a password is made of and a word is not. */
static bool is_mixed(const char *text, size_t length) {
    bool upper = false, lower = false, digit = false, symbol = false;
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] <= ' ' || text[i] == '<' || text[i] == '(' || text[i] == ')')
            return false;
        upper |= is_class(text[i], BYTE_UPPER);
        lower |= is_class(text[i], BYTE_LOWER);
        digit |= is_class(text[i], BYTE_DIGIT);
        symbol |= !is_class(text[i], BYTE_WORD | BYTE_DOT);
    }
    return (digit && (upper || lower)) || (upper && lower && symbol);
}

/* Something that could be a password or a key: a word, a date or a path could not. */
static bool is_opaque(const char *text, size_t length, bool password) {
    enum { LONGEST = 512 };
    return length >= SHORTEST_VALUE && length <= LONGEST && is_mixed(text, length) && text[0] != '/' &&
           !holds(text, length, "://") && !has_template(text, length) && !is_uuid(text, length) &&
           (password || !is_identifier(text, length)) && !looks_like_example(text, length);
}

static size_t base64_value(char byte) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = byte ? strchr(letters, byte) : NULL;
    return at ? (size_t)(at - letters) : 64;
}

/* "Basic …": Base64 of user and password with a colon between them. */
static bool is_basic(const char *text, size_t length) {
    size_t bits = 0, count = 0;
    bool colon = false;
    for (size_t i = 0; i < length && text[i] != '='; i++) {
        size_t value = base64_value(text[i]);
        if (value == 64)
            return false;
        bits = (bits << 6 | value) & 0xFFFFFF;
        count += 6;
        if (count >= 8) {
            count -= 8;
            size_t byte = bits >> count & 0xFF;
            if (byte < ' ' && !colon)
                return false;
            colon |= byte == ':';
        }
    }
    return colon && length >= SHORTEST_VALUE;
}

/* ---- addresses ---- */

static size_t url_end(const Scan *scan, size_t at) {
    while (at < scan->length && (unsigned char)scan->text[at] > ' ' && !strchr("\"'`<>\\|^", scan->text[at]))
        at++;
    return at;
}

/* https://user:password@host, https://token@host */
static bool credentials_at(Scan *scan, size_t start, size_t end) {
    const char *text = scan->text + start;
    size_t authority = 0;
    while (start + authority < end && !strchr("/?#", text[authority]))
        authority++;
    const char *at = memrchr(text, '@', authority);
    if (!at)
        return false;
    size_t length = (size_t)(at - text);
    const char *colon = memchr(text, ':', length);
    const char *password = colon ? colon + 1 : text;
    size_t rest = length - (size_t)(password - text);
    if (rest == 0 || has_template(password, rest) || looks_like_example(password, rest) ||
        strspn(password, "*") >= rest || (!colon && rest < SHORTEST_TOKEN))
        return false;
    return finding(scan, colon ? "URL with a password" : "URL with a token", start, length);
}

/* ?access_token=…&sig=… */
static bool parameters_at(Scan *scan, size_t start, size_t end) {
    const char *text = scan->text;
    const char *query = memchr(text + start, '?', end - start);
    for (size_t at = query ? (size_t)(query - text) + 1 : end; at < end;) {
        size_t name = at, value = at, stop;
        while (value < end && text[value] != '=' && text[value] != '&')
            value++;
        stop = value;
        while (stop < end && text[stop] != '&' && text[stop] != '#')
            stop++;
        Name called = name_of(text + name, value - name);
        bool secret = names_secret(&called) || strcmp(called.text, "sig") == 0 ||
                      strcmp(called.text, "signature") == 0 || strcmp(called.text, "key") == 0 ||
                      strcmp(called.text, "code") == 0;
        if (value < stop && secret && is_opaque(text + value + 1, stop - value - 1, false))
            return finding(scan, "URL with a secret parameter", value + 1, stop - value - 1);
        at = stop + 1;
    }
    return false;
}

/* …/hooks/<token>: whoever knows the address may use it. */
static bool hook_at(Scan *scan, size_t start, size_t end) {
    const char *hook = memmem(scan->text + start, end - start, "hook", 4);
    for (size_t at = hook ? (size_t)(hook - scan->text) : end; at < end;) {
        size_t run = class_run(scan->text, end, at, BYTE_WORD);
        size_t letters = class_run(scan->text, end, at, BYTE_ALNUM);
        bool key = letters >= 20 && class_run(scan->text, end, at, BYTE_LOWER | BYTE_UPPER) < letters;
        if (!is_uuid(scan->text + at, run) && (key || looks_random(scan->text + at, run)))
            return finding(scan, "webhook address", start, end - start);
        at += run + 1;
    }
    return false;
}

/* `at` is behind "://". */
static bool url_at(Scan *scan, size_t at) {
    size_t end = url_end(scan, at);
    if (webhook_at(scan->text, scan->length, at, scan->found))
        return true;
    scan->quiet = end > scan->quiet ? end : scan->quiet;
    return !scan->shapes_only &&
           (credentials_at(scan, at, end) || parameters_at(scan, at, end) || hook_at(scan, at, end));
}

/* ---- keys ---- */

/* -----BEGIN …: a private key, or a block that is public and passed over. */
static bool pem_at(Scan *scan, size_t start) {
    enum { HEAD = 64 };
    size_t left = scan->length - start, head = left < HEAD ? left : HEAD;
    if (holds(scan->text + start, head, "PRIVATE KEY"))
        return finding(scan, "private key", start, left);
    const char *end = memmem(scan->text + start, left, "-----END", 8);
    scan->quiet = end ? (size_t)(end - scan->text) : scan->length;
    return false;
}

/* ---- tokens ---- */

static bool follows(const Scan *scan, size_t at, const char *before) {
    size_t length = strlen(before);
    return at >= length && memcmp(scan->text + at - length, before, length) == 0;
}

/* Where the parts begin that a token is made of with dots: "hvs." and "dp.pt." are shorter than what is
 * looked at. */
static size_t dotted_start(const Scan *scan, size_t start) {
    enum { FARTHEST = 26 };
    size_t at = start;
    while (at > 0 && start - at < FARTHEST &&
           (is_class(scan->text[at - 1], BYTE_WORD | BYTE_DOT) || strchr("$:", scan->text[at - 1])))
        at--;
    return at;
}

/* Behind what an escape is written with ("\\n", "\\u0009", "%3D"): texts are also looked at as JSON, a script
 * or an address has them. */
static bool behind_escape(const char *text, size_t at) {
    return (at >= 2 && text[at - 2] == '\\' && strchr("bfnrt", text[at - 1])) ||
           (at >= 6 && text[at - 6] == '\\' && text[at - 5] == 'u') ||
           (at >= 3 && text[at - 3] == '%' && is_class(text[at - 2], BYTE_HEX) &&
            is_class(text[at - 1], BYTE_HEX));
}

static bool begins_at(const char *text, size_t at) {
    return is_class(text[at], BYTE_ALNUM) &&
           (at == 0 || !is_class(text[at - 1], BYTE_ALNUM) || behind_escape(text, at));
}

static bool known_shape(Scan *scan, size_t start, size_t end) {
    const char *text = scan->text;
    for (size_t at = dotted_start(scan, start); at < end; at++)
        if (begins_at(text, at) && shape_at(text, scan->length, at, scan->found) &&
            scan->found->at + scan->found->length > start)
            return true;
    return false;
}

static bool is_public(const char *text, size_t length) {
    static const char *const starts[] = { "AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2VjZHNh",
                                          "sha256-",     "sha384-",     "sha512-" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (length > strlen(starts[i]) && memcmp(text, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static bool random_part(Scan *scan, size_t start, size_t end) {
    const char *text = scan->text;
    while (start < end && is_class(text[start], BYTE_JOINER | BYTE_BASE64))
        start++;
    while (end > start && is_class(text[end - 1], BYTE_JOINER | BYTE_BASE64))
        end--;
    if (is_public(text + start, end - start))
        return false;
    if (looks_random(text + start, end - start))
        return finding(scan, "random-looking string", start, end - start);
    for (size_t at = start; at < end;) {
        size_t run = class_run(text, end, at, BYTE_ALNUM);
        if (run < end - start && looks_random(text + at, run))
            return finding(scan, "random-looking string", at, run);
        at += run + 1;
    }
    return false;
}

/* uuids and what stands before '=' part a token: each part is looked at by itself. */
static bool random_token(Scan *scan, size_t start, size_t end) {
    size_t part = start;
    for (size_t at = start; at < end; at++) {
        bool uuid = is_uuid(scan->text + at, end - at);
        if (!uuid && (scan->text[at] != '=' || at + 2 >= end))
            continue;
        if (random_part(scan, part, at))
            return true;
        at += uuid ? UUID - 1 : 0;
        part = at + 1;
    }
    return random_part(scan, part, end);
}

static bool called_hash(const Scan *scan) {
    Name name = scan->name ? name_of(scan->name, strlen(scan->name)) : (Name){ 0 };
    return names_hash(&name);
}

/* Password=…; as connection strings have it. */
static bool assigned_plainly(Scan *scan, size_t start, size_t end) {
    const char *equals = memchr(scan->text + start, '=', end - start);
    if (!equals || (end < scan->length && strchr("(.[", scan->text[end])))
        return false;
    size_t at = (size_t)(equals - scan->text);
    Name name = name_of(scan->text + start, at - start);
    return names_secret(&name) && is_opaque(equals + 1, end - at - 1, false) &&
           finding(scan, "secret in an assignment", at + 1, end - at - 1);
}

static bool after_scheme(Scan *scan, size_t start, size_t end) {
    size_t run = class_run(scan->text, scan->length, start, TOKEN | BYTE_DOT);
    if ((follows(scan, start, "Basic ") || follows(scan, start, "basic ")) &&
        is_basic(scan->text + start, end - start))
        return finding(scan, "Authorization header", start, end - start);
    return (follows(scan, start, "Bearer ") || follows(scan, start, "bearer ")) && run >= 12 &&
           is_opaque(scan->text + start, run, false) && finding(scan, "Authorization header", start, run);
}

static bool token_at(Scan *scan, size_t start, size_t end) {
    enum { BEGIN = sizeof "-----BEGIN" - 1 };
    if (end - start >= BEGIN && follows(scan, end, "-----BEGIN")) /* a space follows */
        return pem_at(scan, end - BEGIN);
    if (!scan->shapes_only && after_scheme(scan, start, end))
        return true;
    bool uuid = end - start == UUID && is_uuid(scan->text + start, UUID);
    if (end - start < SHORTEST_TOKEN || uuid || follows(scan, start, ";base64,"))
        return false;
    if (known_shape(scan, start, end))
        return true;
    if (scan->shapes_only || start < scan->quiet)
        return false;
    return assigned_plainly(scan, start, end) || (random_token(scan, start, end) && !called_hash(scan));
}

/* ---- assignments in scripts and in JSON within a text ---- */

/* token: "…", "token":"…", token = '…'; `quote` is where the value opens. */
static bool assigned_at(Scan *scan, size_t quote) {
    enum { LONGEST = 256 };
    const char *text = scan->text;
    size_t at = quote;
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\\'))
        at--;
    if (at == 0 || (text[at - 1] != ':' && text[at - 1] != '='))
        return false;
    at--;
    while (at > 0 && strchr(" \"'\\]", text[at - 1]))
        at--;
    size_t name = at;
    while (name > 0 && is_class(text[name - 1], BYTE_WORD))
        name--;
    Name called = name_of(text + name, at - name);
    if (!names_secret(&called))
        return false;
    size_t end = quote + 1;
    while (end < scan->length && end - quote < LONGEST && text[end] != text[quote] && text[end] != '\\')
        end++;
    return end < scan->length && is_opaque(text + quote + 1, end - quote - 1, names_password(&called)) &&
           finding(scan, "secret in an assignment", quote + 1, end - quote - 1);
}

/* ---- the whole ---- */

/* A value under a name that says so; of a header what is behind its scheme. */
static bool named_value(Scan *scan) {
    const char *space = memchr(scan->text, ' ', scan->length);
    size_t start = space ? (size_t)(space - scan->text) + 1 : 0;
    if (!scan->name || !is_mixed(scan->text + start, scan->length - start))
        return false;
    Name name = name_of(scan->name, strlen(scan->name));
    bool header = strstr(name.text, "authorization") != NULL, password = header || names_password(&name);
    if ((space && !header) || !names_secret(&name) ||
        !is_opaque(scan->text + start, scan->length - start, password))
        return false;
    return finding(scan, header ? "Authorization header" : "value of a secret", start, scan->length - start);
}

/* One pass: runs of token letters are looked at when they end, addresses and quotes where they begin. */
static bool walk(Scan *scan) {
    const char *text = scan->text;
    size_t run = 0;
    for (size_t i = 0; i <= scan->length; i++) {
        if (i < scan->length && is_class(text[i], TOKEN)) {
            run++;
            continue;
        }
        if (run >= SHORTEST_TEXT && token_at(scan, i - run, i))
            return true;
        run = 0;
        if (i == scan->length)
            break;
        if (text[i] == ':' && scan->length - i > 4 && text[i + 1] == '/' && text[i + 2] == '/') {
            if (url_at(scan, i + 3))
                return true;
        } else if (!scan->shapes_only && (text[i] == '"' || text[i] == '\'' || text[i] == '`') &&
                   assigned_at(scan, i)) {
            return true;
        }
    }
    return false;
}

bool secret_scan(const char *text, size_t length, const char *name, SecretFinding *found) {
    if (length < SHORTEST_TEXT || (length == UUID && is_uuid(text, length)))
        return false;
    Scan scan = { .text = text, .length = length, .name = name, .found = found };
    return walk(&scan) || named_value(&scan);
}

bool secret_scan_shapes(const char *text, size_t length, SecretFinding *found) {
    Scan scan = { .text = text, .length = length, .shapes_only = true, .found = found };
    return length >= SHORTEST_TOKEN && walk(&scan);
}
