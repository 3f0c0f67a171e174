# with-streams.sh UMASK CLOSED COMMAND…    (CLOSED: streams to close: "", "in", "out" or "in out")
mask=$1 closed=$2
shift 2
umask "$mask"
case $closed in
  in) exec "$@" <&- ;;
  out) exec "$@" >&- ;;
  'in out') exec "$@" <&- >&- ;;
esac
exec "$@"
