#!/bin/sh
# The daemon of the dev image: compiled once, then started, and restarted after each compile of a changed source.
# `exec` makes Node the process that gets the stop signal; the compiler ends with the container.
tsc -b packages/daemon || echo 'dev: does not compile yet; waiting for a change' >&2
tsc -b packages/daemon --watch --preserveWatchOutput &
exec node --watch --watch-preserve-output packages/daemon/dist/main.js "$@"
