/*
 * Answers that are no answers: what an HTTP status and Directus's error object mean, in our words and with
 * the mend.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_ANSWER_H
#define SCHEMA_SYNC_DIRECTUS_ANSWER_H

#include "directus/http.h"

/* True for a status below 300 with a body that can be Directus's. `login`: the session signs in with e-mail
 * and password. `credentials`: where those stand, or the token (SessionOptions). */
bool answer_check(const Exchange *exchange, bool login, const char *credentials, Error *err);

#endif
