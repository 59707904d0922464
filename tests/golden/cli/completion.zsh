#compdef schema-sync
_schema_sync() {
    local state line
    local -a names=(
        'init:config, state folder, .gitattributes, merge driver, hooks'
        'install:marker columns on the target'
        'export:instance → files'
        'import:files → instance'
        'diff:what import would do; what differs between two commits'
        'rollback:back to a commit or tag'
        'status:files, git, marker and lock at a glance'
        'doctor:what an import would stumble over'
        'log:the commits that changed the state, and how'
        'show:one record of the files or of a commit'
        'rm:delete something on purpose, everywhere'
        'hash:content hash of the files'
        'seal:manifest and lineage for images without .git'
        'hook:what git'\''s hooks call'
        'lock:who holds the importers'\'' lock'
        'merge-file:what git'\''s merge driver calls'
        'completion:script for bash, zsh or fish'
        'help:all commands, or one explained'
    )
    _arguments -C \
        '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
        '--config=[The config file, instead of the search.]:FILE:_files' \
        '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
        '--json[One JSON document on stdout, also for errors.]' \
        '--no-color[No colours on a terminal.]' \
        '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
        '--verbose[Say on stderr what is asked and decided.]' \
        '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
        '--help[Explain the command.]' \
        '--version[Print the version.]' \
        '1: :->command' '*:: :->rest'
    case $state in
        command) _describe command names ;;
        rest) case $line[1] in
            init) _arguments \
                '--hooks[Also install git'\''s hooks pre-commit, post-merge and post-checkout beside those that stand; where husky, pre-commit or a folder of your own keeps them, say what to add.]' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            install) _arguments \
                '--print-sql[Print the SQL for a database administrator and do nothing.]' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            export) _arguments \
                '--only=[Only these parts, separated by commas\: sections (collections, folders, access, settings, translations, presets, dashboards, flows), a type of theirs (roles, permissions …) or chosen collections. Files of other parts stay as they are.]:LIST:' \
                '--check[Write nothing; list the files that would change and exit with 2 if there are any.]' \
                '--merge[When the files have moved on since this instance last saw them, write only what changed on the instance since, by record and field. What was changed differently on both sides is refused (76), nothing is written.]' \
                '--overwrite[Write even when the files have moved on since this instance last saw them\: their changes are then undone.]' \
                '--commit=-[Then commit the state folder as it stands, and nothing else\: other staged work stays staged. Without MSG the message says what changed. Nothing to commit is success.]::MSG:' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            import) _arguments \
                '--ref=[Take the state from a commit instead of the files\: a branch, a tag, HEAD~2 or a hash. It is read from git'\''s objects; the work tree is neither used nor touched.]:REV:' \
                '--mode=[add creates what is missing; merge (the default) also updates, and deletes only what removed.jsonl names; mirror also deletes all in scope that the files do not have. Replaces every mode of the configuration.]:mode:(add merge mirror)' \
                '--only=[Only these parts, separated by commas\: sections, a type of theirs or chosen collections, as for export. The marker is then left as it is.]:LIST:' \
                '--dry-run[Print the plan and write nothing.]' \
                '--rows=[How many new, changed and deleted rows of a collection the plan shows one by one\: 20 of each unless said otherwise; 0 only counts them, all keeps every one of them in memory.]:N|all:' \
                '--plan=[Apply exactly the plan that `schema-sync diff --out FILE` saved, or nothing. Mode and parts are the plan'\''s.]:FILE:_files' \
                '--allow-delete[Permit what loses data\: dropping tables and fields, deleting rows, deleting roles and policies that users hold. Without it such an import is refused before its first write.]' \
                '--allow-version[Go on when the files come from another Directus major version or another kind of database. What the target cannot hold is left out and named.]' \
                '--allow-diverged[Go on when git history does not say that these files come after the target'\''s state.]' \
                '--if-newer=[What a target with a newer state means\: fail (the default) exits with 76, ok with 0. Nothing is imported in either case.]:if-newer:(fail ok)' \
                '--resume[Import although a rollback of the target holds.]' \
                '--backup=[Save the state of the target into DIR/<environment>/<time>-<commit> before anything is written, without secrets.]:DIR:_files -/' \
                '--rollback-on-failure[When the import fails after it has begun to write, put back what was there before\: takes a backup first. The exit status stays the failure'\''s.]' \
                '--again[Compare everything, whatever the marker says\: finds changes made on the instance since.]' \
                '--wait=[How long to wait while another importer works on the target. Without it\: as long as that one is alive.]:SECONDS:' \
                '--marker=[sql (the default) keeps marker and lock in the target'\''s database; none goes on without a database\: every run compares everything, and nothing keeps two importers apart.]:marker:(sql none)' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            diff) _arguments \
                '--ref=[Take the state from a commit instead of the files\: a branch, a tag, HEAD~2 or a hash. It is read from git'\''s objects; the work tree is neither used nor touched.]:REV:' \
                '--mode=[add creates what is missing; merge (the default) also updates, and deletes only what removed.jsonl names; mirror also deletes all in scope that the files do not have. Replaces every mode of the configuration.]:mode:(add merge mirror)' \
                '--only=[Only these parts, separated by commas\: sections, a type of theirs or chosen collections, as for export. The marker is then left as it is.]:LIST:' \
                '--format=[text (the default) is for people, json is what --json prints, markdown fits a pull request'\''s comment.]:format:(text json markdown)' \
                '--out=[Also save the plan, for `schema-sync import --plan FILE`. The file holds no secret.]:FILE:_files' \
                '--rows=[How many new, changed and deleted rows of a collection the plan shows one by one\: 20 of each unless said otherwise; 0 only counts them, all keeps every one of them in memory.]:N|all:' \
                '--allow-version[Go on when the files come from another Directus major version or another kind of database. What the target cannot hold is left out and named.]' \
                '--again[Compare everything, whatever the marker says\: finds changes made on the instance since.]' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            rollback) _arguments \
                '--to=[The commit to go back to\: a tag, a branch, HEAD~2 or a hash. Without it the one whose state was applied before; where an import failed, the last one that was applied in full.]:REV:' \
                '--restore=[Instead of a commit\: put back a backup that an import or a rollback has taken. It holds as well.]:DIR:_files -/' \
                '--resume[End a rollback\: what was rolled back is imported again, and nothing holds any more.]' \
                '--dry-run[Print the plan and write nothing.]' \
                '--allow-delete[Permit what loses data\: tables, fields and rows that only the newer state has go with it.]' \
                '--allow-version[Go on when the files come from another Directus major version or another kind of database. What the target cannot hold is left out and named.]' \
                '--rows=[How many new, changed and deleted rows of a collection the plan shows one by one\: 20 of each unless said otherwise; 0 only counts them, all keeps every one of them in memory.]:N|all:' \
                '--backup=[Save the state of the target into DIR/<environment>/<time>-<commit> before anything is written, without secrets.]:DIR:_files -/' \
                '--wait=[How long to wait while an importer works on the target. Without it\: as long as that one is alive.]:SECONDS:' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            status) _arguments \
                '--ref=[Take the state from a commit instead of the files\: a branch, a tag, HEAD~2 or a hash. It is read from git'\''s objects; the work tree is neither used nor touched.]:REV:' \
                '--all[A line for every environment\: those of schema-sync.json, those that variables name (PROD_DIRECTUS_URL with PROD_DATABASE_URL), and the default one. One that does not answer is a line, too.]' \
                '--drift[Also read the instance, and tell what was changed there since the last import from what was changed in the files, by comparing both with what the marker says was applied (taken from git). Exits with 2 when the instance was changed.]' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            doctor) _arguments \
                '--allow-version[Go on when the files come from another Directus major version or another kind of database. What the target cannot hold is left out and named.]' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            log) _arguments \
                '--number=[At most so many commits.]:N|all:' \
                '--since=[Only commits after it\: 2026-05-01, "2 weeks ago".]:DATE:' \
                '--patch[Show what changed, field by field\: as with keys, or -v. Else only how many records of a kind.]' \
                '--rows=[How many new, changed and deleted rows of a collection the plan shows one by one\: 20 of each unless said otherwise; 0 only counts them, all keeps every one of them in memory.]:N|all:' \
                '--ref=[Take the state from a commit instead of the files\: a branch, a tag, HEAD~2 or a hash. It is read from git'\''s objects; the work tree is neither used nor touched.]:REV:' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            show) _arguments \
                '--ref=[Take the state from a commit instead of the files\: a branch, a tag, HEAD~2 or a hash. It is read from git'\''s objects; the work tree is neither used nor touched.]:REV:' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            rm) _arguments \
                '--dry-run[List what would go and what depends on it, and write nothing.]' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            hash) _arguments \
                '--ref=[Take the state from a commit instead of the files\: a branch, a tag, HEAD~2 or a hash. It is read from git'\''s objects; the work tree is neither used nor touched.]:REV:' \
                '--manifest[Print the digest of every file instead, in the form that `xxhsum -c` checks.]' \
                '--check=[Compare with a manifest printed earlier; list the files that differ and exit with 2 if there are any.]:FILE:_files' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            lock) _arguments \
                '--release[Free the lock of an importer that is gone.]' \
                '--owner=[Whose lock to free, as `schema-sync lock` shows it.]:ID:' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            merge-file) _arguments \
                '--marker-size=[Length of a conflict'\''s marks (git'\''s %L), 7 when not given.]:N:' \
                '--ours=[What our side is called in a conflict (git'\''s %X).]:LABEL:' \
                '--theirs=[What their side is called in a conflict (git'\''s %Y).]:LABEL:' \
                '--directory=[Work as if started in DIR\: schema-sync.json is searched there and upwards.]:DIR:_files -/' \
                '--config=[The config file, instead of the search.]:FILE:_files' \
                '--env=[The named environment, for example prod\: its settings in the config file, and variables that begin with PROD_.]:NAME:' \
                '--json[One JSON document on stdout, also for errors.]' \
                '--no-color[No colours on a terminal.]' \
                '--quiet[No notes and no progress on stderr; warnings and errors stay.]' \
                '--verbose[Say on stderr what is asked and decided.]' \
                '--yes[Do not ask for the name of a protected environment. Never permits a deletion.]' \
                '--help[Explain the command.]' \
                '--version[Print the version.]' ;;
            help) _describe command names ;;
            completion) _values shell bash zsh fish ;;
        esac ;;
    esac
}
if [ "$funcstack[1]" = _schema_sync ]; then
    _schema_sync "$@"
else
    compdef _schema_sync schema-sync
fi
