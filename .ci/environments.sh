# What .ci/run and .ci/releases share: Pythons, and environments with chosen releases. To be sourced, with $lint set to
# a folder of programs that has `uv`.

say() {
    printf '\n== %s (after %d s)\n' "$*" "$SECONDS"
}

# The Python of a version; one that does not run (a stand-in for another that is not chosen) is passed over.
python_of() {
    local found
    for found in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python3; do
        if "$found" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2> /dev/null; then
            echo "$found"
            return
        fi
    done
    return 1
}

# environment PYTHON FOLDER RESOLUTION: the lowest (lowest-direct) or the newest (highest) releases of all that
# pyproject.toml names; it prints what they are.
environment() {
    local python=$1 folder=$2 resolution=$3
    "$lint/uv" pip compile --quiet pyproject.toml --extra test --resolution "$resolution" --no-build \
        --python "$python" --output-file "$folder.txt" > /dev/null
    "$lint/uv" venv --quiet --python "$python" "$folder"
    "$lint/uv" pip install --quiet --python "$folder/bin/python" --no-build --requirement "$folder.txt"
    "$lint/uv" pip install --quiet --python "$folder/bin/python" --no-deps --editable .
    sed -n 's/^\([a-z].*==.*\)/\1/p' "$folder.txt" | tr '\n' ' '
    echo
}
