# Mounts what the table says into a root and runs a program there. Started by `unshare` in a mount namespace of its own.
# enter-root.sh MOUNT FSTAB UMASK CLOSED COMMAND…    (CLOSED: streams to close: "", "in", "out" or "in out")
mount=$1 fstab=$2 mask=$3 closed=$4
shift 4
"$mount" -a -T "$fstab" >&2 || exit 125
umask "$mask"
case $closed in
  in) "$@" <&- ;;
  out) "$@" >&- ;;
  'in out') "$@" <&- >&- ;;
  *) "$@" ;;
esac
