#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/unit.h"

#include "base/file.h"

/* Each test gets a folder of its own, removed behind it. */
typedef struct {
    char path[64];
    Folder folder;
} Place;

static int place_make(void **state) {
    Place *place = mem_alloc(sizeof *place);
    *place = (Place){ .path = "/tmp/schema-sync-file-XXXXXX" };
    Error err = { 0 };
    *state = place;
    return mkdtemp(place->path) && folder_open(&place->folder, place->path, false, &err) ? 0 : -1;
}

static int place_remove(void **state) {
    Place *place = *state;
    AUTO(Buf) command = { 0 };
    buf_printf(&command, "rm -rf '%s'", place->path);
    int status = system(command.data);
    folder_close(&place->folder);
    free(place);
    return status;
}

static void shell(const Place *place, const char *command) {
    AUTO(Buf) line = { 0 };
    buf_printf(&line, "cd '%s' && %s", place->path, command);
    assert_int_equal(system(line.data), 0);
}

static void write_whole(const Place *place, const char *path, const char *text) {
    AUTO(FileWriter) writer = { 0 };
    Error err = { 0 };
    assert_ok(file_writer_begin(&writer, &place->folder, path, &err));
    assert_ok(file_writer_write(&writer, text, strlen(text), &err));
    assert_ok(file_writer_commit(&writer, &err));
}

static void assert_content(const Place *place, const char *path, const char *wanted) {
    AUTO(Buf) text = { 0 };
    Error err = { 0 };
    assert_ok(folder_read(&place->folder, path, 0, &text, NULL, &err));
    assert_string_equal(buf_text(&text), wanted);
}

/* ---- paths ---- */

static const char *const leaving[] = {
    "", "/", "/etc/passwd", "..", "../x", "a/..", "a/../../x", ".", "./a", "a/.", "a//b", "a/", "//", "a/./b",
};

/* Every function that takes a path refuses one that could leave the folder, before it looks at the disk. */
static void test_paths_that_leave(void **state) {
    Place *place = *state;
    Folder *folder = &place->folder;
    AUTO(Buf) text = { 0 };
    shell(place, "mkdir a && touch a/b");
    for (size_t i = 0; i < sizeof leaving / sizeof *leaving; i++) {
        const char *path = leaving[i];
        Error err;
        bool found;
        FileWriter writer = { 0 };
        Folder inner = { .fd = -1 };
        assert_fault(folder_read(folder, path, 0, &text, &found, &err), ERR_FILES, "does not stay in");
        assert_fault(folder_open_read(folder, path, &err) >= 0, ERR_FILES, "does not stay in");
        assert_fault(file_writer_begin(&writer, folder, path, &err), ERR_FILES, "does not stay in");
        assert_fault(folder_remove(folder, path, &err), ERR_FILES, "does not stay in");
        assert_false(folder_exists(folder, path));
        if (*path) { /* "" is the folder itself */
            assert_fault(folder_enter(folder, path, true, &inner, &err), ERR_FILES, "does not stay in");
            assert_fault(folder_sync(folder, path, &err), ERR_FILES, "does not stay in");
        }
    }
    shell(place, "test \"$(find . | sort | tr '\\n' ' ')\" = '. ./a ./a/b '");
    assert_true(folder_exists(folder, "a/b") && folder_exists(folder, "a"));
    shell(place, "touch a/...x a/..b");
    assert_true(folder_exists(folder, "a/...x") && folder_exists(folder, "a/..b")); /* odd, but they stay */
}

/* A link is not followed, wherever in the path it stands and wherever it leads. */
static void test_links(void **state) {
    Place *place = *state;
    Folder *folder = &place->folder;
    shell(place, "mkdir real && echo text >real/file && ln -s real inside && ln -s /etc outside && ln -s "
                 "real/file direct "
                 "&& ln -s nowhere dangling");
    static const char *const paths[] = { "inside/file", "outside/passwd", "direct", "dangling",
                                         "dangling/x" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        AUTO(Buf) text = { 0 };
        Error err;
        bool found = true;
        assert_fault(folder_read(folder, paths[i], 0, &text, &found, &err), ERR_FILES, "is a symbolic link");
        assert_false(found);
        assert_fault(folder_open_read(folder, paths[i], &err) >= 0, ERR_FILES, "is a symbolic link");
        assert_non_null(strstr(err.hint, "never followed"));
    }
    static const char *const folders[] = { "inside", "outside", "dangling", "inside/deeper" };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        Error err;
        Folder inner = { .fd = -1 };
        AUTO(Buf) path = { 0 };
        FileWriter writer = { 0 };
        assert_fault(folder_enter(folder, folders[i], true, &inner, &err), ERR_FILES, "is a symbolic link");
        buf_printf(&path, "%s/new", folders[i]);
        assert_fault(file_writer_begin(&writer, folder, path.data, &err), ERR_FILES, "is a symbolic link");
        assert_fault(folder_remove(folder, path.data, &err), ERR_FILES, "is a symbolic link");
    }
    /* written over, the link is replaced and what it led to is left alone */
    write_whole(place, "direct", "new");
    shell(place, "test ! -L direct && test \"$(cat direct)\" = new && test \"$(cat real/file)\" = text");
    /* removed, the link goes and not its target */
    Error err;
    assert_ok(folder_remove(folder, "inside", &err));
    shell(place, "test ! -e inside && test -e real/file");
}

/* ---- reading ---- */

static void test_read(void **state) {
    Place *place = *state;
    Folder *folder = &place->folder;
    AUTO(Buf) text = { 0 };
    AUTO(Buf) large = { 0 };
    Error err = { 0 };
    bool found = true;
    buf_puts(&text, "old");
    assert_ok(folder_read(folder, "absent", 0, &text, &found, &err));
    assert_false(found);
    assert_int_equal(text.length, 0);
    assert_ok(folder_read(folder, "absent/deeper", 0, &text, &found, &err));
    assert_false(found);
    assert_fault(folder_read(folder, "absent", 0, &text, NULL, &err), ERR_IO,
                 "absent: the file cannot be opened");
    shell(place, "printf 'a\\0b' >small && : >empty && head -c 300000 /dev/zero >large && mkdir folder && "
                 "mkfifo fifo");
    assert_ok(folder_read(folder, "small", 0, &text, &found, &err));
    assert_true(found && text.length == 3 && memcmp(text.data, "a\0b", 4) == 0);
    assert_ok(folder_read(folder, "empty", 0, &text, &found, &err));
    assert_true(found && text.length == 0);
    assert_ok(folder_read(folder, "large", 300000, &large, &found, &err));
    assert_int_equal(large.length, 300000);
    assert_fault(folder_read(folder, "large", 299999, &large, &found, &err), ERR_FILES,
                 "larger than 299999 bytes");
    assert_fault(folder_read(folder, "folder", 0, &text, &found, &err), ERR_FILES,
                 "folder is not a regular file");
    assert_fault(folder_read(folder, "fifo", 0, &text, &found, &err), ERR_FILES,
                 "fifo is not a regular file");
    assert_fault(folder_read(folder, "small/x", 0, &text, &found, &err), ERR_IO, "Not a directory");
    err = (Error){ 0 };
    int fd = folder_open_read(folder, "small", &err);
    assert_true(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
    close(fd);
}

/* An ordinary path may lead through links and to a pipe: secrets in containers do. */
static void test_file_read(void **state) {
    Place *place = *state;
    AUTO(Buf) text = { 0 };
    AUTO(Buf) path = { 0 };
    Error err = { 0 };
    bool found;
    shell(place, "echo text >file && ln -s file link");
    buf_printf(&path, "%s/link", place->path);
    assert_ok(file_read(path.data, 100, &text, &found, &err));
    assert_true(found);
    assert_string_equal(text.data, "text\n");
    assert_fault(file_read(path.data, 4, &text, &found, &err), ERR_FILES, "larger than 4 bytes");
    assert_fault(file_read(place->path, 0, &text, &found, &err), ERR_IO, "Is a directory");
    buf_puts(&path, "-absent");
    err = (Error){ 0 };
    assert_ok(file_read(path.data, 0, &text, &found, &err));
    assert_false(found);
    assert_fault(file_read(path.data, 0, &text, NULL, &err), ERR_IO, "No such file");
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "piped", 5), 5);
    close(ends[1]);
    buf_clear(&path);
    buf_printf(&path, "/dev/fd/%d", ends[0]);
    err = (Error){ 0 };
    assert_ok(file_read(path.data, 0, &text, &found, &err));
    assert_string_equal(text.data, "piped");
    close(ends[0]);
}

/* ---- folders ---- */

static void test_open(void **state) {
    Place *place = *state;
    AUTO(Buf) path = { 0 };
    AUTO(Folder) made = { .fd = -1 };
    AUTO(Folder) inner = { .fd = -1 };
    Error err;
    buf_printf(&path, "%s/one/two", place->path);
    assert_fault(folder_open(&made, path.data, false, &err), ERR_FILES, "does not exist");
    assert_ok(folder_open(&made, path.data, true, &err));
    shell(place, "test -d one/two && echo x >one/file");
    assert_ok(folder_enter(&place->folder, "one/three", true, &inner, &err));
    assert_true(str_ends(inner.path, "/one/three"));
    shell(place, "test -d one/three");
    folder_close(&inner);
    assert_fault(folder_enter(&place->folder, "one/four", false, &inner, &err), ERR_IO, "No such file");
    assert_fault(folder_enter(&place->folder, "one/file", true, &inner, &err), ERR_IO, "Not a directory");
    err = (Error){ 0 };
    assert_ok(folder_enter(&place->folder, "", false, &inner, &err));
    assert_true(folder_exists(&inner, "one/file"));
    assert_ok(folder_sync(&place->folder, "", &err));
    assert_ok(folder_sync(&place->folder, "one/two", &err));
    assert_fault(folder_sync(&place->folder, "absent", &err), ERR_IO, "No such file");
    Folder zeroed = { 0 };
    folder_close(&zeroed); /* does not close descriptor 0 */
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0 || errno == EBADF);
}

static void test_lock(void **state) {
    Place *place = *state;
    Error err = { 0 };
    Folder second = { .fd = -1 };
    assert_ok(folder_lock(&place->folder, &err));
    assert_ok(folder_lock(&place->folder, &err)); /* ours already */
    assert_ok(folder_open(&second, place->path, false, &err));
    assert_fault(folder_lock(&second, &err), ERR_LOCK, "another schema-sync is working in");
    folder_close(&place->folder);
    err = (Error){ 0 };
    assert_ok(folder_lock(&second, &err));
    place->folder = second;
}

/* ---- walking ---- */

static bool list(const char *path, uint64_t size, void *context, Error *err) {
    (void)err;
    buf_printf(context, "%s:%llu ", path, (unsigned long long)size);
    return true;
}

static bool stop_at_second(const char *path, uint64_t size, void *context, Error *err) {
    list(path, size, context, err);
    size_t spaces = 0;
    for (const char *c = buf_text(context); *c; c++)
        spaces += *c == ' ';
    return spaces < 2 || error_set(err, ERR_INTERNAL, "enough");
}

static void test_walk(void **state) {
    Place *place = *state;
    AUTO(Buf) seen = { 0 };
    Error err = { 0 };
    shell(place,
          "mkdir -p a/b empty .git a/.h && for f in a/b/c a/z a-x a.json B .hidden .git/config a/.h/x a/.i; "
          "do printf 12 >$f; done");
    assert_ok(folder_walk(&place->folder, false, list, &seen, &err));
    assert_string_equal(seen.data, "B:2 a-x:2 a.json:2 a/b/c:2 a/z:2 "); /* '-' < '.' < '/' */
    buf_clear(&seen);
    assert_ok(folder_walk(&place->folder, true, list, &seen, &err));
    assert_string_equal(seen.data,
                        ".git/config:2 .hidden:2 B:2 a-x:2 a.json:2 a/.h/x:2 a/.i:2 a/b/c:2 a/z:2 ");
    buf_clear(&seen);
    assert_fault(folder_walk(&place->folder, false, stop_at_second, &seen, &err), ERR_INTERNAL, "enough");
    assert_string_equal(seen.data, "B:2 a-x:2 ");
}

/* Sorted as the paths are, whichever of two names is the folder's. */
static void test_walk_order(void **state) {
    Place *place = *state;
    AUTO(Buf) seen = { 0 };
    Error err = { 0 };
    shell(place, "for n in a b c d e f g; do mkdir $n && touch $n/x $n- $n. ${n}0 $n-$n; done");
    assert_ok(folder_walk(&place->folder, false, list, &seen, &err));
    const char *at = seen.data;
    for (const char *name = "abcdefg"; *name; name++) {
        char wanted[64];
        char n = *name;
        snprintf(wanted, sizeof wanted, "%c-:0 %c-%c:0 %c.:0 %c/x:0 %c0:0 ", n, n, n, n, n, n);
        assert_memory_equal(at, wanted, strlen(wanted));
        at += strlen(wanted);
    }
    assert_int_equal(*at, 0);
}

static void test_walk_refuses(void **state) {
    Place *place = *state;
    AUTO(Buf) seen = { 0 };
    Error err;
    shell(place, "mkdir a && ln -s /etc/passwd a/link");
    assert_fault(folder_walk(&place->folder, false, list, &seen, &err), ERR_FILES,
                 "a/link is a symbolic link");
    shell(place, "rm a/link && ln -s /etc a/link");
    assert_fault(folder_walk(&place->folder, false, list, &seen, &err), ERR_FILES,
                 "a/link is a symbolic link");
    shell(place, "rm a/link && mkfifo a/fifo");
    assert_fault(folder_walk(&place->folder, false, list, &seen, &err), ERR_FILES,
                 "a/fifo is neither a file nor");
    shell(place, "rm a/fifo && mkdir -p $(printf 'd/%.0s' $(seq 40)) && touch $(printf 'd/%.0s' $(seq 40))x");
    assert_fault(folder_walk(&place->folder, false, list, &seen, &err), ERR_FILES, "nested deeper than 32");
}

/* ---- writing ---- */

static void test_write(void **state) {
    Place *place = *state;
    umask(022);
    write_whole(place, "new/deep/file", "text");
    assert_content(place, "new/deep/file", "text");
    write_whole(place, "new/deep/file", "");
    assert_content(place, "new/deep/file", "");
    shell(place, "test \"$(stat -c %a new/deep/file)\" = 644 && test \"$(ls -A new/deep)\" = file");
    /* pieces of all sizes, around the size of the gathered ones */
    AUTO(FileWriter) writer = { 0 };
    AUTO(Buf) wanted = { 0 };
    Error err = { 0 };
    assert_ok(file_writer_begin(&writer, &place->folder, "large", &err));
    for (size_t size = 0; size < 70000; size += 1 + size / 2) {
        AUTO(Buf) piece = { 0 };
        while (piece.length < size)
            buf_putc(&piece, (char)('a' + size % 26));
        assert_ok(file_writer_write(&writer, buf_text(&piece), size, &err));
        buf_append(&wanted, buf_text(&piece), size);
    }
    assert_false(folder_exists(&place->folder, "large")); /* not before its commit */
    assert_ok(file_writer_commit(&writer, &err));
    assert_content(place, "large", wanted.data);
}

/* The old file stands, whole, until the commit; abandoned or killed writers leave it alone. */
static void test_old_or_new(void **state) {
    Place *place = *state;
    write_whole(place, "file", "old");
    {
        AUTO(FileWriter) writer = { 0 };
        Error err = { 0 };
        assert_ok(file_writer_begin(&writer, &place->folder, "file", &err));
        AUTO(Buf) much = { 0 };
        while (much.length < 200000)
            buf_puts(&much, "new ");
        assert_ok(file_writer_write(&writer, much.data, much.length, &err));
        assert_content(place, "file", "old");
    }
    assert_content(place, "file", "old");
    shell(place, "test \"$(ls -A)\" = file");
    file_writer_abandon(&(FileWriter){ 0 });
}

static void test_flush_and_sync(void **state) {
    Place *place = *state;
    enum { COUNT = 20 };
    FileWriter writers[COUNT] = { 0 };
    Error err = { 0 };
    for (size_t i = 0; i < COUNT; i++) {
        char path[32];
        snprintf(path, sizeof path, "f/%zu", i);
        assert_ok(file_writer_begin(&writers[i], &place->folder, path, &err));
        assert_ok(file_writer_write(&writers[i], "x", 1, &err));
        assert_ok(file_writer_flush(&writers[i], &err));
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_ok(file_writer_sync(&writers[i], &err));
    assert_false(folder_exists(&place->folder, "f/0"));
    assert_ok(file_writer_write(&writers[0], "y", 1, &err)); /* after the sync: synced again by the commit */
    for (size_t i = 0; i < COUNT; i++)
        assert_ok(file_writer_commit(&writers[i], &err));
    assert_content(place, "f/0", "xy");
    assert_content(place, "f/19", "x");
}

static void test_sweep(void **state) {
    Place *place = *state;
    Error err = { 0 };
    pid_t child = fork();
    if (child == 0) { /* killed in the middle of two files */
        FileWriter first = { 0 };
        FileWriter second = { 0 };
        bool begun = file_writer_begin(&first, &place->folder, "a/one", &err) &&
                     file_writer_begin(&second, &place->folder, "two", &err);
        raise(begun ? SIGKILL : SIGTERM);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    shell(place,
          "test $(find . -name '.schema-sync-*.tmp' | wc -l) = 2 && touch keep .schema-sync-mine.tmp "
          ".schema-sync-0123456789abcdef.tmp.not && mkdir .git b && ln -s /etc link && ln -s keep .link "
          "&& touch .git/.schema-sync-0123456789abcdef.tmp b/x");
    assert_ok(folder_sweep(&place->folder, &err));
    shell(place, "test \"$(find . -mindepth 1 | LC_ALL=C sort | tr '\\n' ' ')\" = './.git "
                 "./.git/.schema-sync-0123456789abcdef.tmp ./.link ./.schema-sync-0123456789abcdef.tmp.not "
                 "./.schema-sync-mine.tmp ./b ./b/x ./keep ./link '");
}

static void test_remove(void **state) {
    Place *place = *state;
    Error err = { 0 };
    shell(place, "mkdir -p a/b/c d && touch a/b/c/file a/other d/x");
    assert_ok(folder_remove(&place->folder, "a/b/c/file", &err));
    shell(place, "test ! -e a/b && test -e a/other");
    assert_ok(folder_remove(&place->folder, "a/other", &err));
    assert_ok(folder_remove(&place->folder, "d/x", &err));
    shell(place, "test -z \"$(ls -A)\" && test -d ."); /* never the folder itself */
    assert_ok(folder_remove(&place->folder, "absent", &err));
    assert_ok(folder_remove(&place->folder, "absent/too", &err));
    shell(place, "mkdir full && touch full/x");
    assert_fault(folder_remove(&place->folder, "full", &err), ERR_IO, "cannot be removed");
    assert_true(folder_exists(&place->folder, "full/x"));
}

/* ---- the file system says no ---- */

static void test_place_is_a_folder(void **state) {
    Place *place = *state;
    AUTO(FileWriter) writer = { 0 };
    Error err = { 0 };
    shell(place, "mkdir -p taken/x && echo x >file");
    assert_ok(file_writer_begin(&writer, &place->folder, "taken", &err));
    assert_fault(file_writer_commit(&writer, &err), ERR_IO, "taken: the file cannot be put in its place");
    assert_fault(file_writer_begin(&writer, &place->folder, "file/below", &err), ERR_IO, "Not a directory");
    shell(place, "test \"$(find . | sort | tr '\\n' ' ')\" = '. ./file ./taken ./taken/x '");
}

static void test_open_fails(void **state) {
    Place *place = *state;
    AUTO(Buf) path = { 0 };
    Folder made = { .fd = -1 };
    Error err;
    shell(place, "echo x >file");
    buf_printf(&path, "%s/file", place->path);
    assert_fault(folder_open(&made, path.data, false, &err), ERR_IO,
                 "file: the folder cannot be opened: Not a directory");
    buf_puts(&path, "/below");
    assert_fault(folder_open(&made, path.data, true, &err), ERR_IO,
                 "below: the folder cannot be created: Not a directory");
}

static void test_no_descriptors_left(void **state) {
    Place *place = *state;
    AUTO(Buf) text = { 0 };
    Error err = { 0 };
    FileWriter writer = { 0 };
    bool found = true;
    write_whole(place, "file", "old");
    struct rlimit old;
    getrlimit(RLIMIT_NOFILE, &old);
    struct rlimit none = { .rlim_cur = 0, .rlim_max = old.rlim_max };
    setrlimit(RLIMIT_NOFILE, &none);
    Error reading = { 0 };
    bool read = folder_read(&place->folder, "file", 0, &text, &found, &reading);
    bool walked = folder_walk(&place->folder, false, list, &text, &err);
    bool begun = file_writer_begin(&writer, &place->folder, "file", &err);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_false(read || walked || begun || found); /* a file that cannot be read is not a missing one */
    assert_int_equal(reading.kind, ERR_IO);
    assert_non_null(strstr(reading.message, "Too many open files"));
    assert_non_null(strstr(reading.hint, "ulimit -n"));
    assert_content(place, "file", "old");
}

/* Writes more than the file system holds into it; the old file must stay, and nothing else. */
static int fill_disk(const char *path) {
    Error err = { 0 };
    Place place = { .folder = { .fd = -1 } };
    snprintf(place.path, sizeof place.path, "%s", path);
    if (!folder_open(&place.folder, path, false, &err))
        return 1;
    write_whole(&place, "file", "old");
    for (int round = 0; round < 3; round++) {
        FileWriter writer = { 0 };
        char block[4096] = "new";
        bool written = file_writer_begin(&writer, &place.folder, "file", &err);
        for (int i = 0; written && i < 100; i++)
            written = file_writer_write(&writer, block, sizeof block, &err);
        if (written && file_writer_commit(&writer, &err))
            return 2;
        file_writer_abandon(&writer);
        if (err.kind != ERR_IO || !strstr(err.message, "No space left on device") ||
            !strstr(err.hint, "make room"))
            return 3;
    }
    assert_content(&place, "file", "old");
    shell(&place, "test \"$(ls -A)\" = file");
    folder_close(&place.folder);
    return 0;
}

static void test_disk_full(void **state) {
    Place *place = *state;
    enum { NO_MOUNT = 50 };
    pid_t child = fork();
    if (child == 0) { /* a mount namespace of its own: the mount is gone with it */
        bool mounted = unshare(CLONE_NEWNS) == 0 &&
                       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                       mount("none", place->path, "tmpfs", 0, "size=128k") == 0;
        _exit(mounted ? fill_disk(place->path) : NO_MOUNT);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_MOUNT) {
        print_message("skipped: a small tmpfs cannot be mounted here (needs root)\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* The same without root: the writer's descriptor is /dev/full. */
static void test_write_fails(void **state) {
    Place *place = *state;
    Error err = { 0 };
    write_whole(place, "file", "old");
    FileWriter writer = { 0 };
    assert_ok(file_writer_begin(&writer, &place->folder, "file", &err));
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0 && dup2(full, writer.fd) == writer.fd);
    close(full);
    assert_ok(file_writer_write(&writer, "new", 3, &err)); /* only gathered */
    assert_fault(file_writer_commit(&writer, &err), ERR_IO,
                 "file: the file cannot be written: No space left");
    assert_content(place, "file", "old");
    shell(place, "test \"$(ls -A)\" = file");
}

/* fsync's word counts: /dev/null swallows the bytes, and cannot be synced. */
static void test_sync_fails(void **state) {
    Place *place = *state;
    Error err = { 0 };
    write_whole(place, "file", "old");
    FileWriter writer = { 0 };
    assert_ok(file_writer_begin(&writer, &place->folder, "file", &err));
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(null >= 0 && dup2(null, writer.fd) == writer.fd);
    close(null);
    assert_ok(file_writer_write(&writer, "new", 3, &err));
    assert_fault(file_writer_commit(&writer, &err), ERR_IO, "cannot be brought to the disk");
    assert_content(place, "file", "old");
    shell(place, "test \"$(ls -A)\" = file");
}

#define test_with_place(function) cmocka_unit_test_setup_teardown(function, place_make, place_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        test_with_place(test_paths_that_leave),
        test_with_place(test_links),
        test_with_place(test_read),
        test_with_place(test_file_read),
        test_with_place(test_open),
        test_with_place(test_lock),
        test_with_place(test_walk),
        test_with_place(test_walk_order),
        test_with_place(test_walk_refuses),
        test_with_place(test_write),
        test_with_place(test_old_or_new),
        test_with_place(test_flush_and_sync),
        test_with_place(test_sweep),
        test_with_place(test_remove),
        test_with_place(test_place_is_a_folder),
        test_with_place(test_open_fails),
        test_with_place(test_no_descriptors_left),
        test_with_place(test_disk_full),
        test_with_place(test_write_fails),
        test_with_place(test_sync_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
