_schema_sync() {
    local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} command= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in init|install|export|import|diff|rollback|status|doctor|log|show|rm|hash|seal|hook|lock|merge-file|completion|help) command=${COMP_WORDS[i]}; break ;; esac
    done
    case "$command $last" in
        *' --directory') COMPREPLY=($(compgen -f -- "$word")); return ;;
        *' --config') COMPREPLY=($(compgen -f -- "$word")); return ;;
        *' --env') return ;;
        export' --only') return ;;
        import' --ref') return ;;
        import' --mode') COMPREPLY=($(compgen -W 'add merge mirror' -- "$word")); return ;;
        import' --only') return ;;
        import' --rows') return ;;
        import' --plan') COMPREPLY=($(compgen -f -- "$word")); return ;;
        import' --if-newer') COMPREPLY=($(compgen -W 'fail ok' -- "$word")); return ;;
        import' --backup') COMPREPLY=($(compgen -f -- "$word")); return ;;
        import' --wait') return ;;
        import' --marker') COMPREPLY=($(compgen -W 'sql none' -- "$word")); return ;;
        diff' --ref') return ;;
        diff' --mode') COMPREPLY=($(compgen -W 'add merge mirror' -- "$word")); return ;;
        diff' --only') return ;;
        diff' --format') COMPREPLY=($(compgen -W 'text json markdown' -- "$word")); return ;;
        diff' --out') COMPREPLY=($(compgen -f -- "$word")); return ;;
        diff' --rows') return ;;
        rollback' --to') return ;;
        rollback' --restore') COMPREPLY=($(compgen -f -- "$word")); return ;;
        rollback' --rows') return ;;
        rollback' --backup') COMPREPLY=($(compgen -f -- "$word")); return ;;
        rollback' --wait') return ;;
        status' --ref') return ;;
        log' --number') return ;;
        log' --since') return ;;
        log' --rows') return ;;
        log' --ref') return ;;
        show' --ref') return ;;
        hash' --ref') return ;;
        hash' --check') COMPREPLY=($(compgen -f -- "$word")); return ;;
        lock' --owner') return ;;
        merge-file' --marker-size') return ;;
        merge-file' --ours') return ;;
        merge-file' --theirs') return ;;
    esac
    local words='--directory --config --env --json --no-color --quiet --verbose --yes --help --version'
    case $command in
        init) words="--hooks $words" ;;
        install) words="--print-sql $words" ;;
        export) words="--only --check --merge --overwrite --commit $words" ;;
        import) words="--ref --mode --only --dry-run --rows --plan --allow-delete --allow-version --allow-diverged --if-newer --resume --backup --rollback-on-failure --again --wait --marker $words" ;;
        diff) words="--ref --mode --only --format --out --rows --allow-version --again $words" ;;
        rollback) words="--to --restore --resume --dry-run --allow-delete --allow-version --rows --backup --wait $words" ;;
        status) words="--ref --all --drift $words" ;;
        doctor) words="--allow-version $words" ;;
        log) words="--number --since --patch --rows --ref $words" ;;
        show) words="--ref $words" ;;
        rm) words="--dry-run $words" ;;
        hash) words="--ref --manifest --check $words" ;;
        lock) words="--release --owner $words" ;;
        merge-file) words="--marker-size --ours --theirs $words" ;;
        completion) words='bash zsh fish' ;;
        ''|help) [[ $word == -* ]] || words='init install export import diff rollback status doctor log show rm hash seal hook lock merge-file completion help' ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _schema_sync schema-sync
