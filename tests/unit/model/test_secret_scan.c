/*
 * Secrets planted in texts as people write them, and texts that only look like it. Every secret is drawn by a
 * seeded generator: none of them ever opened anything.
 */
#include "unit/unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "model/secret_scan.h"

/* ---- drawing ---- */

static uint64_t seed;

static unsigned draw(unsigned below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 11) % below);
}

#define UPPER   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER   "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"
#define ALNUM   UPPER LOWER DIGITS
#define HEX     "0123456789abcdef"
#define BASE64  ALNUM "+/"
#define URLSAFE ALNUM "-_"

/*
 * A pattern stands for a secret: <U16> is 16 letters of a set (U: A-Z 2-7, A: letters and digits, L:
 * lower-case ones and digits, H: hexadecimal, D: digits, B: Base64, W: Base64 for URLs); all else is itself.
 */
static const char *set_of(char name) {
    switch (name) {
    case 'U':
        return UPPER "234567";
    case 'L':
        return LOWER DIGITS;
    case 'H':
        return HEX;
    case 'D':
        return DIGITS;
    case 'B':
        return BASE64;
    case 'W':
        return URLSAFE;
    default:
        return ALNUM;
    }
}

static void put_pattern(Buf *out, const char *pattern) {
    while (*pattern) {
        if (*pattern != '<') {
            buf_putc(out, *pattern++);
            continue;
        }
        const char *set = set_of(pattern[1]);
        char *end;
        unsigned long count = strtoul(pattern + 2, &end, 10);
        for (size_t size = strlen(set); count > 0; count--)
            buf_putc(out, set[draw((unsigned)size)]);
        pattern = end + 1;
    }
}

/* ---- what is planted ---- */

typedef struct {
    const char *class;
    const char *patterns[24];
} Planted;

/* The formats the services document; ten of each pattern or more, 500 in all. */
static const Planted planted[] = {
    { "cloud keys",
      { "AKIA<U16>", "ASIA<U16>", "<B40>", "AIza<W35>", "GOCSPX-<W28>", "ya29.<W60>", "<B86>==",
        "DefaultEndpointsProtocol=https;AccountName=files;AccountKey=<B86>==;EndpointSuffix=core.windows.net",
        "<A3>8Q~<A34>", "dop_v1_<H64>", "LTAI<A20>", "dapi<H32>", "hvs.<W90>", "fo1_<W43>" } },
    { "forge tokens",
      { "ghp_<A36>", "gho_<A36>", "ghs_<A36>", "github_pat_<A22>_<A59>", "glpat-<W20>", "gldt-<W20>",
        "glrt-<W20>", "ATBB<A32>", "npm_<A36>", "pypi-AgEIcHlwaS5vcmc<W120>", "dckr_pat_<W27>",
        "rubygems_<H48>" } },
    { "chat webhooks and tokens",
      { "https://hooks.slack.com/services/T<U8>/B<U8>/<A24>", "https://discord.com/api/webhooks/<D18>/<W68>",
        "https://acme.webhook.office.com/webhookb2/<H8>-<H4>-<H4>-<H4>-<H12>@<H8>/IncomingWebhook/<H32>/<H8>",
        "https://chat.googleapis.com/v1/spaces/AAAA<W7>/messages?key=AIza<W35>&token=<W43>",
        "https://chat.example.com/hooks/<L26>", "xoxb-<D12>-<D12>-<A24>", "xoxp-<D12>-<D12>-<D12>-<H32>",
        "https://api.telegram.org/bot<D10>:AA<W33>/sendMessage", "<D10>:AA<W33>",
        "https://hooks.zapier.com/hooks/catch/<D7>/<L7>/" } },
    { "payment and API keys", { "sk_live_<A24>",
                                "rk_live_<A24>",
                                "sk_test_<A24>",
                                "whsec_<A32>",
                                "SG.<W22>.<W43>",
                                "key-<H32>",
                                "sk-ant-api03-<W93>AA",
                                "sk-proj-<W48>",
                                "sk-<A48>",
                                "hf_<A34>",
                                "shpat_<H32>",
                                "SK<H32>",
                                "xkeysib-<H64>-<A16>",
                                "EAAA<W60>",
                                "sq0csp-<W43>",
                                "glsa_<A32>_<H8>",
                                "lin_api_<A40>",
                                "secret_<A43>",
                                "pat<A14>.<H64>",
                                "NRAK-<U27>",
                                "live_<A30>",
                                "figd_<W43>" } },
    { "JSON web tokens",
      { "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI<W40>.<W43>",
        "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ<W90>.<W342>" } },
    { "PEM blocks",
      { "-----BEGIN RSA PRIVATE KEY-----\n<B64>\n<B64>\n<B64>\n<B40>==\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\\n<B64>\\n<B64>\\n-----END PRIVATE KEY-----\\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n<B70>\n<B70>\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----\n<B64>\n<B64>=\n-----END EC PRIVATE KEY-----\n" } },
    { "URLs with passwords",
      { "postgres://directus:<A16>@db.internal:5432/cms",
        "https://deploy:<A12>@git.example.com/acme/site.git", "redis://:<H32>@cache:6379/0",
        "amqp://user:<L10>@mq/vhost", "https://oauth2:<W20>@example.com/x",
        "mongodb+srv://app:<A14>@cluster0.example.net/?retryWrites=true", "https://<H32>@api.example.com/v1",
        "https://api.example.com/v1/things?page=2&api_key=<A24>",
        "https://example.com/feed?access_token=<A30>&lang=en" } },
    { "Authorization headers",
      { "Bearer <A32>", "Basic dXNlcjp<A4>MTIzNA==", "Bearer <W43>", "Bearer <H40>" } },
    { "random hex", { "<H32>", "<H40>", "<H48>", "<H64>", "<H128>" } },
    { "random base64",
      { "<B24>", "<B32>", "<B44>", "<B43>=", "<W32>", "<W43>", "<A32>", "<A24>", "<L32>", "<W64>" } },
};

/* Where a secret stands: alone, in a script, in JSON within a text. */
static const char *const settings[][2] = {
    { "", "" },
    { "", "" },
    { "module.exports = async function (data) {\n\tconst key = '",
      "';\n\treturn fetch(data.url, { key });\n};" },
    { "{\"service\":{\"value\":\"", "\"}}" },
};

static void finds_planted(void **state) {
    (void)state;
    enum { EACH = 50, CLASSES = sizeof planted / sizeof *planted };
    size_t hits = 0, total = 0;
    seed = 20250711;
    for (size_t class = 0; class < CLASSES; class ++) {
        size_t patterns = 0, found_here = 0;
        while (patterns < 24 && planted[class].patterns[patterns])
            patterns++;
        for (size_t i = 0; i < EACH; i++) {
            AUTO(Buf) text = { 0 };
            const char *const *setting = settings[draw(4)];
            SecretFinding found;
            buf_puts(&text, setting[0]);
            put_pattern(&text, planted[class].patterns[i % patterns]);
            buf_puts(&text, setting[1]);
            bool hit = secret_scan(buf_text(&text), text.length, "value", &found);
            found_here += hit;
            if (!hit)
                print_message("    missed (%s): %.120s\n", planted[class].class, buf_text(&text));
        }
        print_message("  %-26s %3zu of %d\n", planted[class].class, found_here, EACH);
        hits += found_here;
        total += EACH;
    }
    print_message("  planted secrets found: %zu of %zu (%.1f %%)\n", hits, total,
                  100.0 * (double)hits / (double)total);
    assert_int_equal(total, 500);
    assert_true(hits * 100 >= total * 99);
}

/* Every pattern many times over: how sure the random classes are. */
static void finds_random(void **state) {
    (void)state;
    enum { EACH = 2000 };
    static const char *const patterns[] = { "<H32>", "<H64>", "<B24>", "<B32>", "<B44>",
                                            "<W43>", "<A24>", "<A32>", "<L32>" };
    seed = 7;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        size_t hits = 0;
        for (size_t j = 0; j < EACH; j++) {
            AUTO(Buf) text = { 0 };
            SecretFinding found;
            put_pattern(&text, patterns[i]);
            hits += secret_scan(buf_text(&text), text.length, NULL, &found);
        }
        print_message("  %-8s %.2f %%\n", patterns[i], 100.0 * (double)hits / EACH);
        assert_true(hits * 100 >= (size_t)EACH * 97);
    }
}

/* ---- what is found ---- */

static void names_what_it_found(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *kind, *part;
    } cases[] = {
        { NULL, "use ghp_0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM here", "GitHub token",
          "ghp_0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM" },
        { NULL, "postgres://me:s3cr3tword@db/x", "URL with a password", "me:s3cr3tword" },
        { NULL, "https://x.test/?a=1&token=f00ba4b4z", "URL with a secret parameter", "f00ba4b4z" },
        { "Authorization", "Bearer hunter2hunter", "Authorization header", "hunter2hunter" },
        { "authorization", "Basic dXNlcjpwYXNzd29yZDE=", "Authorization header", "dXNlcjpwYXNzd29yZDE=" },
        { "X-Api-Key", "s3ns1bl3!", "value of a secret", "s3ns1bl3!" },
        { "smtp_password", "hunter22", "value of a secret", "hunter22" },
        { NULL, "const token = 'a1b2c3d4e5'", "secret in an assignment", "a1b2c3d4e5" },
        { NULL, "{\"client_secret\": \"a1b2c3d4e5\"}", "secret in an assignment", "a1b2c3d4e5" },
        { NULL, "Server=db;Uid=sa;Password=Sup3rS3cret;", "secret in an assignment", "Sup3rS3cret" },
        { NULL, "a -----BEGIN PRIVATE KEY-----", "private key", "-----BEGIN PRIVATE KEY-----" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SecretFinding found = { 0 };
        if (!secret_scan(cases[i].text, strlen(cases[i].text), cases[i].name, &found))
            fail_msg("not found: %s", cases[i].text);
        assert_string_equal(found.kind, cases[i].kind);
        assert_int_equal(found.length, strlen(cases[i].part));
        assert_memory_equal(cases[i].text + found.at, cases[i].part, found.length);
    }
}

static void passes_over(void **state) {
    (void)state;
    static const struct {
        const char *name, *text;
    } cases[] = {
        { NULL, "" },
        { NULL, "8c1b2f0e-6f5d-4b9e-9a57-1d2c3b4a5f60" },
        { NULL, "/assets/8c1b2f0e-6f5d-4b9e-9a57-1d2c3b4a5f60?width=200&height=100" },
        { "folder", "8c1b2f0e-6f5d-4b9e-9a57-1d2c3b4a5f60/8c1b2f0e-6f5d-4b9e-9a57-1d2c3b4a5f61" },
        { "token", "8c1b2f0e-6f5d-4b9e-9a57-1d2c3b4a5f60" },
        { "icon", "settings_input_component" },
        { "color", "#6644FF" },
        { NULL, "2024-11-08T12:34:56.000Z" },
        { NULL, "20241108123456789012345678901234" },
        { NULL, "https://example.com/a/very/long/path-with-words-and-numbers-2024/"
                "IMG_20241108_123456.jpeg?size=large" },
        { NULL, "https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit" },
        { NULL, "https://user@example.com/" },
        { NULL, "https://{{user}}:{{password}}@example.com/" },
        { NULL, "https://${USER}:${PASSWORD}@example.com/" },
        { NULL, "https://user:****@example.com/" },
        { NULL, "mail someone@example.com: it is at https://example.com" },
        { "Authorization", "Bearer {{$env.TOKEN}}" },
        { "Authorization", "{{$env.TOKEN}}" },
        { "Authorization", "Bearer ${ACCESS_TOKEN_2}" },
        { "Authorization", "Bearer YOUR_API_KEY_1" },
        { "token", "$last.data.access_token2" },
        { "password", "{{$trigger.payload.password}}" },
        { "token", "access_token" },
        { "token", "user_token_2" },
        { "auth_password_policy", "/^.{8,}$/" },
        { "password", "Kennwort vergessen" },
        { "token_field", "some1field2name" },
        { NULL, "AKIAIOSFODNN7EXAMPLE" },
        { NULL, "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
        { NULL, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" },
        { "checksum", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
        { "external_id", "507f1f77bcf86cd799439011507f1f77" },
        { NULL, "507f1f77bcf86cd799439011" },
        { NULL, "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC" },
        { NULL, "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7vbqajDhA7cbYVFmXJ8Cx1234abcdEFGH me@host" },
        { NULL, "-----BEGIN "
                "CERTIFICATE-----\nMIIBkTCB+wIJAKHBfpegPjMCMA0GCSqGSIb3DQEBCwUAMBExDzANBgNVBAMMBnVu\n-----"
                "END CERTIFICATE-----" },
        { NULL, "-----BEGIN PUBLIC "
                "KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEabcdEFGH1234ijklMNOP5678qrst\n-----END PUBLIC "
                "KEY-----" },
        { NULL, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk" },
        { NULL, "M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2zm0 18c-4.41 0-8-3.59" },
        { NULL, "m19 6.41-1.41-1.41-5.59 5.59-5.59-5.59-1.41 1.41 5.59 5.59-5.59 5.59 1.41 1.41" },
        { NULL, "SELECT users.first_name, COUNT(*) FROM orders_2024 INNER JOIN users ON users.id = "
                "orders_2024.user_id" },
        { NULL, "module.exports = async function({ $trigger }) { return { key: $trigger.keys[0], token: "
                "data['access_token'] }; }" },
        { NULL, "const getUserTokenFromDatabaseTable2 = (context) => "
                "context.database.getRepository('directus_users_2')" },
        { NULL, "const password = generatePassword(16); const token = getToken2(user);" },
        { NULL,
          "display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); /* h1_2_3_4 */" },
        { NULL, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
        { NULL, "this-is-a-very-long-slug-about-things-in-2024-and-2025-part-3" },
        { NULL, "Donaudampfschifffahrtsgesellschaftskapitaen2 und Bezirksschornsteinfegermeister" },
        { NULL, "INTERNAL_SERVER_ERROR_CODE_500_WITH_RETRY_AFTER_30" },
        { NULL, "bearer of good news, basic training" },
        { NULL, "${TEMPLATE_STRINGS_2}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SecretFinding found;
        if (secret_scan(cases[i].text, strlen(cases[i].text), cases[i].name, &found))
            fail_msg("%s in: %s (%.*s)", found.kind, cases[i].text, (int)found.length,
                     cases[i].text + found.at);
    }
}

/* Rows are other people's texts: only what cannot be meant otherwise counts. */
static void shapes_alone(void **state) {
    (void)state;
    static const char *const yes[] = {
        "{\"id\":1,\"body\":\"see sk_live_4eC39HqLyjWDarjtT1zdp7dc\"}",
        "{\"body\":\"-----BEGIN RSA PRIVATE KEY-----\\nMIIE\"}",
        "KEY=-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        "https://example.com/go?to=%2Fhook%3Fkey%3Dghp_0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0kP9lM",
        "{\"hook\":\"https://hooks.slack.com/services/T0ABCDEFG/B0HIJKLMN/a1B2c3D4e5F6g7H8i9J0k1L2\"}",
    };
    static const char *const no[] = {
        "{\"body\":\"token: 'a1b2c3d4e5', password=hunter22hunter22\"}",
        "{\"hash\":\"1f3870be274f6c49b3e31a0c6728957f1f3870be274f6c49b3e31a0c6728957f\"}",
        "{\"link\":\"https://me:pass1234@example.com/\",\"text\":\"Bearer abc1234567890\"}",
    };
    SecretFinding found;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        assert_true(secret_scan_shapes(yes[i], strlen(yes[i]), &found));
        assert_true(secret_scan(yes[i], strlen(yes[i]), NULL, &found));
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(secret_scan_shapes(no[i], strlen(no[i]), &found));
}

static void never_reads_beyond(void **state) {
    (void)state;
    static const char *const texts[] = {
        "https://", "a://",     "://",       "-----BEGIN",       "-----BEGIN ", "Bearer ",
        "eyJ",      "pat",      "password=", "token = '",        "\"",          "12345678:",
        "abc8Q~",   "sk_live_", "https://@", "https://x?token=", "https://x?",  "hooks.slack.com/",
        "{{",       "$"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t pad = 0; pad < 40; pad++) {
            /* on the heap, so that the sanitizer sees a byte too far */
            size_t length = pad + strlen(texts[i]);
            char *text = mem_alloc(length + 1);
            memset(text, pad % 2 ? 'a' : '-', pad);
            memcpy(text + pad, texts[i], strlen(texts[i]) + 1);
            SecretFinding found;
            secret_scan(text, length, "token", &found);
            secret_scan_shapes(text, length, &found);
            free(text);
        }
}

/* ---- the flows of real projects ---- */

typedef struct {
    size_t strings, alarms;
} Alarms;

static const char *count_alarm(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    (void)arena;
    Alarms *alarms = context;
    SecretFinding found;
    const JsonStep *named = step;
    while (named && !named->key)
        named = named->up;
    alarms->strings++;
    if (secret_scan(text->as.text, text->count, named ? named->key : NULL, &found)) {
        alarms->alarms++;
        print_message("    %s, %zu letters, under \"%s\"\n", found.kind, found.length,
                      named ? named->key : "");
    }
    return NULL;
}

static void false_alarms(void **state) {
    (void)state;
    static const char *const files[] = { "flows",    "operations",   "settings",    "panels",
                                         "presets",  "fields",       "collections", "permissions",
                                         "policies", "translations", "dashboards" };
    const char *corpus = getenv("SCHEMA_SYNC_CORPUS");
    if (!corpus || !*corpus) {
        print_message(
            "  not measured: SCHEMA_SYNC_CORPUS does not name the folder with the project templates\n");
        skip();
    }
    Alarms flows = { 0 }, rest = { 0 };
    AUTO(Buf) path = { 0 };
    buf_printf(&path, "%s/templates", corpus);
    DIR *dir = opendir(buf_text(&path));
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        for (size_t i = 0; entry->d_name[0] != '.' && i < sizeof files / sizeof *files; i++) {
            AUTO(Arena) arena = { 0 };
            AUTO(Buf) name = { 0 }, text = { 0 };
            Error err = { 0 };
            bool found = false;
            Json json;
            buf_printf(&name, "%s/%s/src/%s.json", buf_text(&path), entry->d_name, files[i]);
            assert_ok(file_read(buf_text(&name), 0, &text, &found, &err));
            if (!found)
                continue;
            assert_ok(json_parse(&arena, text.data, text.length, JSON_SYNTAX, &json, &err));
            json_map_places(&arena, &json, count_alarm, i < 2 ? &flows : &rest);
        }
    }
    closedir(dir);
    print_message("  false alarms: flows %zu of %zu strings, other configuration %zu of %zu\n", flows.alarms,
                  flows.strings, rest.alarms, rest.strings);
    assert_true(flows.strings > 1000);
    assert_true(flows.alarms * 100 <= flows.strings && rest.alarms * 100 <= rest.strings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_it_found), cmocka_unit_test(passes_over),
        cmocka_unit_test(shapes_alone),        cmocka_unit_test(never_reads_beyond),
        cmocka_unit_test(finds_planted),       cmocka_unit_test(finds_random),
        cmocka_unit_test(false_alarms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
