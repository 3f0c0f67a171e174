# deleted-folder.sh COMMAND…    Runs it in a working folder that is no longer there.
folder=/tmp/gone.$$
mkdir "$folder" && cd "$folder" && rmdir "$folder" || exit 125
exec "$@"
