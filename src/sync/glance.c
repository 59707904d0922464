#include "sync/glance.h"

static void *look(void *context) {
    Glance *glance = context;
    if (database_open(secret_reveal(&glance->config->database), &glance->database, &glance->fault))
        marker_read(glance->database, &glance->marker, &glance->fault);
    return NULL;
}

void glance_begin(Glance *glance, const Config *config) {
    *glance = (Glance){ .config = config };
    glance->wanted = config->marker == MARKER_SQL && secret_is_set(&config->database);
    glance->running = glance->wanted && pthread_create(&glance->thread, NULL, look, glance) == 0;
    if (glance->wanted && !glance->running)
        look(glance);
}

bool glance_wait(Glance *glance, Error *err) {
    if (glance->running)
        pthread_join(glance->thread, NULL);
    glance->running = false;
    if (glance->fault.kind == ERR_NONE)
        return true;
    *err = glance->fault;
    return false;
}

void glance_end(Glance *glance) {
    Error ignored = { 0 };
    glance_wait(glance, &ignored);
    marker_free(&glance->marker);
    database_close(&glance->database);
}
