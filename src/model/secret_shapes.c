#include "model/secret_shapes.h"

#include <string.h>

#include "base/str.h"

/* ---- bytes ---- */

#define CLASS_HEX_UPPER (BYTE_UPPER | BYTE_HEX)
#define CLASS_HEX_LOWER (BYTE_LOWER | BYTE_HEX)
#define CLASS_NUMBER    (BYTE_DIGIT | BYTE_HEX)

const unsigned char byte_class[256] = {
    ['A'] = CLASS_HEX_UPPER, ['B'] = CLASS_HEX_UPPER, ['C'] = CLASS_HEX_UPPER, ['D'] = CLASS_HEX_UPPER,
    ['E'] = CLASS_HEX_UPPER, ['F'] = CLASS_HEX_UPPER, ['G'] = BYTE_UPPER,      ['H'] = BYTE_UPPER,
    ['I'] = BYTE_UPPER,      ['J'] = BYTE_UPPER,      ['K'] = BYTE_UPPER,      ['L'] = BYTE_UPPER,
    ['M'] = BYTE_UPPER,      ['N'] = BYTE_UPPER,      ['O'] = BYTE_UPPER,      ['P'] = BYTE_UPPER,
    ['Q'] = BYTE_UPPER,      ['R'] = BYTE_UPPER,      ['S'] = BYTE_UPPER,      ['T'] = BYTE_UPPER,
    ['U'] = BYTE_UPPER,      ['V'] = BYTE_UPPER,      ['W'] = BYTE_UPPER,      ['X'] = BYTE_UPPER,
    ['Y'] = BYTE_UPPER,      ['Z'] = BYTE_UPPER,      ['a'] = CLASS_HEX_LOWER, ['b'] = CLASS_HEX_LOWER,
    ['c'] = CLASS_HEX_LOWER, ['d'] = CLASS_HEX_LOWER, ['e'] = CLASS_HEX_LOWER, ['f'] = CLASS_HEX_LOWER,
    ['g'] = BYTE_LOWER,      ['h'] = BYTE_LOWER,      ['i'] = BYTE_LOWER,      ['j'] = BYTE_LOWER,
    ['k'] = BYTE_LOWER,      ['l'] = BYTE_LOWER,      ['m'] = BYTE_LOWER,      ['n'] = BYTE_LOWER,
    ['o'] = BYTE_LOWER,      ['p'] = BYTE_LOWER,      ['q'] = BYTE_LOWER,      ['r'] = BYTE_LOWER,
    ['s'] = BYTE_LOWER,      ['t'] = BYTE_LOWER,      ['u'] = BYTE_LOWER,      ['v'] = BYTE_LOWER,
    ['w'] = BYTE_LOWER,      ['x'] = BYTE_LOWER,      ['y'] = BYTE_LOWER,      ['z'] = BYTE_LOWER,
    ['0'] = CLASS_NUMBER,    ['1'] = CLASS_NUMBER,    ['2'] = CLASS_NUMBER,    ['3'] = CLASS_NUMBER,
    ['4'] = CLASS_NUMBER,    ['5'] = CLASS_NUMBER,    ['6'] = CLASS_NUMBER,    ['7'] = CLASS_NUMBER,
    ['8'] = CLASS_NUMBER,    ['9'] = CLASS_NUMBER,    ['-'] = BYTE_JOINER,     ['_'] = BYTE_JOINER,
    ['+'] = BYTE_BASE64,     ['/'] = BYTE_BASE64,     ['='] = BYTE_BASE64,     ['~'] = BYTE_BASE64,
    ['.'] = BYTE_DOT,
};

size_t class_run(const char *text, size_t length, size_t at, unsigned classes) {
    size_t end = at;
    while (end < length && is_class(text[end], classes))
        end++;
    return end - at;
}

/* ---- tokens with a known beginning ---- */

enum {
    WORD = BYTE_WORD,
    ALNUM = BYTE_ALNUM,
    HEX = BYTE_HEX,
    CAPITALS = BYTE_UPPER | BYTE_DIGIT,
    DOTTED = BYTE_WORD | BYTE_DOT,
    BASE64 = BYTE_ALNUM | BYTE_BASE64,
};

/* `least` bytes of these classes at least follow the beginning; with `exact` no more of them. */
typedef struct {
    const char *start, *kind;
    unsigned classes;
    unsigned char least;
    bool exact;
} Shape;

/* Sorted by the first byte: shape_at looks at those of one letter only. */
static const Shape shapes[] = {
    { "ABIA", "AWS access key", CAPITALS, 16, true },
    { "ACCA", "AWS access key", CAPITALS, 16, true },
    { "AGE-SECRET-KEY-1", "age key", CAPITALS, 58, false },
    { "AIza", "Google API key", WORD, 35, true },
    { "AKIA", "AWS access key", CAPITALS, 16, true },
    { "ASIA", "AWS access key", CAPITALS, 16, true },
    { "ATATT3", "Atlassian token", WORD | BYTE_BASE64, 60, false },
    { "ATBB", "Bitbucket token", ALNUM, 28, false },
    { "ATCTT3", "Atlassian token", WORD | BYTE_BASE64, 60, false },
    { "CFPAT-", "Contentful token", WORD, 40, false },
    { "CLOJARS_", "Clojars token", HEX, 60, true },
    { "EAAA", "Square token", WORD, 60, true },
    { "EZAK", "EasyPost key", ALNUM, 54, true },
    { "EZTK", "EasyPost key", ALNUM, 54, true },
    { "GOCSPX-", "Google client secret", WORD, 28, true },
    { "HRKU-", "Heroku key", WORD, 36, false },
    { "LTAI", "Alibaba access key", ALNUM, 20, true },
    { "NRAK-", "New Relic key", CAPITALS, 27, true },
    { "PMAK-", "Postman key", WORD, 50, false },
    { "SG.", "SendGrid key", DOTTED, 60, false },
    { "SK", "Twilio key", HEX, 32, true },
    { "access_token$production$", "Braintree token", ALNUM | BYTE_JOINER, 16, false },
    { "atlasv1.", "Terraform token", WORD, 40, false },
    { "dapi", "Databricks token", HEX, 32, true },
    { "dckr_pat_", "Docker token", WORD, 20, false },
    { "dop_v1_", "DigitalOcean token", HEX, 64, true },
    { "doo_v1_", "DigitalOcean token", HEX, 64, true },
    { "dor_v1_", "DigitalOcean token", HEX, 64, true },
    { "dp.ct.", "Doppler token", ALNUM, 40, false },
    { "dp.pt.", "Doppler token", ALNUM, 40, false },
    { "dp.sa.", "Doppler token", ALNUM, 40, false },
    { "dp.st.", "Doppler token", DOTTED, 40, false },
    { "dt0c01.", "Dynatrace token", DOTTED, 80, false },
    { "figd_", "Figma token", WORD, 40, false },
    { "fm1_", "Fly.io token", BASE64, 60, false },
    { "fm2_", "Fly.io token", BASE64, 60, false },
    { "fo1_", "Fly.io token", WORD, 40, false },
    { "gho_", "GitHub token", ALNUM, 36, false },
    { "ghp_", "GitHub token", ALNUM, 36, false },
    { "ghr_", "GitHub token", ALNUM, 36, false },
    { "ghs_", "GitHub token", ALNUM, 36, false },
    { "ghu_", "GitHub token", ALNUM, 36, false },
    { "github_pat_", "GitHub token", WORD, 40, false },
    { "glagent-", "GitLab token", WORD, 40, false },
    { "glc_", "Grafana token", BASE64, 32, false },
    { "glcbt-", "GitLab token", DOTTED, 20, false },
    { "gldt-", "GitLab token", WORD, 20, false },
    { "glft-", "GitLab token", WORD, 20, false },
    { "glimt-", "GitLab token", WORD, 20, false },
    { "gloas-", "GitLab token", WORD, 20, false },
    { "glpat-", "GitLab token", DOTTED, 20, false },
    { "glptt-", "GitLab token", WORD, 20, false },
    { "glrt-", "GitLab token", DOTTED, 20, false },
    { "glsa_", "Grafana token", WORD, 32, false },
    { "glsoat-", "GitLab token", WORD, 20, false },
    { "gsk_", "Groq key", ALNUM, 40, false },
    { "hf_", "Hugging Face token", ALNUM, 30, false },
    { "hvb.", "Vault token", WORD, 40, false },
    { "hvs.", "Vault token", WORD, 24, false },
    { "key-", "Mailgun key", HEX, 32, true },
    { "lin_api_", "Linear key", ALNUM, 32, false },
    { "lin_oauth_", "Linear token", ALNUM, 32, false },
    { "live_", "Mollie key", ALNUM, 30, true },
    { "nfp_", "Netlify token", ALNUM, 36, false },
    { "npm_", "npm token", ALNUM, 36, true },
    { "ntn_", "Notion token", ALNUM, 40, false },
    { "ops_eyJ", "1Password token", BASE64, 100, false },
    { "oy2", "NuGet key", BYTE_LOWER | BYTE_DIGIT, 43, true },
    { "phx_", "PostHog key", ALNUM, 40, false },
    { "pplx-", "Perplexity key", ALNUM, 40, false },
    { "pscale_oauth_", "PlanetScale token", WORD, 32, false },
    { "pscale_pw_", "PlanetScale password", WORD, 32, false },
    { "pscale_tkn_", "PlanetScale token", WORD, 32, false },
    { "pypi-", "PyPI token", WORD, 50, false },
    { "r8_", "Replicate token", ALNUM, 37, false },
    { "re_", "Resend key", WORD, 32, true },
    { "rk_live_", "Stripe key", ALNUM, 16, false },
    { "rk_test_", "Stripe key", ALNUM, 16, false },
    { "rnd_", "Render key", ALNUM, 28, false },
    { "rubygems_", "RubyGems key", HEX, 48, true },
    { "rzp_live_", "Razorpay key", ALNUM, 14, false },
    { "rzp_test_", "Razorpay key", ALNUM, 14, false },
    { "sb_secret_", "Supabase key", WORD, 20, false },
    { "sbp_", "Supabase token", HEX, 40, true },
    { "secret_", "Notion token", ALNUM, 43, true },
    { "sgp_", "Sourcegraph token", WORD, 40, false },
    { "shippo_live_", "Shippo token", HEX, 40, true },
    { "shippo_test_", "Shippo token", HEX, 40, true },
    { "shpat_", "Shopify token", HEX, 32, true },
    { "shpca_", "Shopify token", HEX, 32, true },
    { "shppa_", "Shopify token", HEX, 32, true },
    { "shpss_", "Shopify secret", HEX, 32, true },
    { "sk-", "OpenAI key", ALNUM, 32, false },
    { "sk-admin-", "OpenAI key", WORD, 40, false },
    { "sk-ant-", "Anthropic key", WORD, 40, false },
    { "sk-or-v1-", "OpenRouter key", HEX, 64, true },
    { "sk-proj-", "OpenAI key", WORD, 40, false },
    { "sk-svcacct-", "OpenAI key", WORD, 40, false },
    { "sk.eyJ", "Mapbox token", DOTTED, 60, false },
    { "sk_live_", "Stripe key", ALNUM, 16, false },
    { "sk_test_", "Stripe key", ALNUM, 16, false },
    { "sl.", "Dropbox token", WORD, 100, false },
    { "sntrys_", "Sentry token", BASE64 | BYTE_JOINER, 40, false },
    { "sntryu_", "Sentry token", HEX, 64, true },
    { "sq0atp-", "Square token", WORD, 22, true },
    { "sq0csp-", "Square secret", WORD, 43, true },
    { "test_", "Mollie key", ALNUM, 30, true },
    { "tvly-", "Tavily key", WORD, 24, false },
    { "vcp_", "Vercel token", ALNUM, 40, false },
    { "whsec_", "webhook secret", BASE64, 24, false },
    { "xai-", "xAI key", ALNUM, 60, false },
    { "xapp-", "Slack token", WORD, 24, false },
    { "xkeysib-", "Brevo key", WORD, 64, false },
    { "xoxa-", "Slack token", WORD, 20, false },
    { "xoxb-", "Slack token", WORD, 20, false },
    { "xoxc-", "Slack token", WORD, 20, false },
    { "xoxd-", "Slack token", WORD | BYTE_BASE64, 20, false },
    { "xoxe-", "Slack token", WORD, 20, false },
    { "xoxe.", "Slack token", WORD, 20, false },
    { "xoxo-", "Slack token", WORD, 20, false },
    { "xoxp-", "Slack token", WORD, 20, false },
    { "xoxr-", "Slack token", WORD, 20, false },
    { "xoxs-", "Slack token", WORD, 20, false },
    { "xsmtpsib-", "Brevo key", WORD, 64, false },
    { "ya29.", "Google token", WORD, 20, false },
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static bool set_finding(SecretFinding *found, const char *kind, size_t at, size_t length) {
    *found = (SecretFinding){ .kind = kind, .at = at, .length = length };
    return true;
}

static bool matches(const Shape *shape, const char *text, size_t length, size_t at, SecretFinding *found) {
    size_t start = strlen(shape->start);
    if (length - at < start + shape->least || memcmp(text + at, shape->start, start) != 0)
        return false;
    size_t run = class_run(text, length, at + start, shape->classes);
    size_t end = at + start + run;
    if (run < shape->least ||
        (shape->exact && (run != shape->least || (end < length && is_class(text[end], BYTE_ALNUM)))))
        return false;
    return !looks_like_example(text + at + start, run) && set_finding(found, shape->kind, at, start + run);
}

/* eyJ….eyJ….… : header and payload are JSON objects; the signature may be empty only in an unsigned one. */
static bool jwt_at(const char *text, size_t length, size_t at, SecretFinding *found) {
    if (length - at < 3 || memcmp(text + at, "eyJ", 3) != 0)
        return false;
    size_t end = at;
    for (int part = 0; part < 3; part++) {
        size_t run = class_run(text, length, end, BYTE_WORD);
        if (run < 10 || (part < 2 && (end + run >= length || text[end + run] != '.')))
            return false;
        end += run + (part < 2);
    }
    return set_finding(found, "JSON web token", at, end - at);
}

/* 123456789:AA… : a bot's number and its token. */
static bool telegram_at(const char *text, size_t length, size_t at, SecretFinding *found) {
    size_t number = class_run(text, length, at, BYTE_DIGIT);
    size_t colon = at + number;
    if (number < 8 || number > 10 || colon >= length || text[colon] != ':' ||
        class_run(text, length, colon + 1, BYTE_WORD) != 35 || !looks_random(text + colon + 1, 35))
        return false;
    return set_finding(found, "Telegram bot token", at, number + 36);
}

/* pat<14>.<64 hex> */
static bool airtable_at(const char *text, size_t length, size_t at, SecretFinding *found) {
    enum { HEAD = 17, TAIL = 64 };
    if (length - at < HEAD + 1 + TAIL || memcmp(text + at, "pat", 3) != 0 ||
        class_run(text, length, at, BYTE_ALNUM) != HEAD || text[at + HEAD] != '.' ||
        class_run(text, length, at + HEAD + 1, BYTE_HEX) != TAIL)
        return false;
    return set_finding(found, "Airtable token", at, HEAD + 1 + TAIL);
}

/* abc8Q~… : three characters, a digit, "Q~" */
static bool azure_at(const char *text, size_t length, size_t at, SecretFinding *found) {
    if (length - at < 37 || memcmp(text + at + 4, "Q~", 2) != 0 || !is_class(text[at + 3], BYTE_DIGIT))
        return false;
    size_t run = class_run(text, length, at + 6, BYTE_WORD | BYTE_DOT | BYTE_BASE64);
    return run >= 31 && run <= 36 && set_finding(found, "Azure client secret", at, run + 6);
}

static bool special_at(const char *text, size_t length, size_t at, SecretFinding *found) {
    switch (text[at]) {
    case 'e':
        return jwt_at(text, length, at, found);
    case 'p':
        return airtable_at(text, length, at, found);
    default:
        return is_class(text[at], BYTE_DIGIT) && telegram_at(text, length, at, found);
    }
}

/* The first shape of each byte; shapes of one byte stand together. */
static size_t first_shape(char byte) {
    size_t low = 0, high = SHAPES;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (shapes[middle].start[0] < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool shape_at(const char *text, size_t length, size_t at, SecretFinding *found) {
    for (size_t i = first_shape(text[at]); i < SHAPES && shapes[i].start[0] == text[at]; i++)
        if (shapes[i].start[1] == text[at + 1] && matches(&shapes[i], text, length, at, found))
            return true;
    return special_at(text, length, at, found) || azure_at(text, length, at, found);
}

/* ---- webhooks ---- */

/* `host` ends the host's name; `path` begins the path, '*' stands for anything without a quote or blank. */
static const struct {
    const char *host, *path, *kind;
    unsigned char least; /* bytes behind the path */
} webhooks[] = {
    { "hooks.slack.com", "/services/", "Slack webhook", 20 },
    { "hooks.slack.com", "/workflows/", "Slack webhook", 20 },
    { "hooks.slack.com", "/triggers/", "Slack webhook", 20 },
    { "discord.com", "/api/webhooks/", "Discord webhook", 40 },
    { "discordapp.com", "/api/webhooks/", "Discord webhook", 40 },
    { "webhook.office.com", "/webhook", "Teams webhook", 40 },
    { "outlook.office.com", "/webhook/", "Teams webhook", 40 },
    { "logic.azure.com", "*sig=", "Azure workflow address", 20 },
    { "api.powerplatform.com", "*sig=", "Azure workflow address", 20 },
    { "chat.googleapis.com", "/v1/spaces/*token=", "Google Chat webhook", 20 },
    { "hooks.zapier.com", "/hooks/catch/", "Zapier webhook", 8 },
    { "maker.ifttt.com", "/trigger/*/key/", "IFTTT webhook", 16 },
    { "hook.integromat.com", "/", "Make webhook", 20 },
    { "make.com", "/", "Make webhook", 28 },
    { "api.telegram.org", "/bot", "Telegram bot token", 40 },
    { "open.feishu.cn", "/open-apis/bot/v2/hook/", "Feishu webhook", 20 },
    { "open.larksuite.com", "/open-apis/bot/v2/hook/", "Lark webhook", 20 },
    { "oapi.dingtalk.com", "/robot/send?access_token=", "DingTalk webhook", 20 },
    { "qyapi.weixin.qq.com", "/cgi-bin/webhook/send?key=", "WeCom webhook", 20 },
};

/* What of the address is behind the pattern; 0 when it does not match. */
static size_t behind(const char *path, size_t length, const char *pattern) {
    const char *star = strchr(pattern, '*');
    size_t head = star ? (size_t)(star - pattern) : strlen(pattern);
    if (length < head || memcmp(path, pattern, head) != 0)
        return 0;
    if (!star)
        return length - head;
    size_t tail = strlen(star + 1);
    for (size_t at = head; at + tail <= length; at++)
        if (memcmp(path + at, star + 1, tail) == 0)
            return length - at - tail;
    return 0;
}

bool webhook_at(const char *text, size_t length, size_t at, SecretFinding *found) {
    size_t host = class_run(text, length, at, BYTE_ALNUM | BYTE_JOINER | BYTE_DOT), path = at + host;
    size_t end = path;
    while (end < length && (unsigned char)text[end] > ' ' && !strchr("\"'`<>\\{", text[end]))
        end++;
    for (size_t i = 0; host && path < end && i < sizeof webhooks / sizeof *webhooks; i++) {
        size_t name = strlen(webhooks[i].host);
        if (host < name || memcmp(text + path - name, webhooks[i].host, name) != 0 ||
            behind(text + path, end - path, webhooks[i].path) < webhooks[i].least ||
            looks_like_example(text + path, end - path))
            continue;
        return set_finding(found, webhooks[i].kind, at, end - at);
    }
    return false;
}
