#!/bin/sh
# Starts plakar with the loader and the libraries beside it, whatever the system has. Needs nothing but this shell.
self=$0
while [ -h "$self" ] && target=$(readlink "$self" 2>&-); do
	case $target in
	/*) self=$target ;;
	*) self=${self%/*}/$target ;;
	esac
done
case $self in
*/*) lib=${self%/*}/lib ;;
*) lib=./lib ;;
esac
case $lib in
*[:\;]*)
	echo "plakar: the loader does not find libraries below a path with ':' or ';': $lib" >&2
	exit 1
	;;
esac
exec "$lib/@LOADER@" --library-path "$lib" --argv0 "$0" "$lib/plakar.bin" "$@"
